import Testing

import Experiment

#if canImport(Glibc)
import Glibc
#endif

/// Runs that are told to stop, or are not even told.
struct InterruptionTests {
    /// Never ends by itself.
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

    @Test(arguments: [SIGINT, SIGTERM], [false, true])
    func `a signal ends the workers and keeps what was measured`(
        _ signal: Int32,
        _ isForFamily: Bool
    ) throws {
        let folder = try TemporaryFolder()
        let program = try Self.startAndWait(in: folder)
        // Ctrl-C at a terminal reaches every process of the run.
        program.send(signal, toFamily: isForFamily)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(128 + signal), ending.summary)
        #expect(!ending.leftProcesses)
        #expect(try folder.names == ["r.json"])
        expectOneSentence(ending, naming: ["interrupted", signal == SIGINT ? "Ctrl-C" : "SIGTERM"])
        let record = try RunRecord.read(folder.file("r.json"))
        #expect(record.exitCode == 128 + signal)
        #expect(record.points.count == 2)
        #expect(record.points.allSatisfy { !$0.samples.isEmpty })
        #expect(record.points.allSatisfy { $0.verification.bitwiseEqual == true })
        #expect(record.points.allSatisfy { $0.faults.isEmpty })
    }

    @Test(arguments: [0, 3, 10, 30, 60, 100, 150, 200])
    func `a signal at any moment of the start leaves nothing behind`(_ delay: Int) throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(Self.endless + ["--workers", "1,2,3"], in: folder)
        _ = program.run(for: .milliseconds(delay))
        program.send(SIGINT, toFamily: true)
        let ending = program.finish(within: .seconds(20))
        // Before the program has begun to listen, the signal ends it as it ends any other.
        let isAllowed = ending.kind == .exited(130) || ending.kind == .killed(signal: SIGINT)
        #expect(isAllowed, ending.summary)
        #expect(!ending.leftProcesses)
        #expect(try folder.socketFolders.isEmpty)
    }

    @Test func `workers do not outlive a coordinator that was killed`() throws {
        for stopsWorkers in [false, true] {
            let folder = try TemporaryFolder()
            let program = try Self.startAndWait(in: folder)
            let workers = program.children
            #expect(workers.count == 3)
            if stopsWorkers { for worker in workers { kill(worker, SIGSTOP) } }
            program.send(SIGKILL)
            let ending = program.finish()
            #expect(ending.kind == .killed(signal: SIGKILL))
            #expect(!ending.leftProcesses)
            // What was measured is kept; the socket went when all had joined.
            #expect(try !RunRecord.read(folder.file("r.json")).points.isEmpty)
            #expect(try folder.socketFolders.isEmpty)
        }
    }

    @Test func `a kernel table that is interrupted says so`() throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            ["kernel", "--budget", "3000", "--length", "64,128,256", "--record", "k.json"],
            in: folder
        )
        let record = folder.file("k.json")
        // The claim of the record is the last thing before the measuring begins.
        try #require(program.wait(atMost: .seconds(30)) { access(record, F_OK) == 0 })
        _ = program.run(for: .milliseconds(300))
        program.send(SIGINT)
        let ending = program.finish(within: .seconds(20))
        #expect(ending.kind == .exited(130), ending.summary)
        expectOneSentence(ending, naming: ["interrupted"])
    }
}
