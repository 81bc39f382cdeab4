import Attention
import Glibc
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster

extension ProcessTests {
    /// Rings of real workers.
    @Suite struct RingTests {
        /// Rows visit one arc to all of them.
        private static let causal = AttentionProblem(
            shape: .sample(
                batch: 1,
                heads: 2,
                keyValueHeads: 2,
                queryLength: 4200,
                keyLength: 4200
            ),
            mask: Mask(band: .causal)
        )

        private static let problems: [AttentionProblem] = [
            causal,
            AttentionProblem(
                shape: .sample(heads: 4, keyValueHeads: 2, queryLength: 1, keyLength: 6200)
            ),
            AttentionProblem(
                shape: .sample(heads: 2, keyValueHeads: 2, queryLength: 70, keyLength: 4200),
                mask: Mask(band: .causalBottomRight, lengths: .perRow),
                alibi: [0.1, 0.5],
                maskedRows: .uniform
            ),
            AttentionProblem(
                shape: .sample(
                    batch: 1,
                    heads: 3,
                    keyValueHeads: 1,
                    queryLength: 5,
                    keyLength: 2100
                ),
                mask: Mask(visibility: .perHead, bias: .shared),
                sinks: [0, 1, -1]
            ),
        ]

        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `rings come out bit for bit`(plane: PlaneName, outputs: OutputRoute) throws {
            for (workers, threads) in [(1, 1), (3, 2)] {
                let cluster = try RealWorkers.cluster(workers, threads: threads, credit: workers)
                for (index, problem) in Self.problems.enumerated() {
                    let ring = try TestProblem(
                        problem,
                        isExternal: index.isMultiple(of: 2),
                        split: .ring,
                        workers: workers
                    )
                    try cluster.load(ring.workload(plane, outputs: outputs), inputs: ring.inputs)
                    try ring.check(cluster)
                    // A trial brings other numbers, but the same mask.
                    if problem.mask.lengths == .none, problem.mask.visibility == .none {
                        let others = try TestProblem(problem, seed: 2)
                        let plan = try ring.plan(workers: workers)
                        #expect(try ring.run(cluster, plan, others: others).differences.isEmpty)
                        withExtendedLifetime(others) {}
                    }
                    try ring.check(cluster)
                    #expect(cluster.faults.isEmpty)
                    withExtendedLifetime(ring) {}
                }
            }
        }

        /// It computes over the two later of three arcs.
        @Test(arguments: [1, 2, 7, 20])
        func `a worker that dies in the middle of a ring loses nothing`(shard: Int) throws {
            for (plane, outputs) in [
                (PlaneName.resident, OutputRoute.messages), (.inline, .shared), (.copied, .shared),
                (.inline, .messages),
            ]
            where OutputRoute.available.contains(outputs) {
                let cluster = try RealWorkers.cluster(2, faults: [1: "die:\(shard)"])
                let problem = try TestProblem(Self.causal, split: .ring, workers: 2)
                try cluster.load(
                    problem.workload(plane, outputs: outputs),
                    inputs: problem.inputs
                )
                while cluster.faults.isEmpty { try problem.check(cluster) }
                #expect(cluster.liveWorkerCount == 1)
                #expect(cluster.faults.first?.reason == .signalled(Int(SIGKILL)))
                try problem.check(cluster)
            }
        }

        @Test func `each worker computes over its own arcs`() throws {
            let cluster = try RealWorkers.cluster(2)
            let problem = try TestProblem(Self.causal, split: .ring, workers: 2)
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            try problem.check(cluster)
            let plan = try problem.plan(workers: 2)
            let owners = try #require(plan.owners)
            #expect(Set(owners) == [0, 1])
            #expect(plan.shards.indices.allSatisfy { cluster.worker(ofShard: $0) == owners[$0] })
        }
    }
}
