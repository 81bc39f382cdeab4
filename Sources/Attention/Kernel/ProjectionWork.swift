/// The projections of some slices of a layer: rows of the inputs → `[slice][row][d]`.
///
/// A piece is some rows of one input tensor. Their columns of all heads come from as few products as
/// possible, since every product packs its rows and its weights again; then each head's columns move
/// to their place.
@unsafe
struct ProjectionWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    private let layer: MultiHeadLayer
    private let inputs: LayerView
    /// Slices of one batch element, or of whole ones.
    private let batches: Range<Int>
    private let heads: Range<Int>
    /// By the numbers of the projections.
    private let targets: InlineArray<3, UnsafeMutablePointer<Float>>
    private let pieces: [Piece]

    private struct Piece {
        /// All projections that read the same input tensor.
        var projections: [Projection]
        /// Rows of the batch elements, one element after the other.
        var rows: Range<Int>
    }

    /// The most floats that a product may leave to be moved.
    private static let mostResults = 4 << 20

    init(
        _ kernel: AttentionKernel,
        _ layer: MultiHeadLayer,
        _ inputs: LayerView,
        slices: Range<Int>,
        scratch: borrowing LayerScratch,
        threadCount: Int
    ) {
        let count = layer.attention.shape.heads
        let first = slices.lowerBound % count
        unsafe self.kernel = kernel
        unsafe self.layer = layer
        unsafe self.inputs = inputs
        let batches = slices.lowerBound / count..<(slices.upperBound + count - 1) / count
        unsafe self.batches = batches
        unsafe heads = batches.count > 1 ? 0..<count : first..<first + slices.count
        unsafe targets = [scratch.query, scratch.key, scratch.value]
        let most = unsafe max(1, Self.mostResults / (3 * layer.embedding))
        unsafe pieces = layer.projectionsTogether.flatMap { projections in
            let total = batches.count * layer.rowCount(projections[0])
            let rows = RowPieces(total, threadCount: threadCount, most: most)
            return (0..<rows.count).map { Piece(projections: projections, rows: rows[$0]) }
        }
    }

    var pieceCount: Int { unsafe pieces.count }

    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let piece = unsafe pieces[piece]
        switch unsafe layer.variant {
        case .fused: unsafe projectTogether(piece, workspace.products)
        case .shared:
            for projection in piece.projections {
                unsafe projectByHead(projection, piece.rows, workspace.products)
            }
        }
        return 1
    }

    /// The fused variant: products of all heads, moved afterwards.
    private func projectTogether(_ piece: Piece, _ scratch: ProductScratch) {
        let e = unsafe layer.embedding
        let width = unsafe heads.count * layer.headDimension
        let columns = piece.projections.count * width
        unsafe scratch.reserve(kernel, results: piece.rows.count * columns)
        // With all heads, the weights of neighbouring projections are neighbours, too.
        let isOne = width == e
        for (index, projection) in piece.projections.enumerated() where !isOne || index == 0 {
            let first = unsafe projection.rawValue * e + heads.lowerBound * layer.headDimension
            let product = unsafe self.product(
                piece.rows,
                projection,
                right: inputs.required(.projectionWeights) + first * e,
                bias: inputs.required(.projectionBias) + first,
                columns: isOne ? columns : width,
                depth: e,
                output: scratch.results + index * width,
                outputStride: columns
            )
            unsafe product.compute(kernel, rows: 0..<piece.rows.count, scratch)
        }
        for (index, projection) in piece.projections.enumerated() {
            unsafe move(
                piece.rows,
                projection,
                from: scratch.results + index * width,
                rowStride: columns
            )
        }
    }

    /// Moves the columns of every head to its rows.
    private func move(
        _ rows: Range<Int>,
        _ projection: Projection,
        from source: UnsafePointer<Float>,
        rowStride: Int
    ) {
        let d = unsafe layer.headDimension
        unsafe forEachBatch(rows, projection) { part, batch, row in
            for head in 0..<(unsafe heads.count) {
                let target = unsafe self.target(projection, batch, head, row: row)
                let first = unsafe source + (part.lowerBound * rowStride + head * d)
                for index in 0..<part.count {
                    unsafe (target + index * d).update(from: first + index * rowStride, count: d)
                }
            }
        }
    }

    /// The shared variant: a product for each head, whose columns are the head's.
    private func projectByHead(
        _ projection: Projection,
        _ rows: Range<Int>,
        _ scratch: ProductScratch
    ) {
        let d = unsafe layer.headDimension
        unsafe forEachBatch(rows, projection) { part, batch, row in
            for head in 0..<(unsafe heads.count) {
                let all = rows.lowerBound + part.lowerBound..<rows.lowerBound + part.upperBound
                var product = unsafe self.product(
                    all,
                    projection,
                    right: inputs.required(projection.sharedWeights),
                    bias: nil,
                    columns: d,
                    depth: d,
                    output: target(projection, batch, head, row: row),
                    outputStride: d
                )
                unsafe product.left += (heads.lowerBound + head) * d
                unsafe product.compute(kernel, rows: 0..<part.count, scratch)
            }
        }
    }

    /// A product of rows of a projection's input tensor with rows of its weights.
    private func product(
        _ rows: Range<Int>,
        _ projection: Projection,
        right: UnsafePointer<Float>,
        bias: UnsafePointer<Float>?,
        columns: Int,
        depth: Int,
        output: UnsafeMutablePointer<Float>,
        outputStride: Int
    ) -> MatrixProduct {
        let first = unsafe batches.lowerBound * layer.rowCount(projection) + rows.lowerBound
        var product = unsafe MatrixProduct(
            ProductShape(rows: rows.count, columns: columns, depth: depth),
            left: inputs.source(projection) + first * layer.embedding,
            right: right,
            isRightTransposed: true,
            bias: bias,
            output: output
        )
        unsafe product.leftStride = layer.embedding
        unsafe product.outputStride = outputStride
        return unsafe product
    }

    /// Calls `body` for the rows of each batch element: which of `rows` they are, counted from its
    /// start, the element counted from the first, and its first row.
    private func forEachBatch(
        _ rows: Range<Int>,
        _ projection: Projection,
        _ body: (_ part: Range<Int>, _ batch: Int, _ row: Int) -> Void
    ) {
        let length = unsafe layer.rowCount(projection)
        var start = rows.lowerBound
        while start < rows.upperBound {
            let (batch, row) = start.quotientAndRemainder(dividingBy: length)
            let end = min(rows.upperBound, (batch + 1) * length)
            body(start - rows.lowerBound..<end - rows.lowerBound, batch, row)
            start = end
        }
    }

    private func target(
        _ projection: Projection,
        _ batch: Int,
        _ head: Int,
        row: Int
    ) -> UnsafeMutablePointer<Float> {
        let slice = unsafe batch * heads.count + head
        return unsafe targets[projection.rawValue]
            + (slice * layer.rowCount(projection) + row) * layer.headDimension
    }
}
