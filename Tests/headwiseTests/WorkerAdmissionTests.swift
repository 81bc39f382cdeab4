import Record
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Workers that the run did not start.
struct WorkerAdmissionTests {
    private static let wrongToken = String(repeating: "5a", count: 16)

    /// Runs a worker whose inherited descriptor 3 holds `token`.
    private static func runWorker(
        _ arguments: [String],
        token: String,
        in folder: borrowing TemporaryFolder
    ) throws -> Ending {
        let lifeline = try Pipe()
        defer { for end in [lifeline.readEnd, lifeline.writeEnd] { close(end) } }
        try #require(write(lifeline.writeEnd, token, token.utf8.count) == token.utf8.count)
        return try Headwise.start(
            ["worker"] + arguments,
            in: folder,
            inherited: lifeline.readEnd
        ).finish(within: .seconds(30))
    }

    /// All workers have joined, so nobody answers it.
    @Test func `a worker that comes too late changes nothing, and the record counts it`() throws {
        let folder = try TemporaryFolder()
        let run = try Headwise.start(
            ["run", "--transport", "tcp", "--record", "r.json", "--trials", "1000000", "--quiet"]
                + smallProblem,
            in: folder
        )
        let record = folder.file("r.json")
        try #require(run.wait(atMost: .seconds(30)) { byteCount(of: record) > 0 })
        let worker = try #require(run.workers.first)
        let words = try #require(contents(of: "/proc/\(worker)/cmdline")).split(separator: "\0")
        let endpoint = try #require(words.first { $0.hasPrefix("tcp://127.0.0.1:") })

        let lifeline = try Pipe()
        defer { close(lifeline.readEnd) }
        _ = write(lifeline.writeEnd, Self.wrongToken, 32)
        let late = try Headwise.start(
            ["worker", "--connect", String(endpoint), "--token-descriptor", "3"],
            in: folder,
            inherited: lifeline.readEnd
        )
        let isCounted = run.wait(atMost: .seconds(30)) {
            // Half a record has not counted it yet.
            let point = (try? RunRecord.read(record))?.points.first
            return point?.strangers?.unanswered ?? 0 > 0
        }
        #expect(isCounted)
        close(lifeline.writeEnd)
        let ending = late.finish(within: .seconds(30))
        #expect(ending.kind == .exited(31), ending.summary)

        run.send(SIGINT)
        let interrupted = run.finish()
        #expect(interrupted.kind == .exited(130), interrupted.summary)
        let point = try #require(try RunRecord.read(record).points.first)
        #expect(point.verification.bitwiseEqual == true)
        #expect(point.faults.isEmpty)
        #expect(point.strangers?.unanswered ?? 0 >= 1)
        #expect(point.strangers?.refused == 0)
    }

    @Test func `a worker without a complete token does not start`() throws {
        let folder = try TemporaryFolder()
        for token in ["", "abc", String(repeating: "z", count: 32)] {
            let lifeline = try Pipe()
            _ = write(lifeline.writeEnd, token, token.utf8.count)
            close(lifeline.writeEnd)
            let ending = try Headwise.start(
                ["worker", "--connect", "tcp://127.0.0.1:1", "--token-descriptor", "3"],
                in: folder,
                inherited: lifeline.readEnd
            ).finish(within: .seconds(30))
            close(lifeline.readEnd)
            #expect(ending.kind == .exited(40), ending.summary)
            expectOneSentence(ending, naming: ["descriptor 3", "token"])
        }
    }

    @Test func `a wrong endpoint is refused`() throws {
        let folder = try TemporaryFolder()
        for (endpoint, code) in [("nowhere", 64), ("tcp://", 40), ("udp://127.0.0.1:1", 64)] {
            let ending = try Self.runWorker(
                ["--connect", endpoint, "--token-descriptor", "3"],
                token: Self.wrongToken,
                in: folder
            )
            #expect(ending.kind == .exited(Int32(code)), ending.summary)
            expectOneSentence(ending, naming: [endpoint])
        }
    }

    @Test func `a worker ends with its lifeline`() throws {
        let folder = try TemporaryFolder()
        let lifeline = try Pipe()
        _ = write(lifeline.writeEnd, Self.wrongToken, 32)
        let worker = try Headwise.start(
            ["worker", "--connect", "tcp://127.0.0.1:1", "--token-descriptor", "3"],
            in: folder,
            inherited: lifeline.readEnd
        )
        close(lifeline.readEnd)
        close(lifeline.writeEnd)
        let ending = worker.finish(within: .seconds(30))
        #expect(ending.kind == .exited(31), ending.summary)
    }

    @Test(arguments: [
        BadInput("worker", names: "--connect"),
        BadInput("worker --connect tcp://127.0.0.1:1", names: "--keys"),
        BadInput(
            "worker --connect tcp://127.0.0.1:1 --token-descriptor 3 --threads 0",
            names: "--threads 0"
        ),
        BadInput(
            "worker --connect tcp://127.0.0.1:1 --token-descriptor 77",
            code: 40,
            names: "77"
        ),
    ])
    func `a worker's own flags are checked`(_ input: BadInput) throws {
        try input.check()
    }
}
