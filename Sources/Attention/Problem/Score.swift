import CSystem

/// How a query row and a key make a score, before the soft cap and ALiBi.
///
/// A score is a factor times a sum over the D columns of query and key. Every case names its factor
/// and the term of its sum; the kernels, the oracle and the work count read them here.
package enum Score: Hashable, Sendable {
    /// scale · Σ q·k: Vaswani et al., "Attention is all you need", 2017, with `1/√D` for the scale.
    case scaledDot(scale: Float)

    /// The default for D columns.
    package static func usual(headDimension: Int) -> Score {
        .scaledDot(scale: 1 / Float(headDimension).squareRoot())
    }

    /// The factor on the sum.
    package var scale: Float {
        switch self {
        case .scaledDot(let scale): scale
        }
    }

    /// Floating-point operations of one pair for each of the D columns.
    package var flopsPerColumn: Int {
        switch self {
        case .scaledDot: 2
        }
    }

    /// The number of this score at the kernel door.
    var doorNumber: Int32 {
        switch self {
        case .scaledDot: Int32(HEADWISE_SCORE_DOT)
        }
    }

    /// Throws when the factor is not a number to multiply by.
    ///
    /// Zero (equal weights) and negative factors are allowed.
    func validate() throws(AttentionError) {
        guard scale.isFinite else { throw .scoreScaleNotFinite(found: scale) }
    }
}

/// In JSON a score is one flat object: `{"kind": "scaledDot", "scale": 0.125}`.
extension Score: Codable {
    private enum Kind: String, Codable {
        case scaledDot
    }

    private enum CodingKeys: CodingKey {
        case kind, scale
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let scale = try container.decode(Float.self, forKey: .scale)
        self =
            switch try container.decode(Kind.self, forKey: .kind) {
            case .scaledDot: .scaledDot(scale: scale)
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .scaledDot: try container.encode(Kind.scaledDot, forKey: .kind)
        }
        try container.encode(scale, forKey: .scale)
    }
}
