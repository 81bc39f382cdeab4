import Platform
import Record
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What the program inherits from the one that starts it: signals, descriptors, settings.
struct ParentTests {
    private static let few = smallProblem + ["--trials", "2", "--warmup", "0", "--replicates", "1"]
    private static let endless =
        ["scale", "--workers", "1,2", "--record", "r.json", "--quiet", "--trials", "1000000"]
        + smallProblem

    /// Starts the program from a shell that first does something to itself.
    private static func start(
        after deed: String,
        _ arguments: [String],
        in folder: borrowing TemporaryFolder
    ) throws -> RunningProgram {
        try RunningProgram(
            "bash",
            ["-c", "\(deed); exec \"$@\"", "bash", Headwise.path] + arguments,
            environment: Headwise.settings(folder, [:]),
            folder: folder.path
        )
    }

    private static func startAndWait(
        after deed: String,
        in folder: borrowing TemporaryFolder
    ) throws -> RunningProgram {
        let program = try start(after: deed, endless, in: folder)
        let record = folder.file("r.json")
        try #require(program.wait(atMost: .seconds(30)) { byteCount(of: record) > 0 })
        return program
    }

    /// Runs a script in which the program is `sys.argv[1:]`.
    private static func runPython(
        _ script: String,
        _ arguments: [String],
        in folder: borrowing TemporaryFolder
    ) throws -> Ending {
        let ending = try Python.run(script, [Headwise.path] + arguments, in: folder)
        #expect(!ending.leftProcesses, ending.summary)
        #expect(try folder.socketFolders.isEmpty, ending.summary)
        return ending
    }

