import FoundationEssentials
import Record
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Real runs whose workers are killed, stopped and continued at random moments.
@Suite(.serialized)
struct RandomFaultTests {
    private static let runCount = isThorough ? 50 : 8

    /// The signals sent to the workers of one run.
    private struct Deeds {
        var killed: Set<Int> = []
        var stopped: Set<Int> = []
    }

    @Test func `killed and stopped workers never change a bit`() throws {
        let firstSeed = UInt64.random(in: 1...1_000_000)
        var noticedKills = 0
        var kills = 0
        for seed in firstSeed..<firstSeed + UInt64(Self.runCount) {
            let (deeds, noticed) = try Self.abuse(seed: seed)
            kills += deeds.killed.count
            noticedKills += noticed
        }
        // If all signals came too late, nothing would be tested.
        #expect(kills > 0 && noticedKills * 2 >= kills, "seeds from \(firstSeed)")
    }

    /// One run; returns its signals and how many kills are in its record.
    private static func abuse(seed: UInt64) throws -> (Deeds, noticed: Int) {
        var random = SplitMix(seed: seed)
        let folder = try TemporaryFolder()
        let workers = Int.random(in: 2...4, using: &random)
        let program = try Headwise.start(
            [
                "run", "--workers", "\(workers)", "--record", "r.json", "--trials", "300",
                "--replicates", "1",
                "--warmup", "1", "--quiet", "--verify", "none",
                "--plane",
                ["inline", "resident", "shared", "copied"].randomElement(using: &random) ?? "",
                "--schedule", Bool.random(using: &random) ? "static" : "dynamic",
                "--split", Bool.random(using: &random) ? "rows" : "head",
                "--transport", Bool.random(using: &random) ? "tcp" : "ipc",
                "--outputs", Bool.random(using: &random) ? "shared" : "messages",
            ] + smallProblem,
            in: folder
        )
        let record = folder.file("r.json")
        let isUnderWay = program.wait(atMost: .seconds(30)) { byteCount(of: record) > 0 }
        #expect(isUnderWay, "seed \(seed)")
        let deeds = misbehave(to: program, workers: workers, &random)
        let ending = program.finish()
        let context: Comment = "seed \(seed), killed \(deeds.killed), stopped \(deeds.stopped)"
        let untouched = Set(0..<workers).subtracting(deeds.killed).subtracting(deeds.stopped)
        let isAllowed =
            ending.kind == .exited(0) || (untouched.isEmpty && ending.kind == .exited(31))
        #expect(isAllowed, "\(context)\n\(ending.summary)")
        #expect(!ending.leftProcesses, context)
        #expect(try folder.socketFolders.isEmpty, context)
        let point = try #require(try RunRecord.read(record).points.first)
        #expect(point.verification.bitwiseEqual == true, "\(context)\n\(ending.summary)")
        #expect(ending.kind == .exited(31) || point.samples.count == 300, context)
        #expect(point.verification.status != .disagrees, context)
        let named = point.faults.filter { $0.reason.contains("signal 9") }.map(\.worker)
        #expect(Set(named).isSubset(of: deeds.killed), context)
        return (deeds, Set(named).count)
    }

    /// Sends one to three signals with pauses between them.
    private static func misbehave(
        to program: RunningProgram,
        workers: Int,
        _ random: inout SplitMix
    ) -> Deeds {
        var deeds = Deeds()
        // In the order of their start, which is the order of their ordinals.
        let children = program.workers
        guard children.count == workers else { return deeds }
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let pause = Duration.milliseconds(Int.random(in: 0...40, using: &random))
            guard program.run(for: pause) else { return deeds }
            let worker = Int.random(in: 0..<workers, using: &random)
            // The worker may have been replaced, and its process number reused.
            guard !deeds.killed.contains(worker), program.workers.contains(children[worker]) else {
                continue
            }
            if Int.random(in: 0..<3, using: &random) < 2 {
                kill(children[worker], SIGKILL)
                deeds.killed.insert(worker)
                continue
            }
            kill(children[worker], SIGSTOP)
            deeds.stopped.insert(worker)
            guard Bool.random(using: &random) else { continue }
            // Longer or shorter than it takes to lose a worker: late results are compared too.
            let rest = Duration.milliseconds(Int.random(in: 0...1500, using: &random))
            guard program.run(for: rest) else { return deeds }
            kill(children[worker], SIGCONT)
        }
        return deeds
    }

    @Test func `a worker killed before it joins ends the run with one sentence`() throws {
        for _ in 0..<5 {
            let folder = try TemporaryFolder()
            let program = try Headwise.start(
                ["run", "--workers", "4", "--quiet", "--record", "r.json"] + smallProblem
                    + fewTrials,
                in: folder
            )
            var victim: Int32?
            _ = program.wait(atMost: .seconds(30)) {
                victim = program.workers.last
                return victim != nil
            }
            if let victim { kill(victim, SIGKILL) }
            let ending = program.finish()
            // The worker may have joined before the signal.
            if ending.kind != .exited(0) {
                #expect(ending.kind == .exited(40), ending.summary)
                expectOneSentence(ending, naming: ["worker", "signal 9"])
            }
            #expect(!ending.leftProcesses)
            #expect(try folder.socketFolders.isEmpty)
        }
    }
}

/// The size of a file; 0 if it does not exist.
func byteCount(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
