// What scoring functions make of queries and keys before the kernel multiplies or subtracts them.

import CSystem

extension AttentionKernel {
    /// Prepares the queries and keys of a call, and points the call to them.
    ///
    /// Every prepared row depends on its own row alone, so its bits are the same for any shard. Keys
    /// before the first and after the last that a row of the call sees are not read. `slice` is the first slice of the call, whose
    /// slices share their keys.
    @unsafe
    func prepareScores(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slice: Int,
        _ call: inout headwise_call,
        workspace: borrowing KernelWorkspace
    ) {
        switch problem.score.function {
        case .dot: return
        case .gaussian:
            // −Σ ((q − k)·w)² / 2 = −w²/2 · Σ (q − k)²
            let width = unsafe parameter(.scoreWeights, inputs)[0]
            if (0x1p-30...0x1p30).contains(width.magnitude) || width == 0 {
                unsafe call.scale *= -0.5 * width * width
                return
            }
            // Both w² and Σ (q − k)² may leave the range of f32 where their product does not.
            let columns = problem.shape.headDimension
            workspace.scores.reserve(queries: columns, keys: 0, productBytes: 0)
            let widths = unsafe workspace.scores.queries
            unsafe widths.update(repeating: width, count: columns)
            unsafe call.scale *= -0.5
            unsafe call.score = ScoreFunction.gaussianColumns.doorNumber
            unsafe call.parameters = UnsafePointer(widths)
            return
        case .gaussianColumns:
            unsafe call.scale *= -0.5
            unsafe call.parameters = unsafe parameter(.scoreWeights, inputs)
            return
        case .cosine, .bilinear: break
        case .additive: unsafe call.parameters = unsafe parameter(.hiddenWeights, inputs)
        }
        let scratch = workspace.scores
        let columns = problem.score.function.columns(problem.shape)
        scratch.reserve(
            queries: KernelWorkspace.rowCapacity * columns,
            keys: problem.shape.keyLength * columns,
            productBytes: table.productBytes
        )
        let seen = unsafe call.seenKeys
        let keyValueSlice = problem.shape.keyValueSlice(of: slice)
        for keys in scratch.missing(keyValueSlice, seen) {
            unsafe prepare(
                .key,
                problem,
                inputs,
                from: call.key,
                rows: keys,
                to: scratch.keys,
                scratch
            )
        }
        let rows = unsafe 0..<call.rows
        unsafe prepare(
            .query,
            problem,
            inputs,
            from: call.query,
            rows: rows,
            to: scratch.queries,
            scratch
        )
        unsafe call.query = UnsafePointer(scratch.queries)
        if problem.score.function.preparesKeys { unsafe call.key = UnsafePointer(scratch.keys) }
        unsafe call.headDimension = columns
    }

    /// Prepares `rows` of `source`, either the queries or the keys of a call.
    @unsafe
    private func prepare(
        _ tensor: TensorName,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        from source: UnsafePointer<Float>,
        rows: Range<Int>,
        to target: UnsafeMutablePointer<Float>,
        _ scratch: ScoreScratch
    ) {
        let shape = problem.shape
        let columns = tensor == .query ? shape.headDimension : shape.keyDimension
        let results = problem.score.function.columns(shape)
        let source = unsafe source + rows.lowerBound * columns
        let target = unsafe target + rows.lowerBound * results
        let weights: UnsafePointer<Float>
        let isTransposed: Bool
        switch (problem.score.function, tensor) {
        case (.cosine, _):
            unsafe table.normalise(rows.count, columns, source, target)
            return
        case (.bilinear, .query):
            unsafe weights = parameter(.scoreWeights, inputs)
            isTransposed = false
        case (.additive, .query):
            unsafe weights = parameter(.queryWeights, inputs)
            isTransposed = true
        case (.additive, .key):
            unsafe weights = parameter(.keyWeights, inputs)
            isTransposed = true
        default: return
        }
        var product = unsafe headwise_product(
            left: source,
            right: weights,
            bias: nil,
            output: target,
            workspace: scratch.product,
            rows: rows.count,
            columns: results,
            depth: columns,
            leftStride: columns,
            rightStride: isTransposed ? columns : results,
            outputStride: results,
            isRightTransposed: isTransposed ? 1 : 0
        )
        unsafe table.multiply(&product)
    }

