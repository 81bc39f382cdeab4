import Attention

/// The generated bias of `--bias`: which slices share its numbers.
package enum BiasName: String, Hashable, Sendable, Codable, CaseIterable {
    case none
    /// `[L,S]`.
    case shared
    /// `[B,L,S]`.
    case batch
    /// `[H,L,S]`.
    case heads
    /// `[B,H,L,S]`.
    case slices

    package var pairs: Mask.Pairs {
        switch self {
        case .none: .none
        case .shared: .shared
        case .batch: .perBatch
        case .heads: .perHead
        case .slices: .perSlice
        }
    }
}
