import FoundationEssentials
import Record
import TestSupport
import Testing
import Work

#if canImport(Glibc)
import Glibc
#endif

/// Runs that `scripts/strangers` connects to.
@Suite(.enabled(if: Python.isPresent, "there is no python3"))
struct HostileTests {
    private struct Storm: Decodable {
        var attempts: Int
        var connected: Int
        var unanswered: Int
        /// Nobody listened at the port any more.
        var closed: Int
    }

    /// Minutes of a smaller one have more trials than a record may hold.
    private static let largerProblem = [
        "--batch", "2", "--heads", "4", "--length", "768", "--head-dimension", "64",
    ]

    private func storm(_ port: String, _ count: Int, in folder: borrowing TemporaryFolder) throws
        -> Storm
    {
        let ending = try Python.runScript(
            "strangers",
            [port, "--count", "\(count)"],
            within: .seconds(isThorough ? 1800 : 60),
            in: folder
        )
        try #require(ending.kind == .exited(0), ending.summary)
        return try JSONDecoder().decode(Storm.self, from: Data(ending.outputBytes))
    }

    /// Begins to look anew for the most memory that a process has.
    private func forgetPeak(of process: Int32) throws {
        let descriptor = open("/proc/\(process)/clear_refs", O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        try #require(write(descriptor, "5", 1) == 1)
    }

    /// The most memory that a process had since then, in MiB.
    private func peakMebibytes(of process: Int32) throws -> Int {
        let lines = try #require(contents(of: "/proc/\(process)/status")).split(separator: "\n")
        let line = try #require(lines.first { $0.hasPrefix("VmHWM:") })
        let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first
        return try #require(Int(kibibytes ?? "")) / 1024
    }

    /// Comes to the run's port, which changes when workers are replaced, until as many tried.
    private func storm(
        _ run: RunningProgram,
        _ count: Int,
        in folder: borrowing TemporaryFolder
    ) throws -> Storm {
        var sum = Storm(attempts: 0, connected: 0, unanswered: 0, closed: 0)
        while sum.attempts < count {
            try #require(run.wait(atMost: .seconds(60)) { run.port() != nil })
            let part = try storm(
                String(try #require(run.port())),
                min(count - sum.attempts, 10_000),
                in: folder
            )
            sum.attempts += part.attempts
            sum.connected += part.connected
            sum.unanswered += part.unanswered
            sum.closed += part.closed
        }
        return sum
    }

    /// First while a worker is to come, then while trials run.
    @Test func `strangers change neither the bits of a run nor its memory`() throws {
        let folder = try TemporaryFolder()
        let run = try Headwise.start(
            [
                "run", "--transport", "tcp", "--workers", "2", "--inject-fault", "1:late:6000",
                "--replicates", "1", "--trials", "1000000", "--record", "r.json", "--quiet",
            ] + (isThorough ? Self.largerProblem : smallProblem),
            in: folder
        )
        let isStarted = run.wait(atMost: .seconds(60)) {
            run.port() != nil && run.workers.count == 2
        }
        try #require(isStarted)
        let port = String(try #require(run.port()))
        try forgetPeak(of: run.processIdentifier)
        let before = try peakMebibytes(of: run.processIdentifier)
        let whileJoining = try storm(port, 170, in: folder)
        // A frame for each of those that are inside.
        #expect(try peakMebibytes(of: run.processIdentifier) < before + 96)
        let record = folder.file("r.json")
        try #require(run.wait(atMost: .seconds(60)) { byteCount(of: record) > 0 })

        let whileComputing = try storm(run, isThorough ? 100_000 : 170, in: folder)
        run.send(SIGINT)
        let ending = run.finish()
        #expect(ending.kind == .exited(130), ending.summary)

        let kept = try RunRecord.read(record)
        let point = try #require(kept.points.first)
        #expect(point.verification.bitwiseEqual == true)
        // In minutes, a busy machine may keep a worker silent for a second, whoever comes; then
        // others join.
        if !isThorough { #expect(point.faults.isEmpty) }
        #expect(whileComputing.connected == 0 || !point.faults.isEmpty)
        let strangers = try #require(point.strangers)
        let most = whileJoining.attempts + whileComputing.connected
        #expect((1...most).contains(strangers.refused))
        #expect((1...strangers.refused).contains(strangers.wrongTokens))
        #expect(strangers.unanswered >= whileComputing.unanswered)
        #expect(whileComputing.unanswered > whileComputing.attempts / 2)
        #expect(strangers.messages.isEmpty)
        #expect(kept.warnings?.contains { $0.kind == .strangers } == true)
    }
}
