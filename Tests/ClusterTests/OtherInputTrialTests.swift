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

        private static let operations: [Operation] = [
            .linformer(keys: 20), .maskedSoftmax, .multiHead(.fused, .itself),
            .multiHead(.shared, .memory), .kernelRegression(.average),
            .kernelRegression(.learned(Training(epochs: 3, rate: 0.01))),
        ]

        @Test(arguments: operations, PlaneName.allSamples)
        func `every operation takes other inputs in all of its stages`(
            operation: Operation,
            plane: PlaneName
        ) throws {
            let staged = AttentionProblem.staged(operation, keyLength: 90)
            let cluster = try RealWorkers.cluster(2)
            let problem = try TestProblem(staged)
            let others = try TestProblem(staged, seed: 2)
            try cluster.load(problem.workload(plane), inputs: problem.inputs)
            let plan = try problem.plan(workers: 2)
            for other in [nil, others, nil] {
                #expect(try problem.run(cluster, plan, others: other).differences.isEmpty)
            }
            // One tensor alone: what comes from it follows it.
            let tensor: TensorName =
                switch operation {
                case .maskedSoftmax: .scores
                case .kernelRegression: .value
                default: .query
                }
            let changed = try AttentionInputs(InputGenerator(staged, seed: 1))
            let numbers = changed.bytes(of: tensor).bindMemory(to: Float.self)
            for index in numbers.indices { numbers[index] *= -1 }
            let expected = singleProcessOutput(changed)
            var output = [UInt32](repeating: OutputSentinel.bits, count: expected.count)
            _ = try output.withUnsafeMutableBytes { bytes in
                try cluster.runTrial(
                    plan,
                    output: bytes.baseAddress.unsafelyUnwrapped,
                    secondsPerQueryBlock: 0.001,
                    inputs: [tensor: UnsafeRawBufferPointer(changed.bytes(of: tensor))]
                )
            }
            #expect(output == expected)
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
