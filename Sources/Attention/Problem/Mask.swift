/// Which keys a query row may see, and what is added to their scores.
///
/// The first four parts are independent: a key is visible when every part shows it.
package struct Mask: Hashable, Sendable, Codable {
    /// A band that depends only on the row and key index.
    package enum Band: String, Hashable, Sendable, Codable {
        case none
        /// Row i sees keys 0…i + offset: aligned to the top-left corner.
        case causal
        /// Row i sees keys 0…i + S − L: aligned to the bottom-right corner.
        ///
        /// A row may see no key.
        case causalBottomRight
        /// Row i of a batch element of n valid keys sees keys 0…i + n − L: the rows are the last ones
        /// of their element, whatever its length. Needs lengths of the kind `perBatch`.
        case causalByLength
    }

    /// Valid lengths: a row sees keys below its length.
    package enum Lengths: String, Hashable, Sendable, Codable {
        case none
        /// One length per batch element, `[B]`.
        case perBatch
        /// One length per query row, `[B,L]`.
        case perRow
    }

    /// A tensor with a number for every (query, key) pair, and what it broadcasts over.
    package enum Pairs: String, Hashable, Sendable, Codable, CaseIterable {
        /// There is no such tensor.
        case none
        /// `[L,S]`, shared by every slice.
        case shared
        /// `[B,L,S]`, shared by the heads of a batch element.
        case perBatch
        /// `[H,L,S]`, shared by the batch elements.
        case perHead
        /// `[B,H,L,S]`.
        case perSlice

        package var differsByHead: Bool { self == .perHead || self == .perSlice }

        /// How many matrices `[L,S]` the tensor has.
        package func matrixCount(_ shape: AttentionShape) -> Int {
            switch self {
            case .none: 0
            case .shared: 1
            case .perBatch: shape.batch
            case .perHead: shape.heads
            case .perSlice: shape.sliceCount
            }
        }

        /// The matrix that holds for a query slice.
        package func matrix(ofSlice slice: Int, _ shape: AttentionShape) -> Int {
            switch self {
            case .none, .shared: 0
            case .perBatch: slice / shape.heads
            case .perHead: slice % shape.heads
            case .perSlice: slice
            }
        }
    }

    package var band: Band
    package var pattern: KeyPattern
    package var lengths: Lengths
    /// The boolean tensor, one byte per pair, non-zero = visible.
    package var visibility: Pairs
    /// The tensor of f32 numbers that are added to scores, after soft cap and ALiBi.
    ///
    /// They are within ±`largestBias`, or infinite, or NaN. A pair that −∞ hides must be hidden by
    /// `visibility`: the kernels skip what is hidden, but they add what is not.
    package var bias: Pairs

    package init(
        band: Band = .none,
        pattern: KeyPattern = .none,
        lengths: Lengths = .none,
        visibility: Pairs = .none,
        bias: Pairs = .none
    ) {
        self.band = band
        self.pattern = pattern
        self.lengths = lengths
        self.visibility = visibility
        self.bias = bias
    }

    package static let none = Mask()

    /// The largest finite bias: the kernels multiply it by log₂e, which must not become infinite.
    ///
    /// Larger numbers, such as the lowest f32, which many programs use to hide keys, act as this one.
    package static let largestBias: Float = 2e38
}

/// The output of a row that sees no key.
package enum MaskedRows: String, Hashable, Sendable, Codable, CaseIterable {
    /// Zeros: the convention of Headwise, PyTorch and ONNX.
    case zeros
    /// The mean of all S values of the slice.
    ///
    /// Programs that fill hidden scores with a large negative number give this result.
    case uniform
}
