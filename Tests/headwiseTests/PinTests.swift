import FoundationEssentials
import Plan
import Platform
import Record
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// On which processors compute threads run.
@Suite(.serialized) struct PinTests {
    private static let allowed = Affinity.allowedProcessors
    private static let hasTwo = allowed.count >= 2 && Affinity.obstacle == nil
    private static let needsTwo = "this process may not use two processors of its choice"

    private static let endless = smallProblem + ["--trials", "1000000", "--warmup", "0"]

    /// The processors that a thread may run on, as the system writes them; nil if it has ended.
    private static func place(_ thread: String) -> String? {
        let status = contents(of: "/proc/\(thread)/status") ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
        return line.map { String($0.dropFirst(18).drop(while: \.isWhitespace)) }
    }

    /// The places of all threads of a process, without repetitions; nil if one has ended meanwhile.
    private static func places(ofProcess process: Int32) -> Set<String>? {
        guard let tasks = try? TemporaryFolder.names(in: "/proc/\(process)/task") else {
            return nil
        }
        let places = tasks.map { place("\(process)/task/\($0)") }
        return places.contains(nil) ? nil : Set(places.compactMap { $0 })
    }

    /// Runs with the flags until `isRight` holds of its workers and base cases, and ends it; returns
    /// its record.
    private static func observe(
        _ flags: [String],
        in folder: borrowing TemporaryFolder,
        isRight: (_ workers: [Set<String>], _ baseCases: [Set<String>]) -> Bool
    ) throws -> RunRecord {
        let record = folder.file("r.json")
        let run = try Headwise.start(["run", "--record", record] + flags + endless, in: folder)
        var seen = (workers: [Set<String>](), baseCases: [Set<String>]())
        let isSeen = run.wait(atMost: .seconds(60)) {
            seen = (
                run.workers.compactMap { places(ofProcess: $0) },
                run.baseCases.compactMap { places(ofProcess: $0) }
            )
            // Half a record has no pinning yet.
            return isRight(seen.workers, seen.baseCases)
                && (try? RunRecord.read(record))?.pinning != nil
        }
        #expect(isSeen, "\(seen)")
        run.send(SIGINT)
        let ending = run.finish()
        #expect(ending.kind == .exited(130), ending.summary)
        return try RunRecord.read(record)
    }

