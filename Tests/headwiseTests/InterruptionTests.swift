import Record
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Runs that a signal ends, SIGKILL too.
struct InterruptionTests {
    /// Arguments of a run that never ends.
    private static let endless =
        ["scale", "--workers", "1,2", "--record", "r.json", "--quiet", "--trials", "1000000"]
        + smallProblem

    private static func startAndWait(
        _ flags: [String] = [],
        in folder: borrowing TemporaryFolder
    ) throws -> RunningProgram {
        let program = try Headwise.start(endless + flags, in: folder)
        let record = folder.file("r.json")
        try #require(program.wait(atMost: .seconds(30)) { byteCount(of: record) > 0 })
        return program
    }

    private static let names: [Int32: String] = [
        SIGINT: "Ctrl-C", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP",
    ]

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], [false, true])
    func `a signal ends the workers and keeps what was measured`(
        _ signal: Int32,
        _ isForFamily: Bool
    ) throws {
        let folder = try TemporaryFolder()
        let program = try Self.startAndWait(in: folder)
        // A Ctrl-C at a terminal reaches every process of the run.
        program.send(signal, toFamily: isForFamily)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(128 + signal), ending.summary)
        #expect(!ending.leftProcesses)
        #expect(try folder.names == ["r.json"])
        expectOneSentence(
            ending,
            naming: [Self.names[signal] ?? "", "r.json"]
        )
        let record = try RunRecord.read(folder.file("r.json"))
        #expect(record.exitCode == 128 + signal)
        #expect(record.verdict?.status == .unfinished)
        #expect(record.points.count == 2)
        #expect(record.points.allSatisfy { !$0.samples.isEmpty })
        #expect(record.points.allSatisfy { $0.verification.bitwiseEqual == true })
        #expect(record.points.allSatisfy { $0.faults.isEmpty })
    }

    @Test func `the same signal twice ends the run once`() throws {
        let folder = try TemporaryFolder()
        let program = try Self.startAndWait(in: folder)
        // `timeout` signals the process and its group.
        program.send(SIGINT)
        program.send(SIGINT, toFamily: true)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(130), ending.summary)
        expectOneSentence(ending, naming: ["r.json"])
    }

    @Test func `a run started with SIGHUP ignored goes on`() throws {
        let folder = try TemporaryFolder()
        // `nohup` does the same.
        let program = try RunningProgram(
            "bash",
            ["-c", "trap '' HUP; exec \"$@\"", "bash", Headwise.path] + Self.endless,
            environment: Headwise.settings(folder, [:]),
            folder: folder.path
        )
        let record = folder.file("r.json")
        try #require(program.wait(atMost: .seconds(30)) { byteCount(of: record) > 0 })
        program.send(SIGHUP, toFamily: true)
        program.send(SIGINT)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(130), ending.summary)
        #expect(try RunRecord.read(record).points.allSatisfy { $0.faults.isEmpty })
    }

    @Test(.enabled(if: Python.hasTerminals))
    func `a closed terminal ends a run like SIGHUP`() throws {
        let folder = try TemporaryFolder()
        // The script closes the terminal without reading it.
        let script = """
            import os, pty, select, sys, time
            child, terminal = pty.fork()
            if child == 0:
                os.execv(sys.argv[1], sys.argv[1:])
            limit = time.monotonic() + 30
            while not (os.path.exists("r.json") and os.path.getsize("r.json")):
                assert time.monotonic() < limit
                select.select([terminal], [], [], 0.01)
            os.close(terminal)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            """
        let ending = try Python.run(script, [Headwise.path] + Self.endless, in: folder)
        #expect(ending.kind == .exited(129), ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        #expect(try RunRecord.read(folder.file("r.json")).exitCode == 129)
    }

    @Test func `an interrupted catalogue names the signal`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(["verify", "--cases", "1000000"], in: folder)
        try #require(program.wait(atMost: .seconds(60)) { !program.workers.isEmpty })
        program.send(SIGINT, toFamily: true)
        let ending = program.finish(within: .seconds(30))
        #expect(ending.kind == .exited(130), ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        expectOneSentence(ending, naming: ["Ctrl-C"])
    }

    @Test func `a run without a finished trial leaves nothing`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            [
                "run", "--workers", "1", "--record", "r.json", "--report", "p.html", "--output",
                "o.npy", "--inject-fault", "0:wedge:1",
            ] + smallProblem,
            in: folder
        )
        try #require(program.wait(atMost: .seconds(30)) { !program.workers.isEmpty })
        program.send(SIGTERM)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(143), ending.summary)
        expectOneSentence(ending, naming: ["SIGTERM"])
        #expect(ending.outputBytes.isEmpty, ending.summary)
        #expect(try folder.names.isEmpty)
    }

    @Test(arguments: [0, 3, 10, 30, 60, 100, 150, 200])
    func `a signal during the start leaves nothing`(_ delay: Int) throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(Self.endless + ["--workers", "1,2,3"], in: folder)
        _ = program.run(for: .milliseconds(delay))
        program.send(SIGINT, toFamily: true)
        let ending = program.finish(within: .seconds(20))
        // A signal before the handlers are installed kills the program.
        let isAllowed = ending.kind == .exited(130) || ending.kind == .killed(signal: SIGINT)
        #expect(isAllowed, ending.summary)
        #expect(!ending.leftProcesses)
        #expect(try folder.socketFolders.isEmpty)
    }

    @Test func `workers end with a killed coordinator`() throws {
        for stopsWorkers in [false, true] {
            let folder = try TemporaryFolder()
            let program = try Self.startAndWait(in: folder)
            #expect(program.workers.count == 3)
            if stopsWorkers { for child in program.children { kill(child, SIGSTOP) } }
            program.send(SIGKILL)
            let ending = program.finish()
            #expect(ending.kind == .killed(signal: SIGKILL))
            #expect(!ending.leftProcesses)
            // The record is kept; the socket was removed when all workers had joined.
            #expect(try !RunRecord.read(folder.file("r.json")).points.isEmpty)
            #expect(try folder.socketFolders.isEmpty)
        }
    }

    /// The text of a record of this package.
    private static func result(_ name: String) throws -> String {
        try #require(contents(of: PackageFolder.record(name)))
    }

    /// Sends the signal when the program is ready for it; expects that the program names it and
    /// leaves nothing.
    private static func expectNothingLeft(
        _ program: RunningProgram,
        after condition: () -> Bool = { true },
        signal: Int32 = SIGINT,
        beside names: [String] = [],
        in folder: borrowing TemporaryFolder
    ) throws {
        try #require(
            program.wait(atMost: .seconds(60)) { program.awaitsSignals && condition() }
        )
        program.send(signal)
        let ending = program.finish(within: .seconds(30))
        #expect(ending.kind == .exited(128 + signal), ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        #expect(ending.outputBytes.isEmpty, ending.summary)
        expectOneSentence(
            ending,
            naming: [Self.names[signal] ?? ""]
        )
        #expect(try folder.names == names)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `an interrupted page can be written again`(
        _ signal: Int32
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write("r.json", try Self.result("kernel-avx2"))
        // A gnuplot that never ends.
        let made = try Headwise.runShell(
            """
            mkdir bin
            printf '#!/bin/bash\n: >drawing; while :; do read -t 600 <> <(:); done\n' >bin/gnuplot
            chmod +x bin/gnuplot
            """,
            in: folder
        )
        #expect(made.kind == .exited(0), made.summary)
        let arguments = ["report", "r.json", "-o", "page.html", "--keep-plots", "plots"]
        try Self.expectNothingLeft(
            try Headwise.start(
                arguments,
                in: folder,
                environment: ["PATH": "\(folder.path)/bin:/usr/bin:/bin"]
            ),
            after: { access(folder.file("drawing"), F_OK) == 0 },
            signal: signal,
            beside: ["bin", "drawing", "r.json"],
            in: folder
        )
        let next = try Headwise.run(arguments, in: folder)
        #expect(next.kind == .exited(0), next.summary)
        #expect(try folder.names == ["bin", "drawing", "page.html", "plots", "r.json"])
    }

    @Test func `an interrupted host command names the signal`() throws {
        let folder = try TemporaryFolder()
        try Self.expectNothingLeft(try Headwise.start(["host"], in: folder), in: folder)
    }

    /// Heads whose first visit takes far longer than the test.
    private static let endlessRow = ["--heads", "64", "--head-dimension", "64", "--mask", "none"]

    @Test func `a kernel table interrupted before its first row leaves nothing`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            ["kernel", "--length", "4096", "--record", "k.json", "--report", "k.html"]
                + Self.endlessRow,
            in: folder
        )
        let record = folder.file("k.json")
        try Self.expectNothingLeft(program, after: { access(record, F_OK) == 0 }, in: folder)
    }

    @Test func `an interrupted kernel table keeps its rows`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            ["kernel", "--length", "64,4096", "--record", "k.json", "--report", "k.html"]
                + Self.endlessRow,
            in: folder
        )
        try #require(
            program.wait(atMost: .seconds(60)) { (try? folder.bytes("k.json"))?.isEmpty == false }
        )
        program.send(SIGINT)
        let ending = program.finish(within: .seconds(30))
        #expect(ending.kind == .exited(130), ending.summary)
        expectOneSentence(ending, naming: ["Ctrl-C", "k.json"])
        #expect(ending.output.contains("UNFINISHED"), ending.summary)
        #expect(ending.output.contains("1 of 2"), ending.summary)
        #expect(try folder.names == ["k.json"])
        let record = try JSONValue(try folder.bytes("k.json"))
        #expect(record["verdict.status"] == .text("UNFINISHED"))
        #expect(record["exitCode"]?.number == 130)
        #expect(record["rows"]?.list?.count == 1)
        let read = try Headwise.run(["report", "k.json", "--format", "markdown"], in: folder)
        #expect(read.kind == .exited(0), read.summary)
        #expect(read.output.contains("64"), read.summary)
    }

    @Test func `an interrupted comparison of records names the signal`() throws {
        let folder = try TemporaryFolder()
        // Blanks that take a while to read.
        let record = try Self.result("scale-8x8x1024x64")
        let other = record.replacing("\"started\" : \"2026", with: "\"started\" : \"2025")
        let blanks = String(repeating: " ", count: 40 << 20)
        try folder.write("a.json", record + blanks)
        try folder.write("b.json", other + blanks)
        try Self.expectNothingLeft(
            try Headwise.start(
                ["compare", "a.json", "b.json", "--record", "c.json"],
                in: folder
            ),
            beside: ["a.json", "b.json"],
            in: folder
        )
    }

    /// An installation takes milliseconds, so most signals come too late.
    @Test func `an interrupted installation leaves no partial file`() throws {
        var hasAwaited = false
        for _ in 0..<20 {
            let folder = try TemporaryFolder()
            let program = try Headwise.start(
                ["completions", "install", "--shell", "fish"],
                in: folder,
                environment: ["HOME": folder.path, "XDG_CONFIG_HOME": ""]
            )
            let awaits = program.wait(atMost: .seconds(30)) { program.awaitsSignals }
            hasAwaited = hasAwaited || awaits
            if awaits { program.send(SIGTERM) }
            let ending = program.finish()
            if ending.kind == .exited(143) {
                expectOneSentence(
                    ending,
                    naming: ["SIGTERM"]
                )
                #expect(access(folder.file(".config/fish/completions/headwise.fish"), F_OK) != 0)
                break
            }
            #expect(ending.kind == .exited(0), ending.summary)
            #expect(try !folder.bytes(".config/fish/completions/headwise.fish").isEmpty)
        }
        #expect(hasAwaited)
    }
}
