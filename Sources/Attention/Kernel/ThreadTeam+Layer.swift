extension ThreadTeam {
    /// Phase 1 of a layer: projects and attends some slices, and writes their rows of heads.
    ///
    /// `scratch` is for at least one slice and for this layer. A slice's bits do not depend on which
    /// others are computed with it.
    @unsafe
    @discardableResult
    package func computeHeads(
        _ kernel: AttentionKernel,
        _ layer: MultiHeadLayer,
        _ inputs: LayerView,
        slices: Range<Int>,
        into target: HeadRows,
        scratch: borrowing LayerScratch
    ) -> TeamTimes {
        var times = TeamTimes()
        let shape = layer.attention.shape
        let heads = shape.heads
        var first = slices.lowerBound
        while first < slices.upperBound {
            let most = min(slices.upperBound - first, scratch.sliceCapacity)
            // Whole batch elements if they fit, else heads of one.
            let isWhole = first % heads == 0 && most >= heads
            let count = isWhole ? most / heads * heads : min(most, heads - first % heads)
            let part = first..<first + count
            times =
                unsafe times
                + run(
                    ProjectionWork(
                        kernel,
                        layer,
                        inputs,
                        slices: part,
                        scratch: scratch,
                        threadCount: threadCount
                    )
                )
            times = unsafe times + attend(kernel, layer, inputs, part, target, scratch)
            first += count
        }
        return times
    }

    /// Projects a slice as `computeHeads` does, and calls `body` with the inputs of its attention,
    /// `layer.attention`; they are valid in `body` and for this slice alone.
    @unsafe
    package func withProjected<Result>(
        _ kernel: AttentionKernel,
        _ layer: MultiHeadLayer,
        _ inputs: LayerView,
        slice: Int,
        _ body: (InputView) throws -> Result
    ) throws -> Result {
        let scratch = try LayerScratch(layer, slices: 1, threadCount: threadCount)
        let slices = slice..<slice + 1
        _ = unsafe run(
            ProjectionWork(
                kernel,
                layer,
                inputs,
                slices: slices,
                scratch: scratch,
                threadCount: threadCount
            )
        )
        return unsafe try body(Self.projected(layer, inputs, slices, scratch))
    }

    /// The inputs of attention, whose memory begins with the first of `slices`.
    ///
    /// The kernels count slices from the problem's first.
    @unsafe
    private static func projected(
        _ layer: MultiHeadLayer,
        _ inputs: LayerView,
        _ slices: Range<Int>,
        _ scratch: borrowing LayerScratch
    ) -> InputView {
        let shape = layer.attention.shape
        let first = slices.lowerBound
        let (queries, keys) = (
            first * shape.queryLength * shape.headDimension,
            first * shape.keyLength * shape.headDimension
        )
        return unsafe inputs.attention(
            query: scratch.query - queries,
            key: scratch.key - keys,
            value: scratch.value - keys
        )
    }

    @unsafe
    private func attend(
        _ kernel: AttentionKernel,
        _ layer: MultiHeadLayer,
        _ inputs: LayerView,
        _ slices: Range<Int>,
        _ target: HeadRows,
        _ scratch: borrowing LayerScratch
    ) -> TeamTimes {
        let shape = layer.attention.shape
        let attention = unsafe AttentionWork(
            kernel: kernel,
            problem: layer.attention,
            inputs: Self.projected(layer, inputs, slices, scratch),
            slices: slices,
            rows: 0..<shape.queryLength,
            output: scratch.output,
            outputSliceStride: shape.queryLength * shape.headDimension,
            threadCount: threadCount
        )
        let times = unsafe run(PlacedAttention(attention, target))
        unsafe finish(attention)
        unsafe attention.placeRuns(target)
        return times
    }

    /// Phase 2 of a layer: the output projection of some token rows of `[B·L]`.
    ///
    /// `heads` is the whole tensor `[B,L,E]`; `output` points at the first of the rows.
    @unsafe
    @discardableResult
    package func computeTokens(
        _ kernel: AttentionKernel,
        _ layer: MultiHeadLayer,
        _ inputs: LayerView,
        rows: Range<Int>,
        heads: UnsafePointer<Float>,
        output: UnsafeMutablePointer<Float>
    ) -> TeamTimes {
        let e = layer.embedding
        return unsafe multiply(
            kernel,
            MatrixProduct(
                ProductShape(rows: rows.count, columns: e, depth: e),
                left: heads + rows.lowerBound * e,
                right: inputs.required(.outputWeights),
                isRightTransposed: true,
                bias: inputs.required(.outputBias),
                output: output
            )
        )
    }

    /// Both phases of a whole layer; `heads` and `output` are `[B,L,E]`.
    @unsafe
    @discardableResult
    package func computeLayer(
        _ kernel: AttentionKernel,
        _ layer: MultiHeadLayer,
        _ inputs: LayerView,
        heads: UnsafeMutablePointer<Float>,
        output: UnsafeMutablePointer<Float>,
        scratch: borrowing LayerScratch
    ) -> TeamTimes {
        let times = unsafe computeHeads(
            kernel,
            layer,
            inputs,
            slices: 0..<layer.attention.shape.sliceCount,
            into: HeadRows(layer, whole: heads),
            scratch: scratch
        )
        return unsafe times
            + computeTokens(
                kernel,
                layer,
                inputs,
                rows: 0..<layer.tokenCount,
                heads: heads,
                output: output
            )
    }
}

/// Attention whose rows are copied to their place while they are in the caches.
@unsafe
private struct PlacedAttention: @unsafe ThreadWork {
    private let attention: AttentionWork
    private let target: HeadRows

    init(_ attention: AttentionWork, _ target: HeadRows) {
        unsafe self.attention = attention
        unsafe self.target = target
    }

    var pieceCount: Int { unsafe attention.pieceCount }

    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let count = unsafe attention.compute(piece: piece, workspace: workspace)
        unsafe attention.place(piece: piece, target)
        return count
    }
}
