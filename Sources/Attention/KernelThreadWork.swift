import Synchronization

/// The count of finished query blocks, shared by the threads that work and those that watch.
package final class ProgressCounter: Sendable {
    private let blocks = Atomic<UInt64>(0)

    /// Query blocks finished since the team was made.
    package var value: UInt64 { blocks.load(ordering: .relaxed) }

    func add(_ count: Int) { blocks.add(UInt64(count), ordering: .relaxed) }
}

/// One call's slices × rows, cut in pieces that the threads of a team take one after the other.
@unsafe
struct ThreadWork {
    let kernel: AttentionKernel
    let problem: AttentionProblem
    let inputs: InputView
    let slices: Range<Int>
    let rows: Range<Int>
    let output: UnsafeMutablePointer<Float>
    let outputSliceStride: Int
    /// Query blocks in a piece: few enough that the threads end together.
    private let pieceBlocks: Int
    private let piecesPerSlice: Int

    init(
        kernel: AttentionKernel,
        problem: AttentionProblem,
        inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int,
        threadCount: Int
    ) {
        unsafe self.kernel = kernel
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe self.slices = slices
        unsafe self.rows = rows
        unsafe self.output = output
        unsafe self.outputSliceStride = outputSliceStride
        let blocks = (rows.count + kernel.queryBlock - 1) / kernel.queryBlock
        // One thread has nobody to end together with, and every piece costs a little.
        let balanced = blocks * slices.count / (16 * threadCount)
        unsafe pieceBlocks = threadCount == 1 ? 8 : max(1, min(8, balanced))
        unsafe piecesPerSlice = (blocks + pieceBlocks - 1) / pieceBlocks
    }

    var pieceCount: Int { unsafe piecesPerSlice * slices.count }

    /// Computes one piece and returns its query blocks.
    ///
    /// A slice's last rows come first: under a causal mask they take longest, and what is taken
    /// last should be short.
    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let (slice, index) = unsafe piece.quotientAndRemainder(dividingBy: piecesPerSlice)
        let pieceRows = unsafe pieceBlocks * kernel.queryBlock
        let first = unsafe rows.lowerBound + (piecesPerSlice - 1 - index) * pieceRows
        let last = unsafe min(first + pieceRows, rows.upperBound)
        let sliceIndex = unsafe slices.lowerBound + slice
        let offset =
            unsafe slice * outputSliceStride
            + (first - rows.lowerBound) * problem.shape.valueDimension
        unsafe kernel.forward(
            problem,
            inputs,
            slices: sliceIndex..<sliceIndex + 1,
            rows: first..<last,
            output: output + offset,
            outputSliceStride: outputSliceStride,
            workspace: workspace
        )
        return unsafe (last - first + kernel.queryBlock - 1) / kernel.queryBlock
    }
}
