/// The two steps of a layer: everything of the first must be there before the second begins.
package enum LayerPhase: String, Hashable, Sendable, Codable, CaseIterable {
    /// Projections and attention of (batch, head) slices.
    case heads
    /// The output projection of token rows.
    case tokens
}

/// What a phase writes: parts of rows of columns, any range of which can be computed by itself.
package struct PhaseOutput: Hashable, Sendable {
    package var parts: Int
    package var rows: Int
    package var columns: Int
}

extension MultiHeadLayer {
    /// The output of a phase: slices of L rows of d columns, or B·L rows of E columns.
    package func output(of phase: LayerPhase) -> PhaseOutput {
        let shape = attention.shape
        return switch phase {
        case .heads:
            PhaseOutput(parts: shape.sliceCount, rows: shape.queryLength, columns: headDimension)
        case .tokens: PhaseOutput(parts: tokenCount, rows: 1, columns: embedding)
        }
    }

    /// Floating-point operations that a part of a phase needs.
    ///
    /// A multiply-add counts as two, of attention only visible pairs count, and biases do not.
    /// `lengths` and `visibility` are the tensors of those names, needed where the mask has them.
    @unsafe
    package func flops(
        of phase: LayerPhase,
        part: Int,
        lengths: UnsafePointer<Int32>? = nil,
        visibility: UnsafePointer<UInt8>? = nil
    ) -> Double {
        guard phase == .heads else { return 2 * Double(embedding) * Double(embedding) }
        let rows = 0..<attention.shape.queryLength
        let pairs = unsafe attention.visiblePairs(
            slice: part,
            rows: rows,
            lengths: lengths,
            visibility: visibility
        )
        let score = attention.score.function.preparationFlops(attention.shape)
        let keys =
            unsafe score.key == 0
            ? 0 : attention.seenKeys(part..<part + 1, lengths, visibility)
        let prepared = rows.count * score.query + keys * score.key
        return projectionFlops + Double(prepared) + Double(pairs) * Double(attention.flopsPerPair)
    }

    /// Floating-point operations of the whole layer: with L = S and no mask, about
    /// B·L·(8·E² + 4·L·E) of the fused variant.
    @unsafe
    package func flops(
        lengths: UnsafePointer<Int32>? = nil,
        visibility: UnsafePointer<UInt8>? = nil
    ) -> Double {
        let pairs = unsafe attention.visiblePairs(lengths: lengths, visibility: visibility)
        let prepared = unsafe attention.preparationFlops(
            lengths: lengths,
            visibility: visibility
        )
        let output = unsafe Double(tokenCount) * flops(of: .tokens, part: 0)
        return Double(attention.shape.sliceCount) * projectionFlops + output
            + Double(prepared) + Double(pairs) * Double(attention.flopsPerPair)
    }

    /// Operations for the query, key and value rows of one slice.
    private var projectionFlops: Double {
        let shape = attention.shape
        let rows = shape.queryLength + 2 * shape.keyLength
        let depth = variant == .fused ? embedding : headDimension
        return 2 * Double(rows) * Double(depth) * Double(headDimension)
    }
}
