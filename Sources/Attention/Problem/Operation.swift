/// What is computed: attention, with what comes before it, or a part of it alone.
///
/// Each case names its stages (`AttentionProblem.stages`), from which sizes, splits, delivery and
/// gathering follow, and its tensors (`partCount`, `partByteCount`).
package enum Operation: Hashable, Sendable {
    case attention
    /// Attention over `keys` keys and values, to which E and F `[keys, S]` project those given along
    /// the sequence: Wang et al., "Linformer: self-attention with linear complexity", 2020. All heads
    /// share E and F.
    case linformer(keys: Int)
    /// The softmax of scores that are given, `[B,H,L,S]`, over the keys that each row sees: the weights
    /// of attention, and zeros for hidden keys.
    case maskedSoftmax

    /// The keys that Linformer leaves.
    package var projectedKeys: Int? {
        if case .linformer(let keys) = self { keys } else { nil }
    }
}

/// In JSON an operation is one flat object: `{"kind": "linformer", "keys": 256}`.
extension Operation: Codable {
    private enum Kind: String, Codable {
        case attention, linformer, maskedSoftmax
    }

    private enum CodingKeys: CodingKey {
        case kind, keys
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .attention: .attention
            case .linformer: .linformer(keys: try container.decode(Int.self, forKey: .keys))
            case .maskedSoftmax: .maskedSoftmax
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .attention: try container.encode(Kind.attention, forKey: .kind)
        case .linformer(let keys):
            try container.encode(Kind.linformer, forKey: .kind)
            try container.encode(keys, forKey: .keys)
        case .maskedSoftmax: try container.encode(Kind.maskedSoftmax, forKey: .kind)
        }
    }
}
