import CSystem
import KernelBaseline

#if arch(x86_64)
import KernelAVX2
import KernelAVX512
#endif

/// Pointers to the running softmax of some rows over some keys: the result of a key shard.
package typealias RunningSoftmaxView = headwise_running_softmax

/// A row of the kernel table: forward attention in the vectors of one instruction set.
///
/// An output row's bits depend only on the problem, the inputs and the instruction set. They depend
/// neither on the requested ranges nor on the neighbouring rows, nor on which of the table's functions
/// computes it: speed alone decides that.
package struct AttentionKernel: Sendable {
    package let instructionSet: InstructionSet
    /// The kernel's functions and sizes.
    ///
    /// Tables of different instruction sets differ only in the instructions inside.
    package let table: headwise_kernel

    /// The number of query rows computed together.
    ///
    /// A row range may begin anywhere, but multiples of this number waste least.
    package var queryBlock: Int { table.queryBlock }
    /// The number of keys in one softmax step.
    package var keyBlock: Int { table.keyBlock }

    /// The number of keys in a span.
    ///
    /// Each span has its own running softmax, and spans merge left to right. The number is the same
    /// for every kernel, so that a plan does not depend on the processor.
    package static let spanKeys = KernelBaseline.table.spanKeys

    /// The largest number of rows in a decode call.
    static let decodeRows = KernelBaseline.table.decodeRows

    /// The largest D and Dv.
    package static let maximumDimension = KernelBaseline.table.maximumDimension

    /// Returns nil when the kernel is not compiled in, or this processor does not support it.
    package init?(_ instructionSet: InstructionSet) {
        guard instructionSet.isAvailable else { return nil }
        switch instructionSet {
        case .baseline: table = KernelBaseline.table
        #if arch(x86_64)
        case .avx2: table = KernelAVX2.table
        case .avx512: table = KernelAVX512.table
        #else
        case .avx2, .avx512: return nil
        #endif
        }
        self.instructionSet = instructionSet
    }

    /// The strongest kernel this processor runs.
    package static var best: AttentionKernel {
        guard let kernel = AttentionKernel(.best) else {
            preconditionFailure("the kernel of the best instruction set must run here")
        }
        return kernel
    }

    /// The number of spans of a problem with `keyLength` keys.
    package static func spanCount(keyLength: Int) -> Int {
        (keyLength + spanKeys - 1) / spanKeys
    }
}

// MARK: - Forward

extension AttentionKernel {
    /// Computes `rows` of `slices` on the calling thread.
    ///
    /// `output` points at row `rows.lowerBound` of slice `slices.lowerBound`; rows are Dv floats
    /// apart and slices `outputSliceStride`, so that it can be a whole tensor or a packed shard.
    @unsafe
    package func forward(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int,
        workspace: borrowing KernelWorkspace
    ) {
        workspace.scores.forget()
        unsafe forwardPart(
            problem,
            inputs,
            slices: slices,
            rows: rows,
            output: output,
            outputSliceStride: outputSliceStride,
            workspace: workspace
        )
    }

    /// `forward` of a part of the work on the same inputs: it uses the keys that an earlier part
    /// prepared.
    @unsafe
    func forwardPart(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int,
        workspace: borrowing KernelWorkspace
    ) {
        unsafe check(problem, inputs, slices: slices, rows: rows)
        if rows.count <= AttentionProblem.fewRows {
            unsafe decode(
                problem,
                inputs,
                slices: slices,
                rows: rows,
                output: output,
                outputSliceStride: outputSliceStride,
                workspace: workspace
            )
            return
        }
        for slice in slices {
            let sliceOutput = unsafe output + (slice - slices.lowerBound) * outputSliceStride
            var hasMean = false
            for piece in pieces(of: rows) {
                let offset = (piece.lowerBound - rows.lowerBound) * problem.shape.valueDimension
                var call = unsafe prepare(
                    problem,
                    inputs,
                    slices: slice..<slice + 1,
                    rows: piece,
                    output: sliceOutput + offset,
                    workspace: workspace
                )
                unsafe prepareScores(
                    problem,
                    inputs,
                    slice: slice,
                    &call,
                    workspace: workspace
                )
                unsafe table.forward(&call)
                unsafe fillHiddenRows(problem, call, workspace: workspace, hasMean: &hasMean)
            }
        }
    }