    private func parameter(
        _ tensor: TensorName,
        _ inputs: InputView
    ) -> UnsafePointer<Float> {
        guard let numbers = unsafe inputs.floats(tensor) else {
            preconditionFailure("the scoring function's parameters must be given")
        }
        return unsafe numbers
    }
}

extension ScoreFunction {
    /// Whether the kernel takes other keys than the tensor's.
    fileprivate var preparesKeys: Bool {
        switch self {
        case .cosine, .additive: true
        case .dot, .bilinear, .gaussian, .gaussianColumns: false
        }
    }
}

extension headwise_call {
    /// The keys that the rows of the call may see, from the first to the last.
    fileprivate var seenKeys: Range<Int> {
        var (lower, upper) = (Int.max, 0)
        for row in 0..<(unsafe rows) where unsafe visibleStart[row] < visibleEnd[row] {
            lower = unsafe min(lower, Int(visibleStart[row]))
            upper = unsafe max(upper, Int(visibleEnd[row]))
        }
        if unsafe span >= 0 {
            let first = unsafe span * AttentionKernel.spanKeys
            lower = max(lower, first)
            upper = min(upper, first + AttentionKernel.spanKeys)
        }
        return lower < upper ? lower..<upper : 0..<0
    }
}

/// A thread's memory for prepared queries and keys, and which keys it holds.
///
/// A class, since the workspace that refers to it is only borrowed. It grows to the largest problem.
final class ScoreScratch {
    private var slab: Slab?
    private var counts = (queries: 0, keys: 0, productBytes: 0)
    /// The key/value slice whose keys are held.
    private var slice = -1
    private var held = 0..<0

    /// Forgets the keys: the inputs may have changed.
    func forget() { held = 0..<0 }

    /// Makes room for so many floats and bytes.
    func reserve(queries: Int, keys: Int, productBytes: Int) {
        guard counts != (queries, keys, productBytes) else { return }
        forget()
        slab = nil
        counts = (queries, keys, productBytes)
        guard let slab = Slab(byteCount: productBytes + 4 * (queries + keys)) else {
            preconditionFailure("there must be memory for the prepared queries and keys")
        }
        self.slab = consume slab
    }

    /// The parts of `keys` that are not held yet; from now on they count as held.
    func missing(_ keyValueSlice: Int, _ keys: Range<Int>) -> [Range<Int>] {
        if keyValueSlice != slice || held.isEmpty || !held.overlaps(keys) {
            slice = keyValueSlice
            held = keys
            return keys.isEmpty ? [] : [keys]
        }
        let missing = [
            min(keys.lowerBound, held.lowerBound)..<held.lowerBound,
            held.upperBound..<max(keys.upperBound, held.upperBound),
        ]
        held = missing[0].lowerBound..<missing[1].upperBound
        return missing.filter { !$0.isEmpty }
    }

    /// The scratch memory of `multiply`, which wants it aligned.
    @unsafe var product: UnsafeMutableRawPointer {
        guard let base = unsafe slab?.base else {
            preconditionFailure("room must be made before it is used")
        }
        return unsafe base
    }

    /// [rows of a call, columns].
    @unsafe var queries: UnsafeMutablePointer<Float> {
        unsafe (product + counts.productBytes).assumingMemoryBound(to: Float.self)
    }

    /// [S, columns]; only the held keys are there.
    @unsafe var keys: UnsafeMutablePointer<Float> { unsafe queries + counts.queries }
}
