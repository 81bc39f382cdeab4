import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Plans and programs, compared by the real program.
struct CompareTests {
    static let plan =
        #"{"schema":"headwise.plan/1","batch":2,"heads":2,"length":128,"headDimension":32,"#
    static let onTwo = plan + #""workers":[2]}"#
    /// Flags of the shortest comparison.
    static let short = ["--budget", "0.001", "--replicates", "2"]

    /// The record of a comparison of plan `a.json` with `b.json`.
    private static func compare(
        _ first: String,
        _ second: String,
        _ flags: [String],
        in folder: borrowing TemporaryFolder
    ) throws -> (Ending, JSONValue) {
        try folder.write("a.json", first)
        try folder.write("b.json", second)
        let ending = try Headwise.run(
            ["compare", "a.json", "b.json", "--record", "r.json", "--format", "json", "--quiet"]
                + flags,
            in: folder
        )
        return (ending, try JSONValue(file: folder.file("r.json")))
    }

    @Test func `a plan is compared with itself in turns`() throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.compare(
            Self.plan + #""workers":[1,2]}"#,
            Self.plan + #""workers":[2,1]}"#,
            ["--budget", "1", "--seed", "5"],
            in: folder
        )
        // On a busy machine, equal plans may seem different.
        #expect([0, 20, 22].contains(ending.code ?? -1), ending.summary)
        #expect(ending.errors.isEmpty)
        #expect(try folder.bytes("r.json") == ending.outputBytes)
        #expect(record["schema"] == .text("headwise.compare/2"))
        #expect(record["form"] == .text("plans"))
        #expect(record["exitCode"]?.number == ending.code.map { Double($0) })
        #expect(record["rule.seed"]?.number == 5)
        #expect(record["rule.threshold"]?.number == 0.02)
        #expect(record["rule.meanThreshold"]?.number == 0.05)
        #expect(record["rule.percentile90Threshold"]?.number == 0.1)
        #expect(record["warnings"]?.list != nil)
        for side in ["first", "second"] {
            #expect(record["\(side).verification"] == .text("AGREES"))
            #expect(record["\(side).version"] == .text("headwise 0.1.0"))
            #expect(record["\(side).plan.heads"]?.number == 2)
        }
        #expect(record["first.outputChecksum"] == record["second.outputChecksum"])
        let points = try #require(record["points"]?.list)
        #expect(points.map { $0["workers"]?.number } == [1, 2])
        for point in points {
            let first = try #require(point["firstNanoseconds"]?.list)
            let second = try #require(point["secondNanoseconds"]?.list)
            #expect((5...32).contains(first.count))
            #expect(first.map { $0.list?.count } == second.map { $0.list?.count })
            #expect(first.allSatisfy { !($0.list ?? []).isEmpty })
            let statistics = try #require(point["statistics"]?.list)
            #expect(
                statistics.map { $0["statistic"]?.text } == ["fastEnd", "mean", "percentile90"]
            )
            for statistic in statistics {
                #expect(statistic["comparison.ratio"]?.number != nil)
                #expect(statistic["comparison.lowerBound"]?.number != nil)
            }
        }
    }

    /// On a busy machine, even a tenfold time may stay ambiguous; no other verdict is allowed.
    @Test func `a side that takes ten times as long is slower`() throws {
        let folder = try TemporaryFolder()
        let large =
            #"{"schema":"headwise.plan/1","batch":2,"heads":4,"length":512,"workers":[2]}"#
        try folder.write("p.json", large)
        for attempt in 1...6 {
            let record = "r\(attempt).json"
            let ending = try Headwise.run(
                [
                    "compare", "p.json", "p.json", "--budget", "4", "--record", record,
                    "--with-fault", "0:slow:900", "--with-fault", "1:slow:900",
                ],
                in: folder
            )
            #expect(ending.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
            #expect(ending.errors == "record: \(record)\n")
            if ending.kind == .exited(22), attempt < 6 { continue }
            #expect(ending.kind == .exited(20), ending.summary)
            let kept = try JSONValue(file: folder.file(record))
            // One of the times is enough for the exit code; the others may stay ambiguous.
            let verdicts = (0..<3).compactMap {
                kept["points[0].statistics[\($0)].comparison.verdict"]?.text
            }
            #expect(verdicts.count == 3 && verdicts.contains("slower"), ending.summary)
            #expect(Set(verdicts).isSubset(of: ["slower", "ambiguous"]), ending.summary)
            #expect(ending.output.contains("slower"), ending.summary)
            return
        }
    }

    /// Most trials do not stall, so the fast end does not change.
    ///
    /// On a busy machine, the replicates need more trials: each attempt doubles the time.
    @Test(arguments: isThorough ? ["stall:300", "stall:10"] : ["stall:300"])
    func `a side that stalls now and then is slower except at its fast end`(fault: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "p.json",
            #"{"schema":"headwise.plan/1","batch":1,"heads":1,"length":1024,"workers":[1]}"#
        )
        for attempt in 1...5 {
            let record = "r\(attempt).json"
            let ending = try Headwise.run(
                [
                    "compare", "p.json", "p.json", "--budget", "\(2 << attempt)", "--quiet",
                    "--record", record, "--with-fault", "0:\(fault)",
                ],
                in: folder
            )
            let kept = try JSONValue(file: folder.file(record))
            let statistics = try #require(kept["points[0].statistics"]?.list)
            let verdicts = statistics.map { $0["comparison.verdict"]?.text }
            let isFound =
                ending.kind == .exited(20) && verdicts[0] != "slower"
                && verdicts.dropFirst() == ["slower", "slower"]
            if !isFound, attempt < 5 { continue }
            #expect(isFound, "\(verdicts)\n\(ending.summary)")
            return
        }
    }

    @Test func `--with measures B by another program and names it`() throws {
        let folder = try TemporaryFolder()
        try folder.write("p.json", Self.onTwo)
        let ending = try Headwise.run(
            ["compare", "p.json", "--with", Headwise.path, "--format", "markdown"] + Self.short,
            in: folder
        )
        #expect([0, 20, 22].contains(ending.code ?? -1), ending.summary)
        let program = Headwise.path.replacing("_", with: "\\_")
        #expect(ending.output.contains(program), ending.summary)
        #expect(ending.output.contains("| ---: |"))
        let names = try TemporaryFolder.names(in: folder.file("results"))
        #expect(names.count == 1)
        #expect(names[0].hasSuffix("-compare.json"))
    }

    @Test func `the record notes the keys in which plans differ`() throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.compare(
            Self.onTwo,
            Self.plan + #""workers":[2],"plane":"inline","split":"rows"}"#,
            Self.short,
            in: folder
        )
        #expect([0, 20, 22].contains(ending.code ?? -1), ending.summary)
        let note = try #require(record["notes[0]"]?.text)
        for word in ["split", "auto", "rows", "plane", "resident", "inline", "shared", "messages"] {
            #expect(note.contains(word), "\(word): \(note)")
        }
        for key in ["heads", "schedule", "transport", "ipc", "workers"] {
            #expect(!note.contains(key), "\(key): \(note)")
        }
    }

    @Test func `compare-rates counts the outcomes of a file`() throws {
        let folder = try TemporaryFolder()
        try folder.write("p.json", Self.onTwo)
        for index in 0..<2 {
            let ending = try Headwise.run(
                ["compare", "p.json", "p.json", "--append-outcome", "o.jsonl", "--quiet"]
                    + ["--record", "r\(index).json"] + Self.short,
                in: folder
            )
            #expect([0, 20, 22].contains(ending.code ?? -1), ending.summary)
        }
        let ending = try Headwise.run(
            ["compare-rates", "o.jsonl", "--plan", "p.json", "--record", "rates.json"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let rates = try JSONValue(file: folder.file("rates.json"))
        #expect(rates["schema"] == .text("headwise.compare-rates/1"))
        #expect(rates["counts[0].runs"]?.number == 2)
        #expect(rates["plan.heads"]?.number == 2)
        let other = try Headwise.run(
            ["compare-rates", "p.json", "--plan", "p.json", "--record", "x.json"],
            in: folder
        )
        #expect(other.kind == .exited(64), other.summary)
        expectOneSentence(other, naming: ["p.json, line 1"])
    }

    @Test(
        arguments: [
            ("1:corrupt:3", 10), ("1:die:3", 31), ("0:skip:1", 10), ("0:stale:2", 12),
        ] as [(String, Int32)]
    )
    func `a fault of one side ends the comparison with the exit code of the fault`(
        fault: String,
        code: Int32
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write("p.json", Self.onTwo)
        let ending = try Headwise.run(
            ["compare", "p.json", "p.json", "--record", "r.json", "--with-fault", fault, "--quiet"]
                + Self.short,
            in: folder
        )
        #expect(ending.kind == .exited(code), ending.summary)
        expectOneSentence(ending, naming: ["B: "])
        // No replicate was finished, so no record is kept.
        #expect(try folder.names == ["p.json"])
    }

    @Test(arguments: [SIGINT, SIGTERM], [0, 5, 20, 60, 120, 250])
    func `a signal at any moment leaves nothing behind`(_ signal: Int32, _ delay: Int) throws {
        let folder = try TemporaryFolder()
        try folder.write("p.json", Self.onTwo)
        let program = try Headwise.start(
            ["compare", "p.json", "p.json", "--budget", "1000", "--record", "r.json", "--quiet"],
            in: folder
        )
        _ = program.run(for: .milliseconds(delay))
        program.send(signal, toFamily: true)
        let ending = program.finish(within: .seconds(20))
        // A signal before the handlers are installed kills the program.
        let isAllowed =
            ending.kind == .exited(128 + signal) || ending.kind == .killed(signal: signal)
        #expect(isAllowed, ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        #expect(try folder.socketFolders.isEmpty)
    }

    /// A Ctrl-C at a terminal does not reach the program of a side.
    @Test(arguments: [SIGINT, SIGTERM], [false, true])
    func `a signal ends a foreign program and its children`(
        _ signal: Int32,
        _ isForFamily: Bool
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write("p.json", Self.onTwo)
        let made = try Headwise.runShell(
            """
            printf '#!/bin/bash\nwhile :; do read -t 600 <> <(:); done &\n: >hung; wait\n' >hang
            chmod +x hang
            """,
            in: folder
        )
        #expect(made.kind == .exited(0), made.summary)
        let program = try Headwise.start(
            ["compare", "p.json", "--with", "./hang", "--record", "r.json", "--quiet"],
            in: folder
        )
        let hung = folder.file("hung")
        try #require(program.wait(atMost: .seconds(30)) { access(hung, F_OK) == 0 })
        program.send(signal, toFamily: isForFamily)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(128 + signal), ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        expectOneSentence(ending, naming: [])
    }

    @Test func `what was measured before a signal is kept`() throws {
        let folder = try TemporaryFolder()
        try folder.write("p.json", Self.onTwo)
        let program = try Headwise.start(
            [
                "compare", "p.json", "p.json", "--budget", "50", "--replicates", "1000",
                "--record", "r.json",
            ],
            in: folder
        )
        let record = folder.file("r.json")
        try #require(program.wait(atMost: .seconds(30)) { byteCount(of: record) > 0 })
        program.send(SIGINT)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(130), ending.summary)
        expectOneSentence(ending, naming: ["Ctrl-C", "r.json"])
        #expect(ending.output.contains("UNFINISHED"), ending.summary)
        let kept = try JSONValue(file: record)
        #expect(kept["exitCode"]?.number == 130)
        #expect(kept["verdict.status"] == .text("UNFINISHED"))
        #expect(kept["points[0].firstNanoseconds"]?.list?.isEmpty == false)
    }

    @Test func `both sides end with a comparison that was killed`() throws {
        let folder = try TemporaryFolder()
        try folder.write("p.json", Self.onTwo)
        let program = try Headwise.start(
            [
                "compare", "p.json", "p.json", "--budget", "50", "--replicates", "1000",
                "--record", "r.json", "--quiet",
            ],
            in: folder
        )
        let record = folder.file("r.json")
        try #require(program.wait(atMost: .seconds(30)) { byteCount(of: record) > 0 })
        program.send(SIGKILL)
        let ending = program.finish()
        #expect(ending.kind == .killed(signal: SIGKILL))
        #expect(!ending.leftProcesses, ending.summary)
    }
}
