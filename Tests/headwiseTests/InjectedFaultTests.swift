import Record
import TestSupport
import Testing
import Work

#if canImport(Glibc)
import Glibc
#endif

/// Workers that fail on purpose, at a known shard.
struct InjectedFaultTests {
    /// Unless the flags say otherwise, a worker has several shards in a trial, however small it is.
    private static func run(
        _ faults: [String],
        _ flags: [String] = [],
        in folder: borrowing TemporaryFolder
    ) throws -> (Ending, RunRecord) {
        let ending = try Headwise.run(
            ["run", "--record", "r.json", "--quiet", "--format", "json", "--split", "rows"]
                + ["--replicates", "1", "--schedule", "cyclic"]
                + smallProblem + ["--trials", "4", "--warmup", "0"] + flags
                + faults.flatMap { ["--inject-fault", $0] },
            in: folder
        )
        return (ending, try RunRecord.read(folder.file("r.json")))
    }

    @Test(arguments: ["shared", "inline", "copied"], ["cost", "cyclic"])
    func `a killed worker is named, and the bits stay the same`(
        _ plane: String,
        _ schedule: String
    ) throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(
            ["1:die:2"],
            // Long enough for several shards by cost.
            ["--plane", plane, "--schedule", schedule, "--length", "1024", "--head-dimension"]
                + ["64"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.status == .agrees)
        #expect(point.verification.bitwiseEqual == true)
        #expect(point.samples.count == 4)
        let fault = try #require(point.faults.first)
        #expect(fault.worker == 1)
        #expect(fault.reason.contains("signal 9"))
        #expect(fault.shard.map { (0..<point.shards).contains($0) } == true)
        #expect(fault.trial != nil)
        #expect(point.faults.allSatisfy { $0.worker == 1 })
        // The coordinator handed its shards out again.
        #expect(point.attempts > point.shards * 4)
        // Fresh workers without the fault repeated the trial.
        #expect(point.incompleteTrials == 1)
        #expect(point.replacements == 1)
        #expect(point.faults.allSatisfy { $0.trial == fault.trial })
    }

    @Test func `a weighted schedule gives a slow worker less`() throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(
            ["1:slow:300"],
            ["--schedule", "weighted", "--warmup", "2", "--length", "512"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.bitwiseEqual == true)
        let speeds = try #require(point.speeds)
        // Four times as fast, on a machine of which others may take a part.
        #expect(speeds.count == 2 && speeds[0] > 1.5 * speeds[1], "\(speeds)")
        let trial = try #require(point.samples.first)
        #expect(trial.workers.allSatisfy { $0.shards > 0 })
        let refused = try Headwise.run(
            ["run", "--schedule", "weighted", "--warmup", "1"] + smallProblem,
            in: folder
        )
        #expect(refused.kind == .exited(EndCode.usage), refused.summary)
    }

