import Attention
import Scheduling
import Testing
import Work

@testable import Cluster

/// The inputs by which a kept output is found out.
@Suite struct OtherInputsTests {
    /// How many rows have another output, of how many.
    private func otherRows(
        _ problem: AttentionProblem,
        _ kind: ValueKind
    ) throws -> (Int, of: Int, tensors: Int) {
        let inputs = try AttentionInputs(InputGenerator(problem, kind: kind, seed: 3))
        let former = singleProcessOutput(inputs).map { Float(bitPattern: $0) }
        let others = try former.withUnsafeBufferPointer {
            try OtherInputs(
                of: inputs,
                .best,
                former: $0.baseAddress.unsafelyUnwrapped,
                cancellation: Cancellation()
            )
        }
        let columns = problem.shape.valueDimension
        let rows = problem.shape.sliceCount * problem.shape.queryLength
        let different = (0..<rows).count { row in
            (0..<columns).contains {
                others.expected[row * columns + $0].bitPattern
                    != former[row * columns + $0].bitPattern
            }
        }
        return (different, rows, others.tensors.count)
    }

    @Test(arguments: ValueKind.allCases, [Mask.none, Mask(band: .causal)])
    func `every row has another output, whatever the values`(
        _ kind: ValueKind,
        _ mask: Mask
    ) throws {
        // Equal weights are exact over powers of two of keys alone.
        let isMean = kind == .exactMean
        let problem = AttentionProblem(
            shape: .sample(queryLength: 9, keyLength: 8, headDimension: 8),
            mask: isMean ? .none : mask
        )
        let found = try otherRows(problem, kind)
        #expect(found.0 == found.of)
        // Values travel only where queries are not enough.
        if kind == .uniform, mask == .none { #expect(found.tensors == 1) }
        if isMean || mask != .none { #expect(found.tensors == 2) }
    }

    @Test func `one key leaves the values to tell`() throws {
        let found = try otherRows(AttentionProblem(shape: .sample(keyLength: 1)), .uniform)
        #expect(found.0 == found.of)
        #expect(found.tensors == 2)
    }
}

extension ProcessTests {
    /// Trials with inputs of their own between others.
    @Suite struct OtherInputTrialTests {
        @Test(arguments: PlaneName.allSamples, OutputRoute.allCases)
        func `a trial has inputs of its own, and the next one those of the workload`(
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

        @Test func `a worker that writes nothing leaves the sentinel`() throws {
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
