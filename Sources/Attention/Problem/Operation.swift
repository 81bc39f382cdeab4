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
    /// A multi-head layer: projections, the attention of H heads of d columns, output projection.
    case multiHead(LayerVariant, LayerSource)
    /// Kernel regression, as Nadaraya and Watson found it in 1964: each slice is a set of data, inputs
    /// x `[S,1]` as keys and targets y `[S,1]` as values, and a query is an input whose target is
    /// predicted, as the mean of all targets with the weights of `Pooling`.
    case kernelRegression(Pooling)
    /// Decoding with a cache: the L rows are steps, each of which begins when the one before has ended.
    ///
    /// Row t attends to the keys that are there then: the S − L of the cache, and one for each of rows
    /// 0…t.
    case decodeSteps

    /// Whether it is a layer.
    package var isLayer: Bool {
        if case .multiHead = self { true } else { false }
    }

    /// The keys that Linformer leaves.
    package var projectedKeys: Int? {
        if case .linformer(let keys) = self { keys } else { nil }
    }

    /// Whether rows attend to keys of their own tensor, so that the keys can be cut.
    package var attendsDirectly: Bool {
        switch self {
        case .attention, .linformer, .decodeSteps: true
        case .maskedSoftmax, .multiHead, .kernelRegression: false
        }
    }

    /// How kernel regression weighs targets.
    package var pooling: Pooling? {
        if case .kernelRegression(let pooling) = self { pooling } else { nil }
    }
}

/// How a layer projects queries, keys and values.
package enum LayerVariant: String, Hashable, Sendable, Codable, CaseIterable {
    /// By one matrix `[3E,E]` with a bias; scores are scaled by 1/√d.
    case fused
    /// Columns are split in heads first, and all heads share one matrix `[d,d]` without a bias for q,
    /// one for k and one for v; scores are scaled by 1/√E.
    case shared
}

/// Where a layer's queries, keys and values come from.
package enum LayerSource: String, Hashable, Sendable, Codable, CaseIterable {
    /// One tensor: self-attention.
    case itself
    /// Keys and values from one tensor: an encoder's output.
    case memory
    case separate
}

/// In JSON an operation is one flat object: `{"kind": "linformer", "keys": 256}`.
extension Operation: Codable {
    private enum Kind: String, Codable {
        case attention, linformer, maskedSoftmax, multiHead, kernelRegression, decodeSteps
    }

    private enum CodingKeys: CodingKey {
        case kind, keys, variant, source, pooling, epochs, rate
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .attention: .attention
            case .linformer: .linformer(keys: try container.decode(Int.self, forKey: .keys))
            case .maskedSoftmax: .maskedSoftmax
            case .decodeSteps: .decodeSteps
            case .multiHead:
                .multiHead(
                    try container.decode(LayerVariant.self, forKey: .variant),
                    try container.decode(LayerSource.self, forKey: .source)
                )
            case .kernelRegression:
                .kernelRegression(
                    try Pooling(try container.decode(PoolingName.self, forKey: .pooling)) {
                        Training(
                            epochs: try container.decode(Int.self, forKey: .epochs),
                            rate: try container.decode(Float.self, forKey: .rate)
                        )
                    }
                )
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
        case .decodeSteps: try container.encode(Kind.decodeSteps, forKey: .kind)
        case .multiHead(let variant, let source):
            try container.encode(Kind.multiHead, forKey: .kind)
            try container.encode(variant, forKey: .variant)
            try container.encode(source, forKey: .source)
        case .kernelRegression(let pooling):
            try container.encode(Kind.kernelRegression, forKey: .kind)
            try container.encode(pooling.name, forKey: .pooling)
            guard case .learned(let training) = pooling else { return }
            try container.encode(training.epochs, forKey: .epochs)
            try container.encode(training.rate, forKey: .rate)
        }
    }
}