    @Test(arguments: ["dynamic", "static"])
    func `a worker killed before it joins is named, and the others go on`(
        _ schedule: String
    ) throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(["1:die:0"], ["--schedule", schedule], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.bitwiseEqual == true)
        #expect(point.samples.count == 4)
        #expect(point.faults.map(\.worker) == [1])
        #expect(point.faults.count == 1 && point.faults[0].reason.contains("signal 9"))
        #expect(point.faults.allSatisfy { $0.trial == nil && $0.shard == nil })
        let report = try Headwise.run(["report", "r.json", "-o", "p.html"], in: folder)
        #expect(report.kind == .exited(0), report.summary)
    }

    /// The other worker computes from what this one got wrong.
    @Test(
        arguments: [("0:corrupt:1", 0), ("1:corrupt:2", 1)],
        [
            ["--operation", "multi-head", "--embedding", "64"],
            ["--split", "keys", "--key-length", "4100"],
            ["--split", "ring", "--key-length", "4100"],
        ]
    )
    func `a worker that spoils an earlier stage is named`(
        _ spoiling: (fault: String, worker: Int),
        _ flags: [String]
    ) throws {
        let (fault, worker) = spoiling
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(
            [fault],
            flags + ["--schedule", "static"],
            in: folder
        )
        #expect(ending.kind == .exited(10), ending.summary)
        let reasons = try #require(record.points.first).verification.reasons
        #expect(reasons.contains { $0.contains("(worker \(worker), shard") }, "\(reasons)")
        #expect(!reasons.contains { $0.contains("(worker \(1 - worker), shard") }, "\(reasons)")
    }

    /// Before they join, while they prepare the problem, and in a trial: the only worker, and both.
    @Test(arguments: [1, 2], [0, 1, 2])
    func `workers are replaced although none is left`(_ workers: Int, _ shard: Int) throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(
            (0..<workers).map { "\($0):die:\(shard)" },
            ["--workers", "\(workers)"],
            in: folder
        )
        #expect(ending.kind == .exited(0), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.bitwiseEqual == true)
        #expect(point.samples.map(\.trial) == [1, 2, 3, 4])
        #expect(point.replacements == 1)
        #expect(point.incompleteTrials == (shard == 0 ? 0 : 1))
        #expect(Set(point.faults.map(\.worker)) == Set(0..<workers))
        for fault in point.faults {
            #expect(fault.reason.contains("signal 9"))
            #expect((fault.trial == nil) == (shard == 0))
            #expect(fault.trial.map { (1...4).contains($0) } ?? true)
            #expect(fault.seenNanoseconds != nil)
            #expect((fault.delayNanoseconds == nil) == (shard == 0))
        }
        let report = try Headwise.run(["report", "r.json", "--format", "markdown"], in: folder)
        #expect(report.kind == .exited(0), report.summary)
    }

    @Test(arguments: [1, 2])
    func `workers that are killed again and again end the run with 31`(_ workers: Int) throws {
        let folder = try TemporaryFolder()
        let program = try Headwise.start(
            ["run", "--workers", "\(workers)", "--record", "r.json", "--quiet"]
                + ["--batch", "8", "--heads", "16", "--length", "2048"] + fewTrials,
            in: folder
        )
        let ending = program.finish { $0.workers }
        #expect(ending.kind == .exited(31), ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        expectOneSentence(ending, naming: ["worker", "signal 9"])
        let record = try RunRecord.read(folder.file("r.json"))
        #expect(record.exitCode == 31)
        #expect(record.verdict?.status == .unfinished)
        let point = try #require(record.points.first)
        #expect(point.replacements == 3)
        #expect(point.faults.count >= 4 * workers)
        let shown = try Headwise.run(["report", "r.json", "--format", "markdown"], in: folder)
        #expect(shown.output.contains("UNFINISHED"), shown.summary)
    }

    private static func startAndWait(
        in folder: borrowing TemporaryFolder
    ) throws -> RunningProgram {
        let program = try Headwise.start(
            ["run", "--workers", "1", "--record", "r.json", "--trials", "1000000", "--quiet"]
                + smallProblem,
            in: folder
        )
        let record = folder.file("r.json")
        try #require(program.wait(atMost: .seconds(60)) { byteCount(of: record) > 0 })
        return program
    }

    @Test func `a base case that is killed is started afresh`() throws {
        let folder = try TemporaryFolder()
        let program = try Self.startAndWait(in: folder)
        let record = folder.file("r.json")
        let base = try #require(program.baseCases.first)
        kill(base, SIGKILL)
        try #require(
            program.wait(atMost: .seconds(60)) {
                (try? RunRecord.read(record))?.baseCases.contains { $0.replacements != nil } == true
            }
        )
        program.send(SIGINT)
        let ending = program.finish(within: .seconds(60))
        #expect(ending.kind == .exited(130), ending.summary)
        let kept = try RunRecord.read(record)
        #expect(kept.baseCases.compactMap(\.replacements) == [1])
    }

    /// The record keeps what was measured before.
    @Test func `a base case that is killed again and again ends the run with 31`() throws {
        let folder = try TemporaryFolder()
        let program = try Self.startAndWait(in: folder)
        let ending = program.finish { $0.baseCases }
        #expect(ending.kind == .exited(31), ending.summary)
        #expect(!ending.leftProcesses, ending.summary)
        expectOneSentence(ending, naming: ["1 thread", "signal 9"])
        let kept = try RunRecord.read(folder.file("r.json"))
        #expect(kept.exitCode == 31)
        #expect(kept.obstacle != nil)
        #expect(!(kept.points.first?.samples.isEmpty ?? true))
    }

    @Test func `a trial with a flipped bit has no time`() throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(["1:corrupt:1"], in: folder)
        #expect(ending.kind == .exited(10), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.status == .disagrees)
        #expect(point.verification.bitwiseEqual == false)
        #expect(point.samples.count == 3)
        #expect(record.exitCode == 10)
    }

    /// Takes ten seconds: the limit must be long enough for a slow kernel.
    @Test(.enabled(if: isThorough, "HEADWISE_THOROUGH is not set"))
    func `a worker without progress is lost`() throws {
        let folder = try TemporaryFolder()
        let (ending, record) = try Self.run(["0:wedge:2"], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        let point = try #require(record.points.first)
        #expect(point.verification.bitwiseEqual == true)
        let fault = try #require(point.faults.first)
        #expect(fault.worker == 0)
        #expect(fault.reason.contains("10"))
    }
}
