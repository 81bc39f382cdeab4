/// Rows over one arc of a ring.
///
/// The spans of the arc are folded into the running softmax that the rows carry, from left to right, as in
/// one process. After the last arc it is divided.
@unsafe
struct ArcWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    /// The attention whose keys are cut.
    private let problem: AttentionProblem
    private let inputs: InputView
    private let spans: Range<Int>
    private let isLast: Bool
    /// Slices that are computed together, and their rows.
    private let pieces: [(run: Range<Int>, rows: Range<Int>)]
    /// What rows carry from the arc before, and where they put what they carry on, or their output: both
    /// would be at row 0 of slice 0.
    private let carried: Rows?
    private let target: Rows

    /// Rows in memory, of slices that are `sliceStride` floats apart.
    @unsafe
    private struct Rows {
        var base: UnsafeMutablePointer<Float>
        var sliceStride: Int
        var columns: Int

        subscript(slice: Int, row: Int) -> UnsafeMutablePointer<Float> {
            unsafe base + slice * sliceStride + row * columns
        }
    }

    /// `output` is at row `rows.lowerBound` of slice `slices.lowerBound`.
    init(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        _ stage: Stage,
        following: Int,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int,
        threadCount: Int
    ) {
        precondition(
            problem.spanKeys == AttentionKernel.spanKeys,
            "spans must have the length that the kernels have"
        )
        guard let visit = problem.visit(ofRows: rows, following: following) else {
            preconditionFailure("rows must visit the same arcs, and enough of them")
        }
        unsafe self.kernel = kernel
        unsafe self.problem = problem.attended
        unsafe self.inputs = inputs
        unsafe spans = problem.spans(ofArc: visit.arc)
        unsafe isLast = following == 0
        let first = slices.lowerBound * outputSliceStride + rows.lowerBound * stage.columnCount
        unsafe target = Rows(
            base: output - first,
            sliceStride: outputSliceStride,
            columns: stage.columnCount
        )
        if visit.isFirst {
            unsafe carried = nil
        } else {
            let columns = problem.carriedNumbers
            let stride = stage.rowCount * columns
            guard let all = unsafe inputs.floats(.carried),
                let part = problem.part(of: .carried, stage, slice: 0)
            else { preconditionFailure("what rows carry from the arc before must be given") }
            // It is only read.
            unsafe carried = Rows(
                base: UnsafeMutablePointer(mutating: all) + part * stride,
                sliceStride: stride,
                columns: columns
            )
        }
        let runs =
            problem.hasFewRows
            ? kernel.decodeRuns(problem, slices: slices, rows: rows) : slices.map { $0..<$0 + 1 }
        let parts = BlockPieces(
            rows,
            block: kernel.queryBlock,
            of: runs.count,
            threadCount: threadCount
        )
        var pieces: [(run: Range<Int>, rows: Range<Int>)] = []
        for run in runs {
            // One call has all rows of several slices.
            let own = run.count > 1 ? [rows] : (0..<parts.count).map { parts[$0] }
            pieces += own.map { (run, $0) }
        }
        unsafe self.pieces = pieces
    }

    var pieceCount: Int { unsafe pieces.count }

    /// Computes one piece; returns the number of query blocks.
    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let (run, rows) = unsafe pieces[piece]
        let columns = unsafe problem.shape.valueDimension
        let count = run.count * rows.count
        let numbers = count * (2 + columns)
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * numbers) {
            guard let base = $0.baseAddress else { return }
            let total = unsafe Self.view(base, count)
            let next = unsafe Self.view(base + numbers, count)
            unsafe begin(run, rows, total, workspace)
            for span in unsafe spans.dropFirst(carried == nil ? 1 : 0) {
                unsafe compute(run, rows, span: span, into: next, workspace)
                unsafe kernel.mergeSpans(
                    rowCount: count,
                    valueDimension: columns,
                    into: total,
                    next: next
                )
            }
            for (index, slice) in run.enumerated() {
                let first = index * rows.count
                let own = unsafe RunningSoftmaxView(
                    maximum: total.maximum + first,
                    sum: total.sum + first,
                    output: total.output + first * columns
                )
                if unsafe isLast {
                    unsafe finish(slice, rows, own, workspace)
                } else {
                    unsafe carry(slice, rows, own)
                }
            }
        }
        return unsafe (rows.count - 1) / kernel.queryBlock + 1
    }

    private static func view(_ base: UnsafeMutablePointer<Float>, _ count: Int)
        -> RunningSoftmaxView
    {
        unsafe RunningSoftmaxView(maximum: base, sum: base + count, output: base + 2 * count)
    }

    /// What the rows carry, or else what they reach over the first span.
    private func begin(
        _ run: Range<Int>,
        _ rows: Range<Int>,
        _ total: RunningSoftmaxView,
        _ workspace: borrowing KernelWorkspace
    ) {
        guard let carried = unsafe carried else {
            return unsafe compute(run, rows, span: spans.lowerBound, into: total, workspace)
        }
        let columns = unsafe problem.shape.valueDimension
        var place = 0
        for slice in run {
            for row in rows {
                let source = unsafe carried[slice, row]
                unsafe total.maximum[place] = source[0]
                unsafe total.sum[place] = source[1]
                unsafe (total.output + place * columns).update(from: source + 2, count: columns)
                place += 1
            }
        }
    }

    private func compute(
        _ run: Range<Int>,
        _ rows: Range<Int>,
        span: Int,
        into state: RunningSoftmaxView,
        _ workspace: borrowing KernelWorkspace
    ) {
        guard run.count > 1 else {
            return unsafe kernel.forwardSpanPart(
                problem,
                inputs,
                slice: run.lowerBound,
                rows: rows,
                span: span,
                into: state,
                workspace: workspace
            )
        }
        unsafe kernel.decodeSpan(
            problem,
            inputs,
            run,
            rows,
            span: span,
            into: state,
            workspace: workspace
        )
    }

    private func carry(_ slice: Int, _ rows: Range<Int>, _ total: RunningSoftmaxView) {
        let columns = unsafe problem.shape.valueDimension
        for (index, row) in rows.enumerated() {
            let place = unsafe target[slice, row]
            unsafe place[0] = total.maximum[index]
            unsafe place[1] = total.sum[index]
            unsafe (place + 2).update(from: total.output + index * columns, count: columns)
        }
    }

    private func finish(
        _ slice: Int,
        _ rows: Range<Int>,
        _ total: RunningSoftmaxView,
        _ workspace: borrowing KernelWorkspace
    ) {
        unsafe kernel.finishSpans(
            problem,
            inputs,
            slice: slice,
            rows: rows,
            total: total,
            workspace: workspace
        )
        unsafe target[slice, rows.lowerBound].update(
            from: total.output,
            count: rows.count * problem.shape.valueDimension
        )
    }
}
