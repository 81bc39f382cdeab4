/// Output rows from the states of all spans: folded from left to right, as one process does.
@unsafe
struct FoldWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    /// The attention whose keys are cut.
    private let problem: AttentionProblem
    private let inputs: InputView
    private let slices: Range<Int>
    private let spanCount: Int
    private let states: SpanStates
    /// The first row of the step, and the first of its states.
    private let firstRow: Int
    private let firstState: Int
    private let first: Int
    private let rows: BlockPieces
    private let output: UnsafeMutablePointer<Float>
    private let outputSliceStride: Int

    init(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int,
        threadCount: Int
    ) {
        guard let states = unsafe inputs.floats(.states) else {
            preconditionFailure("the states of all spans must be given")
        }
        unsafe self.kernel = kernel
        unsafe self.problem = problem.attended
        unsafe self.inputs = inputs
        unsafe self.slices = slices
        unsafe spanCount = problem.spanCount
        let step = rows.lowerBound / problem.rowsOfStep
        precondition(rows.upperBound <= (step + 1) * problem.rowsOfStep, "rows must be of one step")
        unsafe firstRow = step * problem.rowsOfStep
        unsafe firstState = step * problem.spanCount
        // A fold only reads them.
        unsafe self.states = SpanStates(
            problem,
            UnsafeMutablePointer(mutating: states),
            sliceStride: problem.stepCount * problem.spanCount * problem.stateNumbers
        )
        unsafe first = rows.lowerBound
        unsafe self.rows = BlockPieces(
            rows,
            block: kernel.queryBlock,
            of: slices.count,
            threadCount: threadCount
        )
        unsafe self.output = output
        unsafe self.outputSliceStride = outputSliceStride
    }

    var pieceCount: Int { unsafe slices.count * rows.count }

    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let (place, index) = unsafe piece.quotientAndRemainder(dividingBy: rows.count)
        let (slice, part) = unsafe (slices.lowerBound + place, rows[index])
        let columns = unsafe problem.shape.valueDimension
        let target =
            unsafe output + place * outputSliceStride + (part.lowerBound - first) * columns
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * part.count) {
            guard let base = $0.baseAddress else { return }
            let total = unsafe RunningSoftmaxView(
                maximum: base,
                sum: base + part.count,
                output: target
            )
            // Some rows at a time, so that their sums stay in the cache from span to span.
            let step = unsafe kernel.queryBlock
            for row in stride(from: part.lowerBound, to: part.upperBound, by: step) {
                unsafe fold(slice, row..<min(row + step, part.upperBound), of: part, into: total)
            }
            unsafe kernel.finishSpans(
                problem,
                inputs,
                slice: slice,
                rows: part,
                total: total,
                workspace: workspace
            )
        }
        return unsafe (part.count - 1) / kernel.queryBlock + 1
    }

    /// Folds the states of `rows`, which are some of those of `total`.
    private func fold(
        _ slice: Int,
        _ rows: Range<Int>,
        of part: Range<Int>,
        into total: RunningSoftmaxView
    ) {
        let columns = unsafe problem.shape.valueDimension
        let offset = rows.lowerBound - part.lowerBound
        let own = unsafe RunningSoftmaxView(
            maximum: total.maximum + offset,
            sum: total.sum + offset,
            output: total.output + offset * columns
        )
        let row = unsafe rows.lowerBound - firstRow
        let leftmost = unsafe states.view(slice: slice, state: firstState, row: row)
        unsafe own.maximum.update(from: leftmost.maximum, count: rows.count)
        unsafe own.sum.update(from: leftmost.sum, count: rows.count)
        unsafe own.output.update(from: leftmost.output, count: rows.count * columns)
        for span in 1..<(unsafe spanCount) {
            unsafe kernel.mergeSpans(
                rowCount: rows.count,
                valueDimension: columns,
                into: own,
                next: states.view(slice: slice, state: firstState + span, row: row)
            )
        }
    }
}
