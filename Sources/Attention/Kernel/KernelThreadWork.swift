import Synchronization

/// The count of finished query blocks, shared by the computing and the watching threads.
package final class ProgressCounter: Sendable {
    private let blocks = Atomic<UInt64>(0)

    /// Query blocks finished since the team was made.
    package var value: UInt64 { blocks.load(ordering: .relaxed) }

    func add(_ count: Int) { blocks.add(UInt64(count), ordering: .relaxed) }
}

/// The work of one call of a team, cut into pieces that its threads take one by one.
///
/// The pieces write different memory, so any thread may compute any of them at any time.
protocol ThreadWork {
    var pieceCount: Int { get }

    /// Computes one piece, and returns how much progress that is.
    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int
}

/// The rows of each of some slices, cut into pieces of a few query blocks.
struct BlockPieces {
    let count: Int
    private let rows: Range<Int>
    private let pieceRows: Int

    /// Pieces are small enough that all threads finish at nearly the same time.
    init(_ rows: Range<Int>, block: Int, of sliceCount: Int, threadCount: Int) {
        let blocks = (rows.count + block - 1) / block
        // A single thread needs no balance, and every piece has a small cost.
        let balanced = blocks * sliceCount / (16 * threadCount)
        let pieceBlocks = threadCount == 1 ? 8 : max(1, min(8, balanced))
        count = (blocks + pieceBlocks - 1) / pieceBlocks
        self.rows = rows
        pieceRows = pieceBlocks * block
    }

    subscript(index: Int) -> Range<Int> {
        let first = rows.lowerBound + index * pieceRows
        return first..<min(first + pieceRows, rows.upperBound)
    }
}

