/// The states of spans of keys: each query row of a slice over each span, unmerged.
///
/// Where rows are steps, it is the row of one step.
@unsafe
struct StatesWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    /// The attention whose keys are cut.
    private let problem: AttentionProblem
    private let inputs: InputView
    /// The rows of the stage, and the first of their step: spans are counted from it.
    private let states: Range<Int>
    private let firstState: Int
    private let views: SpanStates
    /// The slices of each call: those that share their keys, if they have few rows.
    private let runs: [Range<Int>]
    /// The query rows, of which each state has all.
    private let queries: Range<Int>
    private let rows: BlockPieces

    /// `output` is at row `states.lowerBound` of slice `slices.lowerBound`.
    init(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        states: Range<Int>,
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
        let step = states.lowerBound / problem.spanCount
        precondition(
            states.upperBound <= (step + 1) * problem.spanCount,
            "states must be of one step"
        )
        unsafe self.states = states
        unsafe firstState = step * problem.spanCount
        let first = unsafe output - states.lowerBound * problem.stateNumbers
        unsafe views = SpanStates(
            problem,
            first - slices.lowerBound * outputSliceStride,
            sliceStride: outputSliceStride
        )
        let all = problem.queryRows(ofStep: step)
        unsafe queries = all
        unsafe runs =
            problem.hasFewRows
            ? kernel.decodeRuns(problem, slices: slices, rows: all) : slices.map { $0..<$0 + 1 }
        unsafe rows = BlockPieces(
            all,
            block: kernel.queryBlock,
            of: runs.count * states.count,
            threadCount: threadCount
        )
    }

    var pieceCount: Int { unsafe runs.count * states.count * rows.count }

    /// Computes some rows of one run over one span; returns the number of query blocks.
    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let (place, part) = unsafe piece.quotientAndRemainder(dividingBy: rows.count)
        let (index, offset) = unsafe place.quotientAndRemainder(dividingBy: states.count)
        let (run, state) = unsafe (runs[index], states.lowerBound + offset)
        guard run.count == 1 else {
            // One call has all rows, of which a small query block may make two parts.
            guard part == 0 else { return 0 }
            unsafe computeTogether(run, state: state, workspace: workspace)
            return 1
        }
        let rows = unsafe rows[part]
        unsafe kernel.forwardSpanPart(
            problem,
            inputs,
            slice: run.lowerBound,
            rows: rows,
            span: state - firstState,
            into: views.view(
                slice: run.lowerBound,
                state: state,
                row: rows.lowerBound - queries.lowerBound
            ),
            workspace: workspace
        )
        return unsafe (rows.count - 1) / kernel.queryBlock + 1
    }

    /// Computes the slices of a run in one call, which reads each key once, and gives each its state.
    private func computeTogether(
        _ run: Range<Int>,
        state: Int,
        workspace: borrowing KernelWorkspace
    ) {
        let (length, columns) = unsafe (queries.count, problem.shape.valueDimension)
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
                queries,
                span: state - firstState,
                into: all,
                workspace: workspace
            )
            for slice in run {
                let first = (slice - run.lowerBound) * length
                let own = unsafe views.view(slice: slice, state: state, row: 0)
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

/// Where the states of spans are: `[slice][step][span]`, and of each `[L]` maxima, `[L]` sums and
/// `[L,Dv]`, where L are the rows of a step.
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
        unsafe length = problem.rowsOfStep
        unsafe columns = problem.shape.valueDimension
    }

    /// The state of the rows of its step from `row` on.
    func view(slice: Int, state: Int, row: Int) -> RunningSoftmaxView {
        let state = unsafe base + slice * sliceStride + state * stateNumbers
        return unsafe RunningSoftmaxView(
            maximum: state + row,
            sum: state + length + row,
            output: state + 2 * length + row * columns
        )
    }
}
