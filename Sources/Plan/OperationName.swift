import Attention

/// The name of an operation, as on the command line.
package enum OperationName: String, Hashable, Sendable, Codable, CaseIterable {
    /// Attention, of projected keys where `--linformer` is given.
    case attention
    case maskedSoftmax = "masked-softmax"
    /// A layer with fused projections.
    case multiHead = "multi-head"
    /// A layer whose heads share their projections.
    case multiHeadShared = "multi-head-shared"
    case kernelRegression = "kernel-regression"
    /// Attention of one row after the other, with a cache of keys and values that grows by one each time.
    case decodeSteps = "decode-steps"

    package var isLayer: Bool { self == .multiHead || self == .multiHeadShared }

    /// Whether its inputs are tensors of D columns with a mask: neither scores nor data.
    package var hasColumns: Bool { self != .maskedSoftmax && self != .kernelRegression }

    /// `source` is that of a layer, and `pooling` that of kernel regression.
    package func operation(linformer: Int?, source: LayerSource, pooling: Pooling) -> Operation {
        switch self {
        case .attention: linformer.map { .linformer(keys: $0) } ?? .attention
        case .maskedSoftmax: .maskedSoftmax
        case .kernelRegression: .kernelRegression(pooling)
        case .decodeSteps: .decodeSteps
        case .multiHead: .multiHead(.fused, source)
        case .multiHeadShared: .multiHead(.shared, source)
        }
    }
}
