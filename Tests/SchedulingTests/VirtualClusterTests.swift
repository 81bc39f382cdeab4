import TestSupport
import Testing

@testable import Scheduling

private typealias Accident = VirtualEvent.Accident

extension VirtualCluster.Settings {
    /// Between one and eight workers, and the accidents given.
    fileprivate init(_ random: inout SplitMix, accidents: [VirtualEvent.Accident]) {
        self.init(
            processCount: .random(in: 1...8, using: &random),
            trialCount: .random(in: 1...4, using: &random),
            accidents: accidents,
            accidentsPerTrial: .random(in: 1...6, using: &random),
            repeatsMessages: false,
            miscountPercent: 0,
            limits: DispatcherLimits(maximumAttempts: 1_000)
        )
    }
}

private let seeds = (0..<(isThorough ? 4_000 : 70)) as Range<UInt64>

private func played(
    _ seed: UInt64,
    _ accidents: [Accident],
    _ adjust: (inout VirtualCluster.Settings) -> Void = { _ in }
) -> VirtualCluster {
    var random = SplitMix(seed: ~seed)
    var settings = VirtualCluster.Settings(&random, accidents: accidents)
    adjust(&settings)
    var cluster = VirtualCluster(seed: seed, settings: settings)
    cluster.run()
    return cluster
}

private func expectSound(_ cluster: VirtualCluster, _ seed: UInt64, _ accidents: [Accident]) {
    #expect(
        cluster.violations.isEmpty,
        "replay with seed \(seed) and accidents \(accidents): \(cluster.violations.prefix(3))"
    )
}

@Suite struct VirtualClusterTests {
    @Test func `a calm cluster does every shard once and records nothing`() {
        for seed in seeds {
            let cluster = played(seed, [])
            expectSound(cluster, seed, [])
            #expect(cluster.failedTrials.isEmpty)
            #expect(cluster.dispatcher.faults.isEmpty, "seed \(seed)")
            #expect(cluster.duplicateCount == 0 && cluster.staleCount == 0, "seed \(seed)")
            #expect(cluster.dispatcher.ledger.attemptCount == cluster.shards.count, "seed \(seed)")
        }
    }

    @Test(arguments: [
        [Accident.crash], [.stop], [.stopForever], [.wedge], [.disconnect], [.coordinatorPause],
        [.crash, .lateJoiner], Accident.allCases,
    ])
    private func `whatever happens, every trial ends with each shard accepted once`(
        accidents: [Accident]
    ) {
        for seed in seeds { expectSound(played(seed, accidents), seed, accidents) }
    }

    @Test func `repeated messages change nothing but the counts`() {
        var staleCount = 0
        for seed in seeds {
            let cluster = played(seed, Accident.allCases) { $0.repeatsMessages = true }
            expectSound(cluster, seed, Accident.allCases)
            staleCount += cluster.staleCount
        }
        #expect(staleCount > 0)
    }

    @Test func `refused tasks go elsewhere or end the trial with their reason`() {
        var exhausted = 0
        for seed in seeds {
            let cluster = played(seed, [.crash, .stop]) {
                $0.miscountPercent = 20
                $0.limits.maximumAttempts = 3
            }
            expectSound(cluster, seed, [.crash, .stop])
            exhausted += cluster.failedTrials.values.count {
                if case .shardExhausted = $0 { true } else { false }
            }
        }
        #expect(exhausted > 0)
    }

    @Test func `stopped workers are copied, come back, and their results are counted`() {
        var duplicates = 0
        var recoveries = 0
        for seed in seeds {
            let cluster = played(seed, [.stop])
            duplicates += cluster.duplicateCount
            recoveries += cluster.recoveryCount
        }
        #expect(duplicates > 0)
        #expect(recoveries > 0)
    }

    @Test func `a trial fails only when nobody is left`() {
        var failures = 0
        for seed in seeds {
            let cluster = played(seed, [.crash, .wedge, .stopForever])
            failures += cluster.failedTrials.count
            for failure in cluster.failedTrials.values {
                guard case .noWorkers = failure else {
                    Issue.record("seed \(seed): \(failure)")
                    continue
                }
            }
        }
        #expect(failures > 0)
    }

    @Test func `a seed replays the same actions`() {
        for seed in seeds.prefix(20) {
            let first = played(seed, Accident.allCases)
            let second = played(seed, Accident.allCases)
            #expect(first.digest == second.digest, "seed \(seed)")
        }
        #expect(played(1, Accident.allCases).digest != played(2, Accident.allCases).digest)
    }
}
