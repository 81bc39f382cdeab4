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
        switch type {
        case .float32, .float16, .bfloat16:
            return try unsafe stored.load(into: destination, order: rowOrder(of: tensor))
        case .int32: try unsafe loadLengths(Int32.self, stored, into: destination)
        case .int64: try unsafe loadLengths(Int64.self, stored, into: destination)
        case .boolean, .uint8: preconditionFailure("only a mask is boolean")
        }
        return NonFiniteCount()
    }

    /// The place of the rows of query, key or value; nil when file and memory have the same order.
    private func rowOrder(of tensor: TensorName) -> RowOrder? {
        guard layout == .blhd, kind == .attention else { return nil }
        return switch tensor {
        case .query:
            RowOrder(heads: shape.heads, rows: shape.queryLength, width: shape.headDimension)
        case .key:
            RowOrder(heads: shape.keyValueHeads, rows: shape.keyLength, width: shape.keyDimension)
        case .value:
            RowOrder(heads: shape.keyValueHeads, rows: shape.keyLength, width: shape.valueDimension)
        default: nil
        }
    }

    private func loadLengths<Element: FixedWidthInteger>(
        _ type: Element.Type,
        _ stored: StoredTensor,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) {
        let lengths = unsafe destination.assumingMemoryBound(to: Int32.self)
        let size = MemoryLayout<Element>.size
        // Reported after all elements are read: damage is reported before its effect on a length.
        var wrong: (length: Element, place: Int)?
        try unsafe stored.forEachChunk(in: stored.open()) { first, elements in
            let elements = unsafe elements.assumingMemoryBound(to: Element.self)
            for index in 0..<elements.count {
                let place = first / size + index
                let length = unsafe Element(littleEndian: elements[index])
                if let small = Int32(exactly: length), (0...shape.keyLength).contains(Int(small)) {
                    unsafe lengths[place] = small
                } else {
                    wrong = wrong ?? (length, place)
                }
            }
        }
        guard let wrong else {
            // One length for all is stored once and applies to every batch element.
            let count = stored.byteCount / size
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