/// Attention of slices × rows.
@unsafe
struct AttentionWork: @unsafe ThreadWork {
    let kernel: AttentionKernel
    let problem: AttentionProblem
    let inputs: InputView
    let slices: Range<Int>
    let rows: Range<Int>
    let output: UnsafeMutablePointer<Float>
    let outputSliceStride: Int
    /// The pieces of each slice.
    private let pieces: BlockPieces
    /// The slices of each call, when the problem has few rows; else empty.
    private let runs: [Range<Int>]
    /// The running softmax of each span of each run, used when there are too few runs for the
    /// threads.
    private let partials: SpanPartials?

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
        unsafe pieces = BlockPieces(
            rows,
            block: kernel.queryBlock,
            of: slices.count,
            threadCount: threadCount
        )
        let isPacked = outputSliceStride == rows.count * problem.shape.valueDimension
        let isWhole = rows.count == problem.rowsOfStep
        let hasFewRows = problem.hasFewRows && rows.count <= AttentionProblem.fewRows
        let spans = AttentionKernel.spanCount(keyLength: problem.shape.keyLength)
        unsafe runs =
            hasFewRows && (isPacked || isWhole)
            ? kernel.decodeRuns(problem, slices: slices, rows: rows) : []
        let wantsSpans = unsafe threadCount > 1 && spans > 1 && runs.count < 8 * threadCount
        unsafe partials =
            wantsSpans && !runs.isEmpty
            ? SpanPartials(
                runs: runs.count,
                spans: spans,
                rows: AttentionKernel.decodeRows,
                valueDimension: problem.shape.valueDimension
            ) : nil
    }

    var pieceCount: Int {
        if let partials = unsafe partials { return unsafe runs.count * partials.spans }
        return unsafe runs.isEmpty ? pieces.count * slices.count : runs.count
    }

    /// Computes one piece and returns its number of query blocks.
    ///
    /// A slice's last rows come first: under a causal mask they take longest, and the last pieces
    /// should be short.
    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        guard unsafe runs.isEmpty else {
            unsafe decode(piece: piece, workspace: workspace)
            return 1
        }
        let (slice, part) = unsafe place(of: piece)
        unsafe kernel.forwardPart(
            problem,
            inputs,
            slices: slice..<slice + 1,
            rows: part,
            output: output(slice, part.lowerBound),
            outputSliceStride: outputSliceStride,
            workspace: workspace
        )
        return unsafe (part.count + kernel.queryBlock - 1) / kernel.queryBlock
    }

    /// The slice and the rows of a piece that is some rows of one slice.
    private func place(of piece: Int) -> (slice: Int, rows: Range<Int>) {
        let (slice, index) = unsafe piece.quotientAndRemainder(dividingBy: pieces.count)
        return unsafe (slices.lowerBound + slice, pieces[pieces.count - 1 - index])
    }

    private func output(_ slice: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        unsafe output + (slice - slices.lowerBound) * outputSliceStride
            + (row - rows.lowerBound) * problem.shape.valueDimension
    }

    /// Copies the rows of a computed piece; of runs, `placeRuns` does it.
    func place(piece: Int, _ target: HeadRows) {
        guard unsafe runs.isEmpty else { return }
        let (slice, part) = unsafe place(of: piece)
        unsafe place(part, of: slice, target)
    }

    /// Copies the rows of all runs, once they are finished.
    func placeRuns(_ target: HeadRows) {
        for run in unsafe runs {
            for slice in run { unsafe place(rows, of: slice, target) }
        }
    }

    private func place(_ part: Range<Int>, of slice: Int, _ target: HeadRows) {
        unsafe target.place(
            part,
            of: slice,
            from: output(slice, part.lowerBound),
            columns: problem.shape.valueDimension
        )
    }

    /// Computes one run, or one span of it.
    private func decode(piece: Int, workspace: borrowing KernelWorkspace) {
        if let partials = unsafe partials {
            let (index, span) = piece.quotientAndRemainder(dividingBy: partials.spans)
            unsafe kernel.decodeSpan(
                problem,
                inputs,
                runs[index],
                rows,
                span: span,
                into: partials.view(run: index, span: span),
                workspace: workspace
            )
            return
        }
        let run = unsafe runs[piece]
        unsafe kernel.forwardPart(
            problem,
            inputs,
            slices: run,
            rows: rows,
            output: output(of: run),
            outputSliceStride: outputSliceStride,
            workspace: workspace
        )
    }

    private func output(of run: Range<Int>) -> UnsafeMutablePointer<Float> {
        unsafe output + (run.lowerBound - slices.lowerBound) * outputSliceStride
    }

    /// Merges the spans of every run from left to right, in the same order as a single thread.
    func finish(workspace: borrowing KernelWorkspace) {
        guard let partials = unsafe partials else { return }
        let columns = unsafe problem.shape.valueDimension
        for (index, run) in unsafe runs.enumerated() {
            let total = unsafe partials.view(run: index, span: 0)
            let count = unsafe run.count * rows.count
            for span in 1..<partials.spans {
                unsafe kernel.mergeSpans(
                    rowCount: count,
                    valueDimension: columns,
                    into: total,
                    next: partials.view(run: index, span: span)
                )
            }
            let rowNumbers = unsafe rows.count * columns
            for slice in run {
                let first = unsafe (slice - run.lowerBound) * rows.count
                let part = unsafe RunningSoftmaxView(
                    maximum: total.maximum + first,
                    sum: total.sum + first,
                    output: total.output + first * columns
                )
                unsafe kernel.finishSpans(
                    problem,
                    inputs,
                    slice: slice,
                    rows: rows,
                    total: part,
                    workspace: workspace
                )
                let place = unsafe (slice - run.lowerBound) * outputSliceStride
                unsafe (output(of: run) + place).update(from: part.output, count: rowNumbers)
            }
        }
    }
}

/// Memory for the running softmax of every span of every run.
///
/// It is a class, since the threads share the memory that its `deinit` frees.
@safe
final class SpanPartials {
    let spans: Int
    private let rows: Int
    private let valueDimension: Int
    private let base: UnsafeMutablePointer<Float>

    init(runs: Int, spans: Int, rows: Int, valueDimension: Int) {
        self.spans = spans
        self.rows = rows
        self.valueDimension = valueDimension
        unsafe base = .allocate(capacity: runs * spans * rows * (2 + valueDimension))
    }

    deinit { unsafe base.deallocate() }

    func view(run: Int, span: Int) -> RunningSoftmaxView {
        let first = unsafe base + (run * spans + span) * rows * (2 + valueDimension)
        return unsafe RunningSoftmaxView(
            maximum: first,
            sum: first + rows,
            output: first + 2 * rows
        )
    }
}
