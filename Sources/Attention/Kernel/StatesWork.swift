/// The states of spans of keys: each query row of a slice over each span, unmerged.
@unsafe
struct StatesWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    /// The attention whose keys are cut.
    private let problem: AttentionProblem
    private let inputs: InputView
    private let spans: Range<Int>
    private let states: SpanStates
    /// The slices of each call: those that share their keys, if they have few rows.
    private let runs: [Range<Int>]
    private let rows: BlockPieces

    /// `output` is at span `spans.lowerBound` of slice `slices.lowerBound`.
    init(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        spans: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int,
        threadCount: Int
    ) {
        precondition(
            problem.spanKeys == AttentionKernel.spanKeys,
            "spans must have the length that the kernels have"
        )
        unsafe self.kernel = kernel
        unsafe self.problem = problem.attended
        unsafe self.inputs = inputs
        unsafe self.spans = spans
        let first = unsafe output - spans.lowerBound * problem.stateNumbers
        unsafe states = SpanStates(
            problem,
            first - slices.lowerBound * outputSliceStride,
            sliceStride: outputSliceStride
        )
        let all = 0..<problem.shape.queryLength
        unsafe runs =
            problem.hasFewRows
            ? kernel.decodeRuns(problem, slices: slices, rows: all) : slices.map { $0..<$0 + 1 }
        unsafe rows = BlockPieces(
            all,
            block: kernel.queryBlock,
            of: runs.count * spans.count,
            threadCount: threadCount
        )
    }

    var pieceCount: Int { unsafe runs.count * spans.count * rows.count }

    /// Computes some rows of one run over one span; returns the number of query blocks.
    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let (place, part) = unsafe piece.quotientAndRemainder(dividingBy: rows.count)
        let (index, offset) = unsafe place.quotientAndRemainder(dividingBy: spans.count)
        let (run, span) = unsafe (runs[index], spans.lowerBound + offset)
        guard run.count == 1 else {
            unsafe computeTogether(run, span: span, workspace: workspace)
            return 1
        }
        let rows = unsafe rows[part]
        unsafe kernel.forwardSpanPart(
            problem,
            inputs,
            slice: run.lowerBound,
            rows: rows,
            span: span,
            into: states.view(slice: run.lowerBound, span: span, row: rows.lowerBound),
            workspace: workspace
        )
        return unsafe (rows.count - 1) / kernel.queryBlock + 1
    }

    /// Computes the slices of a run in one call, which reads each key once, and gives each its state.
    private func computeTogether(
        _ run: Range<Int>,
        span: Int,
        workspace: borrowing KernelWorkspace
    ) {
        let (length, columns) = unsafe (problem.shape.queryLength, problem.shape.valueDimension)
        let count = run.count * length
        unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: count * (2 + columns)) {
            guard let base = $0.baseAddress else { return }
            let all = unsafe RunningSoftmaxView(
                maximum: base,
                sum: base + count,
                output: base + 2 * count
            )
            unsafe kernel.decodeSpan(
                problem,
                inputs,
                run,
                0..<length,
                span: span,
                into: all,
                workspace: workspace
            )
            for slice in run {
                let first = (slice - run.lowerBound) * length
                let own = unsafe states.view(slice: slice, span: span, row: 0)
                unsafe own.maximum.update(from: all.maximum + first, count: length)
                unsafe own.sum.update(from: all.sum + first, count: length)
                unsafe own.output.update(
                    from: all.output + first * columns,
                    count: length * columns
                )
            }
        }
    }
}

/// Where the states of spans are: `[slice][span]`, and of each `[L]` maxima, `[L]` sums and `[L,Dv]`.
@unsafe
struct SpanStates {
    private let base: UnsafeMutablePointer<Float>
    private let sliceStride: Int
    private let stateNumbers: Int
    private let length: Int
    private let columns: Int

    /// `base` is where slice 0 would be; slices are `sliceStride` floats apart.
    init(_ problem: AttentionProblem, _ base: UnsafeMutablePointer<Float>, sliceStride: Int) {
        unsafe self.base = base
        unsafe self.sliceStride = sliceStride
        unsafe stateNumbers = problem.stateNumbers
        unsafe length = problem.shape.queryLength
        unsafe columns = problem.shape.valueDimension
    }

    /// The state of the rows from `row` on.
    func view(slice: Int, span: Int, row: Int) -> RunningSoftmaxView {
        let state = unsafe base + slice * sliceStride + span * stateNumbers
        return unsafe RunningSoftmaxView(
            maximum: state + row,
            sum: state + length + row,
            output: state + 2 * length + row * columns
        )
    }
}
