import Attention

/// The name of an operation, as on the command line.
package enum OperationName: String, Hashable, Sendable, Codable, CaseIterable {
    /// Attention, of projected keys where `--linformer` is given.
    case attention
    case maskedSoftmax = "masked-softmax"

    package func operation(linformer: Int?) -> Operation {
        switch self {
        case .attention: linformer.map { .linformer(keys: $0) } ?? .attention
        case .maskedSoftmax: .maskedSoftmax
        }
    }
}
