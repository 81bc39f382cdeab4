/// Pointers to the tensors of a layer, each whole, and to those of its attention's mask and scores.
///
/// The memory belongs to somebody else, who keeps it alive.
@unsafe
package struct LayerView {
    private var pointers = unsafe InlineArray<12, UnsafePointer<Float>?>(repeating: nil)
    /// The tensors of mask and scores; queries, keys and values are not projected yet, and must not
    /// be read here.
    private let beside: InputView

    /// A view of the tensors for which the closures give a pointer; the query must be there.
    package init(
        _ pointer: (LayerTensor) -> UnsafePointer<Float>?,
        beside: (TensorName) -> UnsafeRawPointer? = { _ in nil }
    ) {
        for tensor in LayerTensor.inputs { unsafe pointers[tensor.rawValue] = pointer(tensor) }
        guard let query = unsafe pointers[LayerTensor.query.rawValue] else {
            preconditionFailure("the query must have memory")
        }
        unsafe self.beside = InputView { tensor in
            switch tensor {
            case .query, .key, .value: unsafe UnsafeRawPointer(query)
            default: unsafe beside(tensor)
            }
        }
    }

    /// A tensor; nil when the layer has none.
    package subscript(tensor: LayerTensor) -> UnsafePointer<Float>? {
        unsafe pointers[tensor.rawValue]
    }

    /// A tensor that every caller needs.
    func required(_ tensor: LayerTensor) -> UnsafePointer<Float> {
        guard let floats = unsafe self[tensor] else {
            preconditionFailure("\(tensor) must have memory")
        }
        return unsafe floats
    }

    /// What a projection multiplies: queries, keys or values before they are projected.
    func source(_ projection: Projection) -> UnsafePointer<Float> {
        switch projection {
        case .query: unsafe required(.query)
        case .key: unsafe self[.key] ?? required(.query)
        case .value: unsafe self[.value] ?? source(.key)
        }
    }

    package var lengths: UnsafePointer<Int32>? { unsafe beside.lengths }
    package var visibility: UnsafePointer<UInt8>? { unsafe beside.visibility }

    /// The inputs of the attention, once queries, keys and values are projected.
    func attention(
        query: UnsafePointer<Float>,
        key: UnsafePointer<Float>,
        value: UnsafePointer<Float>
    ) -> InputView {
        var view = unsafe beside
        unsafe view[.query] = UnsafeRawPointer(query)
        unsafe view[.key] = UnsafeRawPointer(key)
        unsafe view[.value] = UnsafeRawPointer(value)
        return unsafe view
    }
}

/// The projections, in the order of the fused weights.
enum Projection: Int, CaseIterable {
    case query = 0
    case key, value

    /// The shared variant's weights.
    var sharedWeights: LayerTensor {
        switch self {
        case .query: .queryWeights
        case .key: .keyWeights
        case .value: .valueWeights
        }
    }
}

extension MultiHeadLayer {
    /// The projections of each input tensor.
    var projectionsTogether: [[Projection]] {
        switch source {
        case .itself: [[.query, .key, .value]]
        case .memory: [[.query], [.key, .value]]
        case .separate: [[.query], [.key], [.value]]
        }
    }

    /// The rows of a batch element that a projection takes.
    func rowCount(_ projection: Projection) -> Int {
        projection == .query ? attention.shape.queryLength : attention.shape.keyLength
    }
}