    @unsafe
    func check(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>
    ) {
        let shape = problem.shape
        precondition(
            slices.lowerBound >= 0 && slices.upperBound <= shape.sliceCount
                && rows.lowerBound >= 0 && rows.upperBound <= shape.queryLength,
            "slices and rows must be in the problem"
        )
        precondition(
            (1...Self.maximumDimension).contains(shape.headDimension)
                && (1...Self.maximumDimension).contains(shape.valueDimension),
            "D and Dv must be 1 to \(Self.maximumDimension)"
        )
        precondition(
            (1..<Int(Int32.max) - Self.spanKeys).contains(shape.keyLength),
            "key indexes must fit 32 bits"
        )
        unsafe precondition(
            (problem.mask.lengths == .none) == (inputs.lengths == nil)
                && (problem.mask.visibility == .none) == (inputs.visibility == nil)
                && (problem.mask.bias == .none) == (inputs[.bias] == nil),
            "the mask's tensors must be given exactly when the mask has them"
        )
    }

    /// `rows` in pieces that fit the workspace.
    func pieces(of rows: Range<Int>) -> some Sequence<Range<Int>> {
        let step = KernelWorkspace.rowCapacity / queryBlock * queryBlock
        return stride(from: rows.lowerBound, to: rows.upperBound, by: step).lazy
            .map { $0..<Swift.min($0 + step, rows.upperBound) }
    }

    /// Prepares the call for `rows` of slices that share their keys.
    ///
    /// It takes one slice, or several slices of all rows, or of the rows of a step. The visible keys of
    /// the rows are written to the workspace, and the call points there.
    @unsafe
    package func prepare(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        workspace: borrowing KernelWorkspace
    ) -> headwise_call {
        let shape = problem.shape
        let slice = slices.lowerBound
        let count = slices.count * rows.count
        let length = unsafe problem.length(
            slice: slice,
            row: rows.lowerBound,
            lengths: inputs.lengths
        )
        let hasRanges = problem.mask.pattern.hasRanges
        if hasRanges {
            unsafe workspace.ranges.fill(
                problem,
                inputs.lengths,
                slices: slices,
                rows: rows,
                starts: workspace.starts,
                ends: workspace.ends
            )
        } else {
            // Slices that share their keys belong to one batch element, so they have one length.
            var bounds = KeyBounds(problem, length: length)
            for row in rows {
                if problem.mask.lengths == .perRow {
                    let own = unsafe problem.length(slice: slice, row: row, lengths: inputs.lengths)
                    bounds = KeyBounds(problem, length: own)
                }
                let keys = bounds[row]
                for index in stride(from: row - rows.lowerBound, to: count, by: rows.count) {
                    unsafe workspace.starts[index] = Int32(keys.lowerBound)
                    unsafe workspace.ends[index] = Int32(keys.upperBound)
                }
            }
        }
        let keyRow = shape.keyValueSlice(of: slice) * shape.keyLength
        var visibility: UnsafePointer<UInt8>?
        if problem.mask.visibility != .none, let mask = unsafe inputs.visibility {
            let part = problem.part(of: .visibility, slice: slice)
            unsafe visibility =
                mask + (part * shape.queryLength + rows.lowerBound) * shape.keyLength
        }
        var call = unsafe headwise_call(
            query: inputs.query
                + (slice * shape.queryLength + rows.lowerBound) * shape.headDimension,
            key: inputs.key + keyRow * shape.keyDimension,
            value: inputs.value + keyRow * shape.valueDimension,
            parameters: nil,
            output: output,
            maximum: nil,
            sum: nil,
            visibleStart: workspace.starts,
            visibleEnd: workspace.ends,
            rangeOffsets: hasRanges ? UnsafePointer(workspace.ranges.offsets) : nil,
            ranges: hasRanges ? UnsafePointer(workspace.ranges.ranges) : nil,
            visibility: visibility,
            slopes: nil,
            positions: nil,
            nearest: nil,
            bias: problem.bias(slice: slice, row: rows.lowerBound, inputs),
            sinks: nil,
            workspace: workspace.kernel,
            rows: count,
            keyLength: shape.keyLength,
            headDimension: shape.headDimension,
            valueDimension: shape.valueDimension,
            maskRows: problem.mask.visibility.differsByHead ? count : rows.count,
            biasRows: problem.mask.bias.differsByHead ? count : rows.count,
            span: -1,
            score: problem.score.function.doorNumber,
            scale: problem.score.scale,
            softCap: problem.softCap ?? 0
        )
        if slices.count > 1, rows.count < shape.queryLength {
            unsafe call.query = gatherQueries(call.query, problem, slices.count, rows, workspace)
        }
        if !problem.alibi.isEmpty {
            for index in 0..<count {
                let head = (slice + index / rows.count) % shape.heads
                let position = problem.position(
                    ofRow: rows.lowerBound + index % rows.count,
                    length: length
                )
                unsafe workspace.slopes[index] = problem.alibi[head]
                unsafe workspace.positions[index] = Int32(position)
            }
            unsafe call.slopes = UnsafePointer(workspace.slopes)
            unsafe call.positions = UnsafePointer(workspace.positions)
            unsafe call.fillNearest(workspace.nearest, positions: workspace.positions)
        }
        if !problem.sinks.isEmpty {
            for index in 0..<count {
                let head = (slice + index / rows.count) % shape.heads
                var sink = problem.sinks[head]
                if !problem.alibi.isEmpty {
                    // The kernel counts distances from the nearest key's, which raises all scores.
                    sink += unsafe problem.alibi[head] * Float(workspace.nearest[index])
                }
                // The kernel multiplies it by log₂e.
                let largest = Mask.largestBias
                unsafe workspace.sinks[index] = max(-largest, min(largest, sink))
            }
            unsafe call.sinks = UnsafePointer(workspace.sinks)
        }
        return unsafe call
    }
}

