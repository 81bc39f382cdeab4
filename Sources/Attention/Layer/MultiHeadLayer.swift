/// A multi-head attention layer (Vaswani et al., "Attention is all you need", 2017, section 3.2.2).
///
///     q, k, v  projections of query `[B,L,E]`, key `[B,S,E]` and value `[B,S,E]`: H heads of d = E / H
///     heads    attention of every head, `[B,L,E]`: head h has the columns from h·d on
///     output   heads · W_oᵀ + b_o, `[B,L,E]`
///
/// The weights are `[out, in]`, as those of PyTorch's linear layers are.
package struct MultiHeadLayer: Hashable, Sendable, Codable {
    package var variant: Variant
    package var source: Source
    /// E.
    package var embedding: Int
    /// The attention of the heads, `[B,H,L,d]`, with its mask and scores.
    package var attention: AttentionProblem

    package typealias Variant = LayerVariant
    package typealias Source = LayerSource

    package init(
        _ variant: Variant,
        source: Source = .itself,
        embedding: Int,
        heads: Int,
        batch: Int,
        queryLength: Int,
        keyLength: Int? = nil,
        mask: Mask = .none
    ) {
        self.variant = variant
        self.source = source
        self.embedding = embedding
        let dimension = embedding / max(1, heads)
        attention = AttentionProblem(
            shape: AttentionShape(
                batch: batch,
                heads: heads,
                keyValueHeads: heads,
                queryLength: queryLength,
                keyLength: keyLength ?? queryLength,
                headDimension: dimension,
                valueDimension: dimension
            ),
            mask: mask,
            score: .usual(headDimension: variant == .fused ? dimension : embedding)
        )
    }

    /// d.
    package var headDimension: Int { attention.shape.headDimension }
    /// B·L, the rows of the output.
    package var tokenCount: Int { attention.shape.batch * attention.shape.queryLength }
}

extension MultiHeadLayer {
    package static let largestEmbedding = 1 << 20

    /// Throws why this layer cannot be computed; call it before anything is allocated.
    package func validate() throws(LayerError) {
        let shape = attention.shape
        let allowed = 1...Self.largestEmbedding
        guard allowed.contains(embedding) else {
            throw .embeddingOutOfRange(found: embedding, allowed: allowed)
        }
        guard shape.heads > 0, embedding % shape.heads == 0 else {
            throw .embeddingNotDivisible(embedding: embedding, heads: shape.heads)
        }
        let dimension = embedding / shape.heads
        let sizes: [(LayerError.Size, Int, Int)] = [
            (.keyValueHeads, shape.keyValueHeads, shape.heads),
            (.headDimension, shape.headDimension, dimension),
            (.keyDimension, shape.keyDimension, dimension),
            (.valueDimension, shape.valueDimension, dimension),
        ]
        for (size, found, expected) in sizes where found != expected {
            throw .sizeDiffers(size: size, found: found, expected: expected)
        }
        guard source != .itself || shape.queryLength == shape.keyLength else {
            throw .lengthsDiffer(queryLength: shape.queryLength, keyLength: shape.keyLength)
        }
        try LayerError.attention { () throws(AttentionError) in try attention.validate() }
        guard let bytes = attention.requiredBytes, bytes < Int.max / 4,
            3 * embedding * embedding < Int.max / 16
        else { throw .tensorsTooLarge }
    }
}

extension AttentionProblem {
    /// The layer that the problem is; nil for other operations.
    package var layer: MultiHeadLayer? {
        guard case .multiHead(let variant, let source) = operation else { return nil }
        var layer = MultiHeadLayer(
            variant,
            source: source,
            embedding: embedding,
            heads: shape.heads,
            batch: shape.batch,
            queryLength: shape.queryLength
        )
        layer.attention = attended
        return layer
    }
}

extension InputView {
    /// The tensors of a layer, and those of its mask and scores.
    package var layer: LayerView {
        unsafe LayerView(
            { tensor in unsafe self.floats(tensor.name) },
            beside: { tensor in unsafe self[tensor] }
        )
    }
}

extension LayerTensor {
    /// The tensor's name in a problem.
    package var name: TensorName {
        switch self {
        case .query: .query
        case .key: .key
        case .value: .value
        case .projectionWeights: .projectionWeights
        case .projectionBias: .projectionBias
        case .queryWeights: .sharedQueryWeights
        case .keyWeights: .sharedKeyWeights
        case .valueWeights: .sharedValueWeights
        case .outputWeights: .outputWeights
        case .outputBias: .outputBias
        case .heads: .heads
        case .output: .output
        }
    }
}
