/// The tensors of a layer beside those of its attention's mask and scores.
package enum LayerTensor: Int, Hashable, Sendable, Codable, CaseIterable {
    /// `[B,L,E]`.
    case query = 0
    /// `[B,S,E]`; absent in self-attention.
    case key
    /// `[B,S,E]`; there where keys and values have separate tensors.
    case value
    /// The fused variant's weights, `[3E,E]`, in PyTorch's order of rows.
    case projectionWeights
    /// The fused variant's bias, `[3E]`.
    case projectionBias
    /// The shared variant's, `[d,d]`, as the next two.
    case queryWeights
    case keyWeights
    case valueWeights
    /// W_o, `[E,E]`.
    case outputWeights
    /// b_o, `[E]`.
    case outputBias
    /// `[B,L,E]`: what the heads give the output projection.
    case heads
    case output

    /// All tensors but those that are computed.
    package static let inputs = allCases.filter { $0 != .heads && $0 != .output }
}

extension MultiHeadLayer {
    /// The shape of a tensor; nil when the layer has no such tensor.
    package func shape(of tensor: LayerTensor) -> [Int]? {
        let (shape, e, d) = (attention.shape, embedding, headDimension)
        let (queries, keys) = (
            [shape.batch, shape.queryLength, e], [shape.batch, shape.keyLength, e]
        )
        return switch tensor {
        case .query, .heads, .output: queries
        case .key: source == .itself ? nil : keys
        case .value: source == .separate ? keys : nil
        case .projectionWeights: variant == .fused ? [3 * e, e] : nil
        case .projectionBias: variant == .fused ? [3 * e] : nil
        case .queryWeights, .keyWeights, .valueWeights: variant == .shared ? [d, d] : nil
        case .outputWeights: [e, e]
        case .outputBias: [e]
        }
    }

    /// The number of f32 elements of a tensor; 0 when the layer has no such tensor.
    package func elementCount(of tensor: LayerTensor) -> Int {
        shape(of: tensor).map { $0.reduce(1, *) } ?? 0
    }

    /// The bytes that must at least be read and written once: inputs, weights and output, and the
    /// tensors of mask and scores.
    package var tensorBytes: Int {
        let own = LayerTensor.inputs.reduce(elementCount(of: .output)) {
            $0 + elementCount(of: $1)
        }
        let projected = [TensorName.query, .key, .value, .output]
        return TensorName.allCases.filter { !projected.contains($0) }.reduce(4 * own) {
            $0 + attention.byteCount(of: $1)
        }
    }
}

/// The order of the 3E rows of fused projection weights and biases in files.
///
/// A layer's own order is `byProjection`.
package enum ProjectionOrder: String, Hashable, Sendable, Codable, CaseIterable {
    /// All rows of q, then of k, then of v, each by head: PyTorch's `in_proj_weight`.
    case byProjection
    /// For each head its rows of q, k and v: a `qkv_proj.weight` whose result is cut in H parts of 3d.
    case byHead
}
