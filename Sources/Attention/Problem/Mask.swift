/// Which keys a query row may see.
///
/// The four parts are independent: a key is visible when every part shows it.
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

    /// A boolean tensor (one byte per element, non-zero = visible) and what it broadcasts over.
    package enum Visibility: String, Hashable, Sendable, Codable {
        case none
        /// `[L,S]`, shared by every slice.
        case shared
        /// `[B,L,S]`, shared by the heads of a batch element.
        case perBatch
        /// `[B,H,L,S]`.
        case perSlice
    }

    package var band: Band
    package var pattern: KeyPattern
    package var lengths: Lengths
    package var visibility: Visibility

    package init(
        band: Band = .none,
        pattern: KeyPattern = .none,
        lengths: Lengths = .none,
        visibility: Visibility = .none
    ) {
        self.band = band
        self.pattern = pattern
        self.lengths = lengths
        self.visibility = visibility
    }

    package static let none = Mask()
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
