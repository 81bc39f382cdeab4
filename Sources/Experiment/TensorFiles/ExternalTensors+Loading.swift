import Attention

/// How many elements of a tensor are no numbers to compute with.
package struct NonFiniteCount: Equatable, Sendable {
    package var notANumber = 0
    package var infinite = 0

    package var total: Int { notANumber + infinite }
}

extension ExternalTensors {
    /// How much is read and converted at a time: small enough to stay in the second-level cache.
    private static let chunkBytes = 1 << 18

    /// The bytes that `load` fills for a tensor; 0 when it is not there.
    package func byteCount(of tensor: TensorName) -> Int {
        AttentionProblem(shape: shape, mask: mask).byteCount(of: tensor)
    }

    /// Reads a whole tensor straight into `destination`, widened to what the kernels take.
    ///
    /// Query, key and value become Floats, lengths Int32, the mask one byte an element that is 0
    /// or 1; `destination` has exactly `byteCount(of:)` bytes and is aligned for its elements. NaN
    /// and infinity are allowed and counted. Throws when the file changed since it was found, when
    /// it cannot be read, when it is not what its archive's checksum says, and at a length beyond the
    /// keys.
    @discardableResult
    package func load(
        _ tensor: TensorName,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        guard let stored = tensors[tensor], let type = stored.elementType else {
            preconditionFailure("only a tensor that is there can be loaded")
        }
        precondition(
            destination.count == byteCount(of: tensor),
            "a tensor is loaded whole into its own size"
        )
        let file = try OpenFile(reading: stored.file)
        guard file.byteCount == stored.fileByteCount else {
            throw stored.refusal(
                "lies in a file that changed from \(stored.fileByteCount) to \(file.byteCount) bytes",
                expected: "the file to stay as it was when the run began",
                remedy: "run again when nobody writes to it"
            )
        }
        switch type {
        case .float32:
            return try unsafe loadFloats(stored, from: file, into: destination)
        case .float16:
            return try unsafe widen(stored, from: file, into: destination, Widening.float16)
        case .bfloat16:
            return try unsafe widen(stored, from: file, into: destination, Widening.bfloat16)
        case .int32:
            try unsafe loadLengths(Int32.self, stored, from: file, into: destination)
        case .int64:
            try unsafe loadLengths(Int64.self, stored, from: file, into: destination)
        case .boolean, .uint8:
            try unsafe loadMask(stored, from: file, into: destination)
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
            let end = min(done + Self.chunkBytes, destination.count)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: destination[done..<end])
            try unsafe file.read(at: stored.offset + done, into: part)
            unsafe comparison.update(UnsafeRawBufferPointer(part))
            unsafe count.add(part.assumingMemoryBound(to: UInt32.self))
            done = end
        }
        try comparison.finish()
        return count
    }

    private func widen(
        _ stored: StoredTensor,
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer,
        _ convert: (UInt16) -> Float
    ) throws(ExperimentError) -> NonFiniteCount {
        var count = NonFiniteCount()
        let floats = unsafe destination.assumingMemoryBound(to: Float.self)
        try unsafe forEachChunk(of: stored, in: file) { first, elements in
            let elements = unsafe elements.assumingMemoryBound(to: UInt16.self)
            for index in 0..<elements.count {
                unsafe floats[first / 2 + index] = convert(UInt16(littleEndian: elements[index]))
            }
            let written = first / 2..<first / 2 + elements.count
            unsafe UnsafeMutableBufferPointer(rebasing: floats[written])
                .withMemoryRebound(to: UInt32.self) { unsafe count.add($0) }
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
        // Told when all are read: damage is told before what it did to a length.
        var wrong: (length: Element, place: Int)?
        try unsafe forEachChunk(of: stored, in: file) { first, elements in
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
        guard let wrong else { return }
        throw stored.refusal(
            "has the length \(wrong.length) at index \(wrong.place)",
            expected: "lengths from 0 to \(shape.keyLength), the rows of k",
            remedy: "correct the lengths and write the file again"
        )
    }

    /// Any byte but 0 becomes 1, so that equal masks are equal bytes on the wire.
    private func loadMask(
        _ stored: StoredTensor,
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) {
        var comparison = try ChecksumComparison(of: stored, in: file)
        // Heads alone are stored once and mean every batch element.
        let whole = unsafe UnsafeMutableRawBufferPointer(rebasing: destination[..<stored.byteCount])
        try unsafe file.read(at: stored.offset, into: whole)
        unsafe comparison.update(UnsafeRawBufferPointer(whole))
        try comparison.finish()
        for index in 0..<whole.count {
            unsafe whole[index] = unsafe whole[index] == 0 ? 0 : 1
        }
        for start in stride(from: whole.count, to: destination.count, by: whole.count) {
            let copy = unsafe destination[start..<start + whole.count]
            unsafe UnsafeMutableRawBufferPointer(rebasing: copy)
                .copyMemory(from: UnsafeRawBufferPointer(whole))
        }
    }

    /// Reads a tensor piece by piece; `body` gets the byte offset of a piece and its bytes.
    private func forEachChunk(
        of stored: StoredTensor,
        in file: borrowing OpenFile,
        _ body: (Int, UnsafeMutableRawBufferPointer) -> Void
    ) throws(ExperimentError) {
        let chunk = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(Self.chunkBytes, stored.byteCount),
            alignment: 64
        )
        defer { unsafe chunk.deallocate() }
        var comparison = try ChecksumComparison(of: stored, in: file)
        var done = 0
        while done < stored.byteCount {
            let count = min(chunk.count, stored.byteCount - done)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: chunk[..<count])
            try unsafe file.read(at: stored.offset + done, into: part)
            unsafe comparison.update(UnsafeRawBufferPointer(part))
            unsafe body(done, part)
            done += count
        }
        try comparison.finish()
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
