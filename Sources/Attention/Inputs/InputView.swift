/// Pointers to the input tensors of a problem, each whole, as `[part][row][column]`.
///
/// The memory belongs to somebody else, who keeps it alive.
@unsafe
package struct InputView {
    private var pointers = unsafe InlineArray<27, UnsafeRawPointer?>(repeating: nil)

    /// A view of the tensors for which `pointer` is not nil; the query must be there, or the scores of a
    /// softmax.
    package init(_ pointer: (TensorName) -> UnsafeRawPointer?) {
        for tensor in TensorName.allCases where tensor != .output {
            unsafe pointers[tensor.rawValue] = pointer(tensor)
        }
        unsafe precondition(
            self[.query] ?? self[.scores] != nil,
            "the query must have memory, or the scores of a softmax"
        )
    }

    package init(
        query: UnsafePointer<Float>,
        key: UnsafePointer<Float>,
        value: UnsafePointer<Float>,
        lengths: UnsafePointer<Int32>? = nil,
        visibility: UnsafePointer<UInt8>? = nil
    ) {
        unsafe self.init { tensor in
            switch tensor {
            case .query: unsafe UnsafeRawPointer(query)
            case .key: unsafe UnsafeRawPointer(key)
            case .value: unsafe UnsafeRawPointer(value)
            case .lengths: unsafe lengths.map { unsafe UnsafeRawPointer($0) }
            case .visibility: unsafe visibility.map { unsafe UnsafeRawPointer($0) }
            default: nil
            }
        }
    }

    /// The memory of a tensor; nil when the problem has no such tensor.
    package subscript(tensor: TensorName) -> UnsafeRawPointer? {
        get { unsafe pointers[tensor.rawValue] }
        set { unsafe pointers[tensor.rawValue] = newValue }
    }

    /// A tensor of floats; nil when the problem has none.
    package func floats(_ tensor: TensorName) -> UnsafePointer<Float>? {
        unsafe self[tensor].map { unsafe $0.assumingMemoryBound(to: Float.self) }
    }

    // A softmax reads none of the three, and a layer may take keys and values from another tensor; but
    // every call begins with a pointer to each. The subscript says what is there.
    package var query: UnsafePointer<Float> {
        guard let floats = unsafe floats(.query) ?? floats(.scores) else {
            preconditionFailure("the query must have memory")
        }
        return unsafe floats
    }
    package var key: UnsafePointer<Float> { unsafe floats(.key) ?? query }
    package var value: UnsafePointer<Float> { unsafe floats(.value) ?? key }

    /// `[B]` or `[B,L]`; nil when the mask has no lengths.
    package var lengths: UnsafePointer<Int32>? {
        unsafe self[.lengths].map { unsafe $0.assumingMemoryBound(to: Int32.self) }
    }

    /// One byte per element; nil when the mask has no boolean tensor.
    package var visibility: UnsafePointer<UInt8>? {
        unsafe self[.visibility].map { unsafe $0.assumingMemoryBound(to: UInt8.self) }
    }
}

extension InputView {
    /// The inputs of `problem.attended`.
    package func attended(_ problem: AttentionProblem) -> InputView {
        guard problem.operation.projectedKeys != nil else { return unsafe self }
        var view = unsafe self
        unsafe view[.key] = unsafe self[.projectedKey]
        unsafe view[.value] = unsafe self[.projectedValue]
        return unsafe view
    }
}
