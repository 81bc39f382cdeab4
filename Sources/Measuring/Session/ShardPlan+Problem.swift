import Attention
import Cluster
import Platform
import Scheduling
import Work

extension ShardPlan {
    /// The work of a thread below which a shard is too small: a millisecond of a fast core.
    ///
    /// Each shard takes about 0.1 ms of the processors' time for its messages.
    private static let leastFlops = 1e8

    /// The shards of a problem, each with a cost that follows from its mask.
    @unsafe
    package static func make(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        _ kernel: AttentionKernel,
        split: Split,
        schedule: Schedule,
        workerCount: Int,
        threads: Int = 1,
        speeds: [Double]? = nil
    ) throws(RunError) -> ShardPlan {
        let stages = problem.stages
        if let arcs = problem.arcs {
            return try RunError.environment { () throws(SchedulingError) in
                try ring(
                    grid: TaskGrid(stages[0]),
                    rowParts: problem.rowsByArcs,
                    arcCount: arcs,
                    workerCount: workerCount,
                    queryBlock: kernel.queryBlock,
                    slicesTogether: problem.slicesTogether,
                    leastShare: unsafe worthwhileShare(problem, inputs, threads: threads)
                )
            }
        }
        var pairs = unsafe VisiblePairs(problem, inputs)
        // Of several stages it is not told what each takes, but in steps the states take nearly all.
        let hasLeastShare = stages.count == 1 || problem.isInSteps
        let leastShare =
            hasLeastShare
            ? unsafe worthwhileShare(problem, inputs, threads: threads * problem.stepCount) : 0
        return try RunError.environment { () throws(SchedulingError) in
            let steps = try (0..<problem.stepCount).map { step throws(SchedulingError) in
                let plans = try stages.map { stage throws(SchedulingError) in
                    let own = problem.rows(of: stage, inStep: step)
                    return try make(
                        grid: TaskGrid(stage, rows: own),
                        split: stage.split(split),
                        schedule: schedule,
                        workerCount: workerCount,
                        speeds: speeds,
                        queryBlock: stage.rowBlock ?? kernel.queryBlock,
                        leastShare: leastShare,
                        slicesTogether: stage.slicesTogether(problem),
                        cost: { slice, rows in
                            unsafe stage.cost(
                                problem,
                                &pairs,
                                slice: slice,
                                rows: own.lowerBound + rows.lowerBound..<own.lowerBound
                                    + rows.upperBound
                            )
                        }
                    )
                }
                return joined(plans, waitsFor: stages.map(\.waitsFor))
            }
            guard problem.isInSteps else { return steps[0] }
            return .steps(steps, rows: stages.map { problem.rows(of: $0, inStep: 0).count })
        }
    }

    /// The part of all the work that is `leastFlops` for each of some threads.
    private static func worthwhileShare(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        threads: Int
    ) -> Double {
        unsafe leastFlops * Double(threads)
            / max(problem.visibleFloatingPointOperations(inputs), 1)
    }
}

extension Stage {
    /// What some rows of a slice cost, by what they see.
    @unsafe
    fileprivate func cost(
        _ problem: AttentionProblem,
        _ pairs: inout VisiblePairs,
        slice: Int,
        rows: Range<Int>
    ) -> Double {
        // Rows of projections cost the same.
        guard let count = unsafe pairs.count(self, slice, rows) else { return Double(rows.count) }
        guard work == .heads else { return Double(count) }
        // A head's projections cost the same whatever it sees.
        let all = problem.mostPreparationFlops / problem.shape.sliceCount
        return Double(all) + Double(count * problem.flopsPerPair)
    }

    /// Slices that are best not cut apart.
    fileprivate func slicesTogether(_ problem: AttentionProblem) -> Int {
        switch work {
        case .attention, .states, .arc: problem.slicesTogether
        // A fold is short: where slices are enough for the workers, it has few tasks.
        case .fold: slicesPerBatch
        case .softmax, .sequenceProjection, .heads, .tokens, .training: 1
        }
    }
}

extension AttentionKernel {
    /// The longest time a worker may take for one query block, on a slow machine shared with many
    /// others.
    package func secondsPerQueryBlock(_ problem: AttentionProblem) -> Double {
        let shape = problem.shape
        let operations =
            2 * Double(queryBlock) * Double(shape.keyLength)
            * Double(shape.headDimension + shape.valueDimension)
        // A worker counts a whole product of a slice as one block.
        let projected =
            problem.operation.projectedKeys.map {
                2 * Double($0) * Double(shape.keyLength)
                    * Double(max(shape.keyDimension, shape.valueDimension))
            } ?? 0
        // A piece of a layer's projections has at most four million numbers.
        let layer =
            problem.operation.isLayer
            ? 2 * Double(problem.embedding)
                * min(4 * 1_048_576, 3 * Double(shape.batch * shape.keyLength * problem.embedding))
            : 0
        // Two passes over the data for each row of a span.
        let training =
            problem.operation.pooling == nil
            ? 0 : 20 * Double(Training.spanRows) * Double(shape.keyLength)
        return max(operations, projected, layer, training) / 2e8
    }
}
