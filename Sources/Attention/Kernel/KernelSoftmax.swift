import CSystem

extension AttentionKernel {
    /// The softmax of given scores, `rows` of one slice, into `target`, `[rows, S]`.
    ///
    /// The bits of a row depend on that row alone.
    @unsafe
    package func softmax(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slice: Int,
        rows: Range<Int>,
        into target: UnsafeMutablePointer<Float>,
        workspace: borrowing KernelWorkspace
    ) {
        guard let scores = unsafe inputs.floats(.scores) else {
            preconditionFailure("the scores of a softmax must be given")
        }
        let (shape, keys) = (problem.shape, problem.shape.keyLength)
        for piece in pieces(of: rows) {
            let part = unsafe target + (piece.lowerBound - rows.lowerBound) * keys
            var call = unsafe prepare(
                problem,
                inputs,
                slices: slice..<slice + 1,
                rows: piece,
                output: part,
                workspace: workspace
            )
            unsafe call.query = scores + (slice * shape.queryLength + piece.lowerBound) * keys
            unsafe table.softmax(&call)
            guard problem.maskedRows == .uniform, problem.mask != .none else { continue }
            for row in 0..<piece.count where unsafe call.seesNothing(row) {
                unsafe (part + row * keys).update(repeating: 1 / Float(keys), count: keys)
            }
        }
    }
}

/// The softmax of scores, whose threads take rows.
@unsafe
struct SoftmaxWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    private let problem: AttentionProblem
    private let inputs: InputView
    private let slices: Range<Int>
    private let rows: Range<Int>
    private let output: UnsafeMutablePointer<Float>
    private let outputSliceStride: Int

    /// Few enough that all threads finish at nearly the same time.
    private static let pieceRows = 32

    init(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int
    ) {
        unsafe self.kernel = kernel
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe self.slices = slices
        unsafe self.rows = rows
        unsafe self.output = output
        unsafe self.outputSliceStride = outputSliceStride
    }

    private var piecesPerSlice: Int {
        unsafe (rows.count + Self.pieceRows - 1) / Self.pieceRows
    }

    var pieceCount: Int { unsafe slices.count * piecesPerSlice }

    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let (slice, index) = unsafe piece.quotientAndRemainder(dividingBy: piecesPerSlice)
        let first = unsafe rows.lowerBound + index * Self.pieceRows
        let part = unsafe first..<min(first + Self.pieceRows, rows.upperBound)
        unsafe kernel.softmax(
            problem,
            inputs,
            slice: slices.lowerBound + slice,
            rows: part,
            into: output + slice * outputSliceStride
                + (first - rows.lowerBound) * problem.shape.keyLength,
            workspace: workspace
        )
        return 1
    }
}
