import Attention

/// One process without ZeroMQ and its samples: what a cluster is compared with.
///
/// A class, since rounds add to it one sample at a time.
package final class MeasuredBaseCase {
    package let threads: Int
    let problem: AttentionProblem
    /// Of the visible (query, key) pairs.
    let floatingPointOperations: Double
    package var samplesNanoseconds: [UInt64] = []
    /// The replicate each sample was taken beside.
    package var replicates: [Int] = []
    /// Trials, warm-up included, whose output was not the single-thread output bit for bit.
    package var mismatchedTrials = 0
    private let team: ThreadTeam

    init(
        threads: Int,
        problem: AttentionProblem,
        floatingPointOperations: Double,
        cancellation: Cancellation
    ) {
        self.threads = threads
        self.problem = problem
        self.floatingPointOperations = floatingPointOperations
        team = ThreadTeam(threadCount: threads, cancellation: cancellation)
    }

    /// Computes the whole of a problem into `output`, `[slice][row][Dv]`.
    func compute(
        _ problem: AttentionProblem,
        _ kernel: AttentionKernel,
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
