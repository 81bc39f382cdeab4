import Attention
import Files

/// How many elements of a tensor are NaN or infinite.
package struct NonFiniteCount: Equatable, Sendable {
    package var notANumber = 0
    package var infinite = 0

    package var total: Int { notANumber + infinite }
}

extension ExternalTensors {
    /// The bytes that `load` fills for a tensor; 0 when it is absent.
    package func byteCount(of tensor: TensorName) -> Int {
        if TensorName.parameters.contains(tensor) {
            return tensors[tensor].map { $0.shape.reduce(4, *) } ?? 0
        }
        return AttentionProblem(shape: shape, mask: mask).byteCount(of: tensor)
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
        guard let stored = tensors[tensor], let type = stored.elementType else {
            preconditionFailure("only a tensor that exists can be loaded")
        }
        precondition(
            destination.count == byteCount(of: tensor),
            "a tensor must be loaded whole into its own size"
        )
        let file = try stored.open()
        let order = rowOrder(of: tensor)
        switch type {
        case .float32 where order == nil:
            return try unsafe loadFloats(stored, from: file, into: destination)
        case .float32:
            return try unsafe convert(stored, from: file, into: destination, order) {
                (bits: UInt32) in Float(bitPattern: bits)
            }
        case .float16:
            return try unsafe convert(stored, from: file, into: destination, order) {
                Widening.float16($0)
            }
        case .bfloat16:
            return try unsafe convert(stored, from: file, into: destination, order) {
                Widening.bfloat16($0)
            }
        case .int32:
            try unsafe loadLengths(Int32.self, stored, from: file, into: destination)
        case .int64:
            try unsafe loadLengths(Int64.self, stored, from: file, into: destination)
        case .boolean, .uint8:
            preconditionFailure("only a mask is boolean")
        }
        return NonFiniteCount()
    }

    private func loadFloats(
        _ stored: StoredTensor,
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        var count = NonFiniteCount()
        var comparison = try ChecksumComparison(of: stored, in: file)
        var done = 0
        while done < destination.count {
            let end = min(done + StoredTensor.chunkBytes, destination.count)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: destination[done..<end])
            try unsafe file.read(at: stored.offset + done, into: part)
            unsafe comparison.update(UnsafeRawBufferPointer(part))
            unsafe count.add(part.assumingMemoryBound(to: UInt32.self))
            done = end
        }
        try comparison.finish()
        return count
    }

    /// The place of the rows of query, key or value; nil when file and memory have the same order.
    private func rowOrder(of tensor: TensorName) -> RowOrder? {
        guard layout == .blhd else { return nil }
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

    /// Converts every element, and puts each row where it belongs.
    private func convert<Bits: FixedWidthInteger>(
        _ stored: StoredTensor,
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer,
        _ order: RowOrder?,
        _ convert: (Bits) -> Float
    ) throws(ExperimentError) -> NonFiniteCount {
        var count = NonFiniteCount()
        let floats = unsafe destination.assumingMemoryBound(to: Float.self)
        let size = MemoryLayout<Bits>.size
        try unsafe stored.forEachChunk(in: file) { first, elements in
            let elements = unsafe elements.assumingMemoryBound(to: Bits.self)
            var done = 0
            while done < elements.count {
                let (start, left) =
                    order?.place(ofElement: first / size + done) ?? (first / size, elements.count)
                let run = min(left, elements.count - done)
                for index in 0..<run {
                    unsafe floats[start + index] = convert(
                        Bits(littleEndian: elements[done + index])
                    )
                }
                let written = start..<start + run
                unsafe UnsafeMutableBufferPointer(rebasing: floats[written])
                    .withMemoryRebound(to: UInt32.self) { unsafe count.add($0) }
                done += run
            }
        }
        return count
    }

    private func loadLengths<Element: FixedWidthInteger>(
        _ type: Element.Type,
        _ stored: StoredTensor,
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) {
        let lengths = unsafe destination.assumingMemoryBound(to: Int32.self)
        let size = MemoryLayout<Element>.size
        // Reported after all elements are read: damage is reported before its effect on a length.
        var wrong: (length: Element, place: Int)?
        try unsafe stored.forEachChunk(in: file) { first, elements in
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
            expected: "lengths from 0 to \(shape.keyLength), the rows of k",
            remedy: "correct the lengths and write the file again"
        )
    }
}

extension NonFiniteCount {
    /// Looks at the bits: an exponent of all ones is infinity, and NaN with any bit behind it.
    fileprivate mutating func add(_ floats: UnsafeMutableBufferPointer<UInt32>) {
        var special = 0
        for index in 0..<floats.count where unsafe floats[index] & 0x7f80_0000 == 0x7f80_0000 {
            special += 1
        }
        guard special > 0 else { return }
        for index in 0..<floats.count {
            let magnitude = unsafe floats[index] & 0x7fff_ffff
            if magnitude == 0x7f80_0000 { infinite += 1 }
            if magnitude > 0x7f80_0000 { notANumber += 1 }
        }
    }
}
