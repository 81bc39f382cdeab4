import Attention
import Files

extension ExternalTensors {
    /// The bytes that `load` fills for a tensor; 0 when it is absent.
    package func byteCount(of tensor: TensorName) -> Int {
        if TensorName.parameters.contains(tensor) {
            return tensors[tensor].map { $0.shape.reduce(4, *) } ?? 0
        }
        var problem = AttentionProblem(shape: shape, mask: mask)
        switch kind {
        case .attention: break
        case .scores: problem.operation = .maskedSoftmax
        // Its projections do not change the sizes of its rows.
        case .layer: problem.operation = .multiHead(.fused, source ?? .itself)
        }
        return problem.byteCount(of: tensor)
    }

    /// Reads a whole tensor straight into `destination`, widened to what the kernels take.
    ///
    /// Query, key, value and bias become Floats, lengths Int32, the mask one byte an element that is
    /// 0 or 1; `destination` has exactly `byteCount(of:)` bytes and is aligned for its elements. NaN
    /// and infinity are allowed and counted. Throws when the file changed since it was found, when
    /// it cannot be read, when it is not what its archive's checksum says, and at a length beyond the
    /// keys.
    @discardableResult
    package func load(
        _ tensor: TensorName,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        if tensor == .visibility { return try unsafe loadVisibility(into: destination) }
        if tensor == .bias { return try unsafe loadBias(into: destination) }
        if tensor == .scores { return try unsafe loadScores(into: destination) }
        guard let stored = tensors[tensor], let type = stored.elementType else {
            preconditionFailure("only a tensor that exists can be loaded")
        }
        precondition(
            destination.count == byteCount(of: tensor),
            "a tensor must be loaded whole into its own size"
        )
        guard ElementType.floats.contains(type) else {
            precondition(ElementType.integers.contains(type), "only a mask is boolean")
            try unsafe loadLengths(stored, into: destination)
            return NonFiniteCount()
        }
        return try unsafe stored.load(into: destination, order: order(of: tensor, stored))
    }

    /// Where the elements of a tensor belong; nil when file and memory have the same order.
    private func order(of tensor: TensorName, _ stored: StoredTensor) -> ElementOrder? {
        guard layout != .bhld, kind == .attention else { return stored.order }
        let (heads, rows, columns): (Int, Int, Int)
        switch tensor {
        case .query: (heads, rows, columns) = (shape.heads, shape.queryLength, shape.headDimension)
        case .key:
            (heads, rows, columns) = (shape.keyValueHeads, shape.keyLength, shape.keyDimension)
        case .value:
            (heads, rows, columns) = (shape.keyValueHeads, shape.keyLength, shape.valueDimension)
        default: return stored.order
        }
        let placed = [heads * rows * columns, columns, rows * columns, 1]
        return layout == .bld
            ? stored.order(placed: placed, lastHeads: heads)
            : stored.order(placed: Array(placed.suffix(stored.shape.count)))
    }

    private func loadLengths(
        _ stored: StoredTensor,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) {
        let lengths = unsafe destination.assumingMemoryBound(to: Int32.self)
        // Reported after all elements are read: damage is reported before its effect on a length.
        var wrong: (length: Int, place: Int)?
        try stored.forEachInteger { place, length in
            if (0...shape.keyLength).contains(length) {
                unsafe lengths[place] = Int32(length)
            } else {
                wrong = wrong ?? (length, place)
            }
        }
        guard let wrong else {
            // One length for all is stored once and applies to every batch element.
            let count = stored.count
            for index in count..<max(count, destination.count / 4) {
                unsafe lengths[index] = lengths[index - count]
            }
            return
        }
        throw stored.refusal(
            "has the length \(wrong.length) at index \(wrong.place)",
            expected: "lengths from 0 to \(shape.keyLength), the keys",
            remedy: "correct the lengths and write the file again"
        )
    }
}