    @Test(.enabled(if: hasTwo, "\(needsTwo)"))
    func `threads take the processors of a list in its order`() throws {
        let folder = try TemporaryFolder()
        let (first, last) = (try #require(Self.allowed.first), try #require(Self.allowed.last))
        let record = try Self.observe(
            ["--workers", "2", "--pin", "\(last),\(first)"],
            in: folder
        ) { workers, baseCases in
            workers == [["\(last)"], ["\(first)"]]
                && baseCases.contains(["\(last)"])
                && baseCases.contains(["\(first)", "\(last)"])
        }
        #expect(record.pinning?.processors == [last, first])
        #expect(record.plan.pin == .processors([last, first]))
    }

    @Test(.enabled(if: hasTwo, "\(needsTwo)"))
    func `more workers share the processors of a list, and that is said`() throws {
        let folder = try TemporaryFolder()
        let last = try #require(Self.allowed.last)
        let ending = try Headwise.run(
            ["run", "--workers", "2", "--pin", "\(last)", "--record", "r.json"] + smallProblem
                + fewTrials,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(ending.errorLines.contains { $0.contains("2 workers") }, ending.summary)
        let record = try RunRecord.read(folder.file("r.json"))
        #expect(record.pinning?.processors == [last])
        #expect(record.warnings?.contains { $0.kind == .oversubscription } == true)
        #expect(ending.output.contains("on processor \(last)"), ending.summary)
    }

    @Test func `no thread is pinned if none is to be`() throws {
        let folder = try TemporaryFolder()
        let own: Set = [try #require(Self.place("self"))]
        let record = try Self.observe(["--workers", "1", "--pin", "none"], in: folder) {
            workers,
            baseCases in
            workers == [own] && !baseCases.isEmpty && baseCases.allSatisfy { $0 == own }
        }
        #expect(record.pinning?.processors == [])
        #expect(record.pinning?.obstacle?.contains("--pin none") == true)
        let report = try Headwise.run(["report", "r.json", "--format", "markdown"], in: folder)
        #expect(report.output.contains("not pinned"), report.summary)
    }

    @Test(arguments: [
        BadInput("run --pin x", names: "--pin x", "auto", "none"),
        BadInput("run --pin 0,0", names: "--pin 0,0", "processor 0 twice"),
        BadInput("scale --pin 3-1", names: "--pin 3-1"),
        BadInput("run --pin 0,", names: "--pin 0,"),
        BadInput(
            "run --plan @p.json",
            names: "--pin 1-",
            files: ["p.json": Array(#"{"schema":"headwise.plan/1","pin":"1-"}"#.utf8)]
        ),
    ])
    func `a bad list is refused`(_ input: BadInput) throws { try input.check() }

    @Test(.enabled(if: !allowed.contains(1023), "this machine has 1024 processors"))
    func `a processor that this process may not use is refused`() throws {
        try BadInput(
            "run --pin 1023",
            code: 40,
            names: "--pin 1023",
            Affinity.obstacle == nil ? "\(Self.allowed[0])" : "auto"
        ).check()
    }

    @Test func `a plan may name every processor that a thread can be pinned to`() {
        #expect(PinSpecification.largestProcessor == Affinity.largestProcessor)
    }

    // MARK: Several runs

    private static let alone = "unshare --net"

    /// In a network namespace of their own, and on two processors, no other run is in their way.
    @Test(
        .enabled(if: hasTwo, "\(needsTwo)"),
        .enabled(if: Confinement.works("\(alone) true"), "this process cannot have its own network")
    )
    func `runs at once take different processors, and share what is left`() throws {
        let folder = try TemporaryFolder()
        let (first, second) = (Self.allowed[0], Self.allowed[1])
        let run = "'\(Headwise.path)' run --quiet \(smallProblem.joined(separator: " "))"
        let short = fewTrials.joined(separator: " ")
        try folder.write(
            "runs.sh",
            """
            set -e
            \(run) --workers 1 --trials 1000000 --warmup 0 --record a.json &
            while kill -0 $! && ! grep -qs '"pinning"' a.json; do :; done
            \(run) --workers 1 \(short) --record b.json
            \(run) --workers 2 \(short) --record c.json
            kill -KILL $!
            wait $! || true
            \(run) --workers 2 \(short) --record d.json
            """
        )
        let ending = try Headwise.runShell(
            "taskset -c \(first),\(second) \(Self.alone) bash runs.sh",
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        func record(_ name: String) throws -> RunRecord { try .read(folder.file(name)) }
        let took = try #require(try record("a.json").pinning?.processors.first)
        let free = took == first ? second : first
        for (name, processors, shared) in [
            ("a.json", [took], nil), ("b.json", [free], nil), ("c.json", [free, took], [took]),
            ("d.json", [first, second], [Int]?.none),
        ] {
            let record = try record(name)
            #expect(record.pinning?.processors.sorted() == processors.sorted(), "\(name)")
            #expect(record.pinning?.shared == shared, "\(name)")
            let warns = record.warnings?.contains { $0.kind == .sharedProcessors } ?? false
            #expect(warns == (shared != nil), "\(name)")
        }
    }

    @Test(.enabled(if: hasTwo, "\(needsTwo)"))
    func `a side of a comparison takes what it is given`() throws {
        let folder = try TemporaryFolder()
        let last = try #require(Self.allowed.last)
        try folder.write(
            "p.json",
            #"{"schema":"headwise.plan/1","batch":2,"heads":2,"length":128,"workers":[1]}"#
        )
        let ending = try Headwise.runShell(
            """
            mkfifo requests
            HEADWISE_PROCESSORS=\(last) '\(Headwise.path)' trials --plan p.json <requests >out &
            exec 3>requests
            while kill -0 $! && ! grep -q ready out; do :; done
            for worker in $(cat /proc/$!/task/$!/children); do
                grep -h Cpus_allowed_list /proc/$worker/task/*/status >>places
            done
            exec 3>&-
            wait $!
            """,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let places = String(decoding: try folder.bytes("places"), as: UTF8.self)
        #expect(
            Set(places.split(separator: "\n")) == ["Cpus_allowed_list:\t\(last)"],
            "\(places)"
        )
    }
}
