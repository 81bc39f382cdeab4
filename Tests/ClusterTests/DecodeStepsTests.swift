import Attention
import Glibc
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster

extension ProcessTests {
    /// Steps of decoding by real workers.
    @Suite struct DecodeStepsTests {
        private static func problem(
            heads: Int = 4,
            steps: Int = 5,
            cache: Int = 70
        ) -> AttentionProblem {
            var problem = AttentionProblem(
                shape: .sample(
                    heads: heads,
                    keyValueHeads: 2,
                    queryLength: steps,
                    keyLength: cache + steps
                ),
                mask: Mask(band: .causalBottomRight)
            )
            problem.operation = .decodeSteps
            return problem
        }

        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `every plane and split gives the bits of one process`(
            plane: PlaneName,
            outputs: OutputRoute
        ) throws {
            for (workers, threads, cutsKeys) in [(1, 1, true), (2, 1, false), (3, 2, true)] {
                let cluster = try RealWorkers.cluster(workers, threads: threads)
                let own = Self.problem(cache: cutsKeys ? 2046 : 70)
                let problem = try TestProblem(own, isExternal: true, split: cutsKeys ? .keys : nil)
                let others = try TestProblem(own, seed: 2, split: cutsKeys ? .keys : nil)
                try cluster.load(problem.workload(plane, outputs: outputs), inputs: problem.inputs)
                for schedule in [Schedule.dynamic, .fixed, .cyclic] {
                    let report = try problem.check(cluster, schedule: schedule)
                    #expect(report.stepNanoseconds.count == 5)
                    #expect(report.stepNanoseconds.reduce(0, +) <= report.wallNanoseconds)
                    #expect(report.stepNanoseconds.allSatisfy { $0 > 0 })
                }
                let plan = try problem.plan(workers: workers)
                #expect(try problem.run(cluster, plan, others: others).differences.isEmpty)
                try problem.check(cluster)
                #expect(cluster.faults.isEmpty)
            }
        }

        /// Before its first task, between the stages of a step, and in later steps.
        @Test(arguments: [1, 2, 3, 4, 7], [false, true])
        func `a worker that dies in a step loses nothing`(shard: Int, cutsKeys: Bool) throws {
            for (plane, outputs) in [
                (PlaneName.resident, OutputRoute.messages), (.inline, .shared), (.copied, .shared),
            ]
            where OutputRoute.available.contains(outputs) {
                let cluster = try RealWorkers.cluster(2, faults: [1: "die:\(shard)"])
                let problem = try TestProblem(
                    Self.problem(steps: 6, cache: cutsKeys ? 4000 : 40),
                    split: cutsKeys ? .keys : nil
                )
                try cluster.load(
                    problem.workload(plane, outputs: outputs),
                    inputs: problem.inputs
                )
                while cluster.faults.isEmpty { try problem.check(cluster, schedule: .fixed) }
                #expect(cluster.liveWorkerCount == 1)
                #expect(cluster.faults.first?.reason == .signalled(Int(SIGKILL)))
                try problem.check(cluster)
            }
        }

        @Test func `other problems have no steps`() throws {
            let cluster = try RealWorkers.cluster(1)
            let problem = try TestProblem(AttentionProblem(shape: .sample()))
            try cluster.load(problem.workload(.resident), inputs: problem.inputs)
            #expect(try problem.check(cluster).stepNanoseconds.isEmpty)
        }
    }
}
