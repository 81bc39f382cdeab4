/// Everything that defines an attention computation except its numbers.
///
/// All processes of a run must agree on it.
package struct AttentionProblem: Hashable, Sendable, Codable {
    package var shape: AttentionShape
    /// Of query, key and value.
    package var element: Element
    package var mask: Mask
    package var score: Score
    /// A score s becomes c·tanh(s / c), between −c and c; nil for no cap.
    package var softCap: Float?
    /// A slope m for each head: a key's score falls by m·|distance from the row to the key|.
    ///
    /// Empty for none. The source is Press, Smith and Lewis, "Train short, test long", ICLR 2022.
    /// The slope is applied after the soft cap. `position(ofRow:)` gives the position of row i. In
    /// f32, distances are counted from the distance of the nearest key that the row sees: this
    /// changes no weight and keeps the digits of rows that are far from their keys.
    package var alibi: [Float]
    package var maskedRows: MaskedRows

    package init(
        shape: AttentionShape,
        element: Element = .float32,
        mask: Mask = .none,
        score: Score? = nil,
        softCap: Float? = nil,
        alibi: [Float] = [],
        maskedRows: MaskedRows = .zeros
    ) {
        self.shape = shape
        self.element = element
        self.mask = mask
        self.softCap = softCap
        self.alibi = alibi
        self.score = score ?? .usual(headDimension: shape.headDimension)
        self.maskedRows = maskedRows
    }
}

/// The tensors of a problem, in the order of their numbers on the wire.
package enum TensorName: Int, Hashable, Sendable, Codable, CaseIterable {
    case query = 0
    case key
    case value
    /// Valid lengths, Int32 `[B]` or `[B,L]`.
    case lengths
    /// The boolean mask, one byte per element.
    case visibility
    case output
}

extension AttentionProblem {
    /// How many parts (slices, as `[part][row][column]`) a tensor has; 0 when the problem has none.
    package func partCount(of tensor: TensorName) -> Int {
        switch tensor {
        case .query, .output: shape.sliceCount
        case .key, .value: shape.keyValueSliceCount
        case .lengths: mask.lengths == .none ? 0 : shape.batch
        case .visibility:
            switch mask.visibility {
            case .none: 0
            case .shared: 1
            case .perBatch: shape.batch
            case .perSlice: shape.sliceCount
            }
        }
    }

    /// The bytes of one part of a tensor.
    package func partByteCount(of tensor: TensorName) -> Int {
        switch tensor {
        case .query: shape.queryLength * shape.headDimension * element.byteCount
        case .key: shape.keyLength * shape.headDimension * element.byteCount
        case .value: shape.keyLength * shape.valueDimension * element.byteCount
        case .lengths: (mask.lengths == .perRow ? shape.queryLength : 1) * 4
        case .visibility: shape.queryLength * shape.keyLength
        case .output: shape.queryLength * shape.valueDimension * 4
        }
    }

    package func byteCount(of tensor: TensorName) -> Int {
        partCount(of: tensor) * partByteCount(of: tensor)
    }

    /// Which part of `tensor` the query slice `slice` uses.
    package func part(of tensor: TensorName, slice: Int) -> Int {
        switch tensor {
        case .query, .output: slice
        case .key, .value: shape.keyValueSlice(of: slice)
        case .lengths: slice / shape.heads
        case .visibility:
            switch mask.visibility {
            case .none, .shared: 0
            case .perBatch: slice / shape.heads
            case .perSlice: slice
            }
        }
    }
}