    @Test(.enabled(if: Python.hasTerminals), arguments: [1, 2])
    func `a parent that ignores SIGCHLD hides no worker's end`(_ workers: Int) throws {
        let folder = try TemporaryFolder()
        let ending = try Self.runPython(
            Self.ignoringChildren,
            ["run", "--workers", "\(workers)", "--record", "r.json", "--quiet"]
                + ["--inject-fault", "0:die:1"] + Self.few,
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let point = try #require(try RunRecord.read(folder.file("r.json")).points.first)
        #expect(!point.faults.isEmpty)
        for fault in point.faults { #expect(fault.reason.contains("signal 9"), "\(fault)") }
    }

    private static let ignoringChildren = """
        import os, signal, sys
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        os.execv(sys.argv[1], sys.argv[1:])
        """
    private static let hasGnuplot =
        PipedProcess.find("gnuplot", path: PipedProcess.environmentPath) != nil
    private static let drawing = ["mask", "--mask", "causal", "--picture", "p.svg", "--quiet"]

    @Test(.enabled(if: Python.hasTerminals && hasGnuplot))
    func `a parent that ignores SIGCHLD hides no picture`() throws {
        let folder = try TemporaryFolder()
        let ending = try Self.runPython(Self.ignoringChildren, Self.drawing, in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(try folder.names == ["p.csv", "p.gnuplot", "p.svg"])
    }

    @Test(.enabled(if: Python.hasTerminals))
    func `a parent that ignores SIGCHLD hides no failure of gnuplot`() throws {
        let folder = try TemporaryFolder()
        let made = try Headwise.runShell(
            "mkdir bin; printf '#!/bin/sh\\nexit 3\\n' >bin/gnuplot; chmod +x bin/gnuplot",
            in: folder
        )
        #expect(made.kind == .exited(0), made.summary)
        let path = "import os, sys\nos.environ['PATH'] = '\(folder.path)/bin:/usr/bin:/bin'\n"
        let ending = try Self.runPython(
            path + Self.ignoringChildren,
            Self.drawing,
            in: folder
        )
        #expect(ending.kind == .exited(40), ending.summary)
        #expect(ending.errorLines.contains { $0.contains("gnuplot") && $0.contains("3") })
        #expect(try !folder.names.contains("p.svg"))
    }

    @Test(arguments: [
        ("INT", SIGINT, SIGTERM), ("TERM", SIGTERM, SIGINT), ("INT TERM", SIGINT, SIGHUP),
        ("INT TERM", SIGTERM, SIGHUP),
    ])
    func `a signal that the parent ignores stays ignored`(
        _ ignored: String,
        _ signal: Int32,
        _ other: Int32
    ) throws {
        let folder = try TemporaryFolder()
        let program = try Self.startAndWait(after: "trap '' \(ignored)", in: folder)
        for isForFamily in [false, true] { program.send(signal, toFamily: isForFamily) }
        program.send(other)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(128 + other), ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        let record = try RunRecord.read(folder.file("r.json"))
        #expect(record.points.allSatisfy { $0.faults.isEmpty })
    }

    @Test(.enabled(if: Python.hasTerminals))
    func `no descriptor takes the number of a closed standard stream`() throws {
        let folder = try TemporaryFolder()
        let script = """
            import os, select, signal, sys, time
            child = os.fork()
            if child == 0:
                for number in range(3): os.close(number)
                os.execv(sys.argv[1], sys.argv[1:])
            limit = time.monotonic() + 30
            while not (os.path.exists("r.json") and os.path.getsize("r.json")):
                assert time.monotonic() < limit
                select.select([], [], [], 0.01)
            family = [child]
            for line in open(f"/proc/{child}/task/{child}/children").read().split():
                family.append(int(line))
            assert len(family) > 3, family
            for process in family:
                for number in range(3):
                    path = os.readlink(f"/proc/{process}/fd/{number}")
                    kind = path.split(":")[0]
                    assert path == "/dev/null" or kind == "pipe", (process, number, path)
            os.kill(child, signal.SIGINT)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """
        let ending = try Self.runPython(script, Self.endless, in: folder)
        // The table has no place to go; the record is kept, and knows what ended the run.
        #expect(ending.kind == .exited(40), ending.summary)
        #expect(try RunRecord.read(folder.file("r.json")).exitCode == 130)
    }

    @Test(arguments: [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
    func `a result that finds standard output closed is an error, and its record is kept`(
        _ closed: String
    ) throws {
        let folder = try TemporaryFolder()
        let words = ["run", "--workers", "2", "--record", "r.json", "--quiet"] + Self.few
        let line = "headwise \(words.joined(separator: " "))"
        let ending = try Headwise.runShell("(\(line) \(closed))", in: folder)
        #expect(ending.kind == .exited(40), ending.summary)
        if !closed.contains("2>&-") {
            expectOneSentence(ending, naming: ["standard output", "r.json"])
        }
        #expect(try RunRecord.read(folder.file("r.json")).exitCode == 0)
        #expect(try folder.names == ["r.json"])
    }

    @Test func `errors go nowhere when standard error is closed`() throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.runShell("headwise run --workers 0 2>&-", in: folder)
        #expect(ending.kind == .exited(64), ending.summary)
        #expect(ending.outputBytes.isEmpty && ending.errorBytes.isEmpty, ending.summary)
    }

    @Test func `inherited descriptors are not handed to workers`() throws {
        let folder = try TemporaryFolder()
        let program = try Self.startAndWait(after: "exec 3</dev/zero 57</dev/zero", in: folder)
        let children = program.children
        #expect(children.count >= 5)
        for child in children {
            for number in 0..<100 {
                #expect(link("/proc/\(child)/fd/\(number)") != "/dev/zero", "\(number)")
            }
        }
        program.send(SIGINT)
        #expect(program.finish(within: .seconds(20)).kind == .exited(130))
    }

    @Test(arguments: ["C", "POSIX", "de_DE.UTF-8", "xx_XX.ISO-8859-1"])
    func `a locale changes no record and no table in a file`(_ locale: String) throws {
        let folder = try TemporaryFolder()
        let ending = try Headwise.run(
            ["run", "--workers", "2", "--record", "é.json", "--quiet"] + Self.few,
            in: folder,
            environment: ["LC_ALL": locale, "LC_NUMERIC": locale]
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(try folder.names == ["é.json"])
        var tables: [[UInt8]] = []
        for name in [locale, "en_US.UTF-8"] {
            let shown = try Headwise.run(
                ["report", "é.json", "--format", "markdown"],
                in: folder,
                environment: ["LC_ALL": name, "LC_NUMERIC": name]
            )
            #expect(shown.kind == .exited(0), shown.summary)
            tables.append(shown.outputBytes)
        }
        #expect(tables[0] == tables[1])
    }

    private static let hasLocaleMaker = Confinement.works(
        "command -v localedef && test -e /usr/share/i18n/locales/de_DE"
    )

    /// The locale is made here: few machines have one with decimal commas.
    @Test(.enabled(if: hasLocaleMaker, "localedef or its sources are missing"))
    func `a locale with decimal commas changes no page and no picture`() throws {
        let folder = try TemporaryFolder()
        let made = try Headwise.runShell(
            "localedef -i de_DE -f UTF-8 \"$PWD/de_DE.UTF-8\"",
            in: folder
        )
        #expect(made.kind == .exited(0), made.summary)
        let record = "\(PackageFolder.path)/results/kernel-avx2.json"
        var pages: [[UInt8]] = []
        for name in ["de_DE.UTF-8", "C.UTF-8"] {
            let ending = try Headwise.run(
                ["report", record, "-o", "-", "--keep-plots", "plots-\(name)", "--quiet"],
                in: folder,
                environment: ["LOCPATH": folder.path, "LC_ALL": name]
            )
            #expect(ending.kind == .exited(0), ending.summary)
            pages.append(ending.outputBytes)
        }
        #expect(!pages[0].isEmpty && pages[0] == pages[1])
    }

    @Test(arguments: [
        "/nonexistent", "file", "/proc", "/sys", ".", "", "/dev/null",
        "/" + String(repeating: "long", count: 40),
    ])
    func `a TMPDIR that cannot hold the socket is passed over`(_ place: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("file", "")
        let ending = try Headwise.run(
            ["run", "--workers", "1", "--record", "none", "--quiet"] + Self.few,
            in: folder,
            environment: [
                "TMPDIR": place == "file" ? folder.file("file") : place, "XDG_RUNTIME_DIR": "",
            ]
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(try folder.names == ["file"])
    }

    @Test func `a pause of the whole run has no time and is nobody's fault`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            ["run", "--workers", "2", "--record", "r.json", "--quiet", "--trials", "1000000"]
                + ["--batch", "2", "--heads", "8", "--length", "512"],
            in: folder
        )
        let record = folder.file("r.json")
        try #require(program.wait(atMost: .seconds(60)) { byteCount(of: record) > 0 })
        // Some pauses come between two trials.
        let isSeen = program.wait(atMost: .seconds(60)) {
            program.send(SIGSTOP, toFamily: true)
            // On a busy machine it takes a while until they get the processor to stop at all.
            let isStopped = program.wait(atMost: .seconds(30)) {
                ([program.processIdentifier] + program.children).allSatisfy(isStoppedOrGone)
            }
            _ = program.run(for: .milliseconds(1500))
            program.send(SIGCONT, toFamily: true)
            guard isStopped else { return false }
            _ = program.run(for: .milliseconds(300))
            return Self.pausedTrials(record) > 1
        }
        #expect(isSeen)
        program.send(SIGINT)
        let ending = program.finish(within: .seconds(30))
        #expect(ending.kind == .exited(130), ending.summary)
        let kept = try RunRecord.read(record)
        #expect(kept.points.allSatisfy { $0.faults.isEmpty })
        // Without pauses a trial takes milliseconds.
        let walls =
            kept.baseCases.flatMap(\.samplesNanoseconds)
            + kept.points.flatMap { $0.samples.map(\.wallNanoseconds) }
        #expect(walls.allSatisfy { $0 < 1_400_000_000 }, "\(walls.max() ?? 0)")
    }

    private static func pausedTrials(_ path: String) -> Int {
        // While it is written again, it may be absent.
        guard let record = try? RunRecord.read(path) else { return 0 }
        return record.baseCases.reduce(0) { $0 + ($1.pausedTrials ?? 0) }
            + record.points.reduce(0) { $0 + ($1.pausedTrials ?? 0) }
    }
}

/// Whether a process is stopped by a signal, or has ended.
private func isStoppedOrGone(_ process: Int32) -> Bool {
    // The name before the state may hold spaces and brackets.
    guard let text = contents(of: "/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else {
        return true
    }
    let state = text[end...].dropFirst(2).first
    return state == "T" || state == "Z"
}

/// What a symbolic link points to; nil if there is none.
private func link(_ path: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &bytes, bytes.count)
    guard count >= 0 else { return nil }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
