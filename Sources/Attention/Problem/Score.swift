import CSystem

/// How a query row and a key make a score, before the soft cap and ALiBi: a factor times a function.
package struct Score: Hashable, Sendable {
    package var function: ScoreFunction
    /// The factor, also 0 (equal weights) or negative.
    package var scale: Float

    package init(_ function: ScoreFunction, scale: Float) {
        self.function = function
        self.scale = scale
    }

    package static func scaledDot(scale: Float) -> Score { Score(.dot, scale: scale) }

    /// The default: scaled dot products of D columns.
    package static func usual(headDimension: Int) -> Score {
        .scaledDot(scale: 1 / Float(headDimension).squareRoot())
    }

    /// Throws when the factor is not a number to multiply by.
    func validate() throws(AttentionError) {
        guard scale.magnitude <= AttentionProblem.largestFactor else {
            throw .scoreScaleOutOfRange(found: scale)
        }
    }
}

extension Score {
    /// The name of its function, whatever its factor; a dot product with a factor is scaled.
    package var scoring: ScoringName {
        switch function {
        case .dot: scale == 1 ? .dot : .scaledDot
        case .cosine: .cosine
        case .bilinear: .bilinear
        case .additive: .additive
        case .gaussian: .gaussian
        case .gaussianColumns: .gaussianColumns
        }
    }
}

/// The function of a query row q and a key k in a score.
///
/// Every case names its terms, the tensors of its parameters, and how queries and keys are prepared;
/// the kernels, the oracle, the generator and the work count read them here.
package enum ScoreFunction: Hashable, Sendable {
    /// Σ q·k: Luong, Pham and Manning, "Effective approaches to attention-based neural machine
    /// translation", EMNLP 2015; with `1/√D` for the scale, Vaswani et al., "Attention is all you
    /// need", 2017.
    case dot
    /// Σ q·k / (|q|·|k|): Graves, Wayne and Danihelka, "Neural Turing machines", 2014. A row of
    /// zeros has the cosine 0.
    case cosine
    /// qᵀ W k, W being `[D, Dk]`: Luong et al., 2015 ("general").
    case bilinear
    /// Σ w·tanh(W_q q + W_k k) over `hidden` units, W_q being `[hidden, D]`, W_k `[hidden, Dk]`, w
    /// `[hidden]`: Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to
    /// align and translate", ICLR 2015.
    case additive(hidden: Int)
    /// −Σ ((q − k)·w)² / 2 with one width w: Nadaraya, 1964, and Watson, 1964.
    case gaussian
    /// The same with a width for each column, w being `[D]`.
    case gaussianColumns

    /// Whether queries and keys may differ in their columns.
    package var takesOtherKeyDimension: Bool {
        switch self {
        case .bilinear, .additive: true
        case .dot, .cosine, .gaussian, .gaussianColumns: false
        }
    }

    /// The columns of prepared queries and keys, from which the kernel makes scores.
    package func columns(_ shape: AttentionShape) -> Int {
        switch self {
        case .dot, .cosine, .gaussian, .gaussianColumns: shape.headDimension
        case .bilinear: shape.keyDimension
        case .additive(let hidden): hidden
        }
    }

    /// Floating-point operations of one pair for each of these columns; a tanh counts as one.
    ///
    /// A difference and its square count as one product: 2.
    package var flopsPerColumn: Int {
        switch self {
        case .dot, .cosine, .bilinear, .gaussian, .gaussianColumns: 2
        case .additive: 4
        }
    }

    /// Floating-point operations that prepare one query, and one key.
    package func preparationFlops(_ shape: AttentionShape) -> (query: Int, key: Int) {
        switch self {
        case .dot, .gaussian, .gaussianColumns: (0, 0)
        case .cosine: (3 * shape.headDimension, 3 * shape.headDimension)
        case .bilinear: (2 * shape.headDimension * shape.keyDimension, 0)
        case .additive(let hidden):
            (2 * shape.headDimension * hidden, 2 * shape.keyDimension * hidden)
        }
    }

    /// The shape of a parameter; nil when the function has no such parameter.
    package func shape(ofParameter tensor: TensorName, _ shape: AttentionShape) -> [Int]? {
        switch (self, tensor) {
        case (.bilinear, .scoreWeights): [shape.headDimension, shape.keyDimension]
        case (.additive(let hidden), .queryWeights): [hidden, shape.headDimension]
        case (.additive(let hidden), .keyWeights): [hidden, shape.keyDimension]
        case (.additive(let hidden), .hiddenWeights): [hidden]
        case (.gaussian, .scoreWeights): [1]
        case (.gaussianColumns, .scoreWeights): [shape.headDimension]
        default: nil
        }
    }

    /// The number of this function at the kernel door.
    var doorNumber: Int32 {
        switch self {
        case .dot, .cosine, .bilinear: Int32(HEADWISE_SCORE_DOT)
        case .additive: Int32(HEADWISE_SCORE_ADDITIVE)
        case .gaussian: Int32(HEADWISE_SCORE_SQUARES)
        case .gaussianColumns: Int32(HEADWISE_SCORE_WEIGHTED_SQUARES)
        }
    }
}

/// The name of a scoring function, as on the command line.
package enum ScoringName: String, Hashable, Sendable, CaseIterable, Codable {
    case scaledDot = "scaled-dot"
    case dot
    case cosine
    case bilinear
    case additive
    case gaussian
    case gaussianColumns = "gaussian-columns"

    /// The function; `hidden` counts only for `additive`.
    package func function(hidden: Int) -> ScoreFunction {
        switch self {
        case .scaledDot, .dot: .dot
        case .cosine: .cosine
        case .bilinear: .bilinear
        case .additive: .additive(hidden: hidden)
        case .gaussian: .gaussian
        case .gaussianColumns: .gaussianColumns
        }
    }

    /// The default factor on the function.
    package func usualScale(headDimension: Int) -> Float {
        self == .scaledDot ? 1 / Float(headDimension).squareRoot() : 1
    }
}

/// In JSON a score is one flat object: `{"kind": "scaledDot", "scale": 0.125}`, or
/// `{"kind": "additive", "hidden": 32, "scale": 1}`.
extension Score: Codable {
    private enum Kind: String, Codable {
        case scaledDot, cosine, bilinear, additive, gaussian, gaussianColumns
    }

    private enum CodingKeys: CodingKey {
        case kind, scale, hidden
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        scale = try container.decode(Float.self, forKey: .scale)
        function =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .scaledDot: .dot
            case .cosine: .cosine
            case .bilinear: .bilinear
            case .additive: .additive(hidden: try container.decode(Int.self, forKey: .hidden))
            case .gaussian: .gaussian
            case .gaussianColumns: .gaussianColumns
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(scale, forKey: .scale)
        if case .additive(let hidden) = function { try container.encode(hidden, forKey: .hidden) }
    }

    private var kind: Kind {
        switch function {
        case .dot: .scaledDot
        case .cosine: .cosine
        case .bilinear: .bilinear
        case .additive: .additive
        case .gaussian: .gaussian
        case .gaussianColumns: .gaussianColumns
        }
    }
}
