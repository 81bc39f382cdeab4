import Attention

/// One process without ZeroMQ and its samples: what a cluster is compared with.
///
/// A class, since rounds add to it one sample at a time.
package final class MeasuredBaseCase {
    package let threads: Int
    package var samplesNanoseconds: [UInt64] = []
    /// Trials, warm-up included, whose output was not the single-thread output bit for bit.
    package var mismatchedTrials = 0
    private let team: ThreadTeam

    init(threads: Int, cancellation: Cancellation) {
        self.threads = threads
        team = ThreadTeam(threadCount: threads, cancellation: cancellation)
    }

    /// Computes the whole problem into `output`, `[slice][row][Dv]`.
    func compute(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        output: UnsafeMutablePointer<Float>
    ) {
        let shape = problem.shape
        unsafe team.forward(
            kernel,
            problem,
            inputs,
            slices: 0..<shape.sliceCount,
            rows: 0..<shape.queryLength,
            output: output,
            outputSliceStride: shape.queryLength * shape.valueDimension
        )
    }
}