extension AttentionKernel {
    /// Copies `rows` of some slices, the first of which is at `first`, beside each other.
    private func gatherQueries(
        _ first: UnsafePointer<Float>,
        _ problem: AttentionProblem,
        _ sliceCount: Int,
        _ rows: Range<Int>,
        _ workspace: borrowing KernelWorkspace
    ) -> UnsafePointer<Float> {
        let (columns, length) = (problem.shape.headDimension, problem.shape.queryLength)
        let count = rows.count * columns
        precondition(
            sliceCount * rows.count <= Self.decodeRows && problem.mask.visibility == .none
                && problem.mask.bias == .none,
            "rows of several slices must fit a call, and have no matrices of their own"
        )
        let target = unsafe workspace.gatheredQueries
        for slice in 0..<sliceCount {
            unsafe (target + slice * count).update(
                from: first + slice * length * columns,
                count: count
            )
        }
        return unsafe UnsafePointer(target)
    }
}

// MARK: - Roofs

extension AttentionKernel {
    /// Runs independent chains of multiply-adds in registers.
    ///
    /// The caller times it: this is the largest rate of the instruction set. `sink` only keeps the
    /// compiler from removing the work.
    package func fmaChains(iterations: Int) -> (flops: Double, sink: Float) {
        var sink: Float = 0
        let flops = unsafe withUnsafeMutablePointer(to: &sink) {
            unsafe table.fmaChains(iterations, 0.5, $0)
        }
        return (flops, sink)
    }

    /// Writes the tanh of every number of an array, as the kernels compute it.
    @unsafe
    package func tanh(
        _ numbers: UnsafePointer<Float>,
        into target: UnsafeMutablePointer<Float>,
        count: Int
    ) {
        unsafe table.tanh(numbers, target, count)
    }

    /// The sum of an array.
    ///
    /// The caller times it over an array larger than the caches: this is how fast one thread reads
    /// memory.
    @unsafe
    package func sumFloats(_ numbers: UnsafePointer<Float>, count: Int) -> Float {
        unsafe table.sumFloats(numbers, count)
    }
}
