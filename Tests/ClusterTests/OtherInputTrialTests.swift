import Attention
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster

extension ProcessTests {
    /// Trials with their own inputs between trials of the workload.
    @Suite struct OtherInputTrialTests {
        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `a trial may have its own inputs, and the next has those of the workload`(
            plane: PlaneName,
            outputs: OutputRoute
        ) throws {
            let shape = AttentionShape.sample(queryLength: 300, keyLength: 64, headDimension: 16)
            let cluster = try RealWorkers.cluster(2)
            for isExternal in [false, true] {
                let problem = try TestProblem(
                    AttentionProblem(shape: shape),
                    isExternal: isExternal
                )
                let others = try TestProblem(AttentionProblem(shape: shape), seed: 2)
                try cluster.load(problem.workload(plane, outputs: outputs), inputs: problem.inputs)
                for split in [Split.rows, .head] {
                    let plan = try problem.plan(workers: 2, split: split)
                    #expect(try problem.run(cluster, plan).differences.isEmpty)
                    #expect(try problem.run(cluster, plan, others: others).differences.isEmpty)
                    #expect(try problem.run(cluster, plan).differences.isEmpty)
                }
            }
            #expect(cluster.faults.isEmpty)
        }

        @Test func `a worker that writes nothing leaves the sentinel in place`() throws {
            let cluster = try RealWorkers.cluster(1, faults: [0: "skip:3"])
            let problem = try TestProblem(AttentionProblem(shape: .sample(queryLength: 300)))
            try cluster.load(
                problem.workload(.resident, outputs: .shared),
                inputs: problem.inputs
            )
            let plan = try problem.plan(workers: 1, split: .head)
            for trial in 0..<2 {
                let found = try problem.run(cluster, plan).differences.count
                let skipped = plan.shards[(trial == 0 ? 2 : 0)...]
                let rows = skipped.reduce(0) { $0 + $1.slices.count * $1.rows.count }
                #expect(found == rows * problem.problem.shape.valueDimension)
            }
        }
    }
}
