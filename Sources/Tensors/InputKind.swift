/// What the main tensors of an input are.
package enum InputKind: Hashable, Sendable {
    /// The q, k and v of attention, `[B,H,L,D]`.
    case attention
    /// The scores of a softmax, `[B,H,L,S]`.
    case scores
    /// The query of a layer, `[B,L,E]`, and perhaps its key and value; files do not say how many
    /// heads there are.
    case layer(heads: Int)

    package var isLayer: Bool {
        if case .layer = self { true } else { false }
    }

    /// What to do with the rows of a layer that stand before the batch.
    static let turnedRows =
        "save numpy.ascontiguousarray(query.swapaxes(0, 1)) if it is [L,B,E], and key and value likewise"

    /// The tensor without which there is no input.
    var mainRole: TensorArchive.Role { self == .scores ? .scores : .query }

    /// What may be in the input.
    var roles: Set<TensorArchive.Role> {
        switch self {
        case .attention: Set(TensorArchive.names.map(\.role)).subtracting([.scores])
        // Bias and sinks are found to be refused.
        case .scores: [.scores, .mask, .lengths, .bias, .sinks]
        case .layer: [.query, .key, .value, .mask, .lengths, .bias, .sinks]
        }
    }
}
