import Attention
import Platform
import Scheduling
import Work

extension ShardPlan {
    /// The shards of a problem, each with a cost that follows from its mask.
    @unsafe
    package static func make(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        _ kernel: AttentionKernel,
        split: Split,
        schedule: Schedule,
        workerCount: Int
    ) throws(RunError) -> ShardPlan {
        try RunError.environment { () throws(SchedulingError) in
            try make(
                shape: problem.shape,
                split: split,
                schedule: schedule,
                workerCount: workerCount,
                queryBlock: kernel.queryBlock,
                slicesTogether: problem.slicesTogether,
                cost: { slice, rows in
                    let pairs = unsafe problem.visiblePairs(
                        slice: slice,
                        rows: rows,
                        lengths: inputs.lengths,
                        visibility: inputs.visibility
                    )
                    return Double(pairs)
                }
            )
        }
    }
}

extension AttentionKernel {
    /// The longest time a worker may take for one query block, on a slow machine shared with many
    /// others.
    package func secondsPerQueryBlock(_ shape: AttentionShape) -> Double {
        let operations =
            2 * Double(queryBlock) * Double(shape.keyLength)
            * Double(shape.headDimension + shape.valueDimension)
        return operations / 2e8
    }
}
