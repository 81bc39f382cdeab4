import Attention
import Files

/// How many elements of a tensor are NaN or infinite.
package struct NonFiniteCount: Equatable, Sendable {
    package var notANumber = 0
    package var infinite = 0

    package var total: Int { notANumber + infinite }
}

extension ExternalTensors {
    /// Bytes read and converted at a time: few enough to stay in the second-level cache.
    private static let chunkBytes = 1 << 18

    /// The bytes that `load` fills for a tensor; 0 when it is absent.
    package func byteCount(of tensor: TensorName) -> Int {
        if TensorName.parameters.contains(tensor) {
            return tensors[tensor].map { $0.shape.reduce(4, *) } ?? 0
        }
        return AttentionProblem(shape: shape, mask: mask).byteCount(of: tensor)
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
            preconditionFailure("only a tensor that exists can be loaded")
        }
        precondition(
            destination.count == byteCount(of: tensor),
            "a tensor must be loaded whole into its own size"
        )
        let file = try OpenFile(reading: stored.file)
        guard file.byteCount == stored.fileByteCount else {
            throw stored.refusal(
                "is in a file that changed from \(stored.fileByteCount) to \(file.byteCount) bytes",
                expected: "a file that does not change during the run",
                remedy: "run again when no program writes to it"
            )
        }
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
        case .lengths, .visibility, .output, .queryWeights, .keyWeights, .hiddenWeights,
            .scoreWeights:
            nil
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
        try unsafe forEachChunk(of: stored, in: file) { first, elements in
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

    /// Any byte but 0 becomes 1, so that equal masks are equal bytes on the wire.
    private func loadMask(
        _ stored: StoredTensor,
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) {
        var comparison = try ChecksumComparison(of: stored, in: file)
        let isWhole = stored.byteCount == destination.count
        let found =
            unsafe isWhole
            ? destination
            : UnsafeMutableRawBufferPointer.allocate(byteCount: stored.byteCount, alignment: 64)
        defer { if !isWhole { unsafe found.deallocate() } }
        try unsafe file.read(at: stored.offset, into: found)
        unsafe comparison.update(UnsafeRawBufferPointer(found))
        try comparison.finish()
        for index in 0..<found.count {
            unsafe found[index] = unsafe found[index] == 0 ? 0 : 1
        }
        if !isWhole { unsafe spread(UnsafeRawBufferPointer(found), over: destination) }
    }

    /// Expands a mask to its full size: repeats the one entry along every axis of size 1.
    private func spread(
        _ found: UnsafeRawBufferPointer,
        over destination: UnsafeMutableRawBufferPointer
    ) {
        guard let axes = reading.maskAxes else { return }
        let (heads, rows, keys) = (shape.heads, shape.queryLength, shape.keyLength)
        for row in 0..<destination.count / keys {
            // Row, head and batch in the destination, which has no heads where these share one mask.
            let slice = row / rows
            let place =
                mask.visibility == .perSlice
                ? [slice / heads, slice % heads, row % rows] : [slice, 0, row % rows]
            let source = zip(place, axes).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) } * axes[3]
            let line = unsafe UnsafeMutableRawBufferPointer(
                rebasing: destination[row * keys..<(row + 1) * keys]
            )
            if axes[3] == 1 {
                unsafe line.initializeMemory(as: UInt8.self, repeating: found[source])
            } else {
                unsafe line.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: found[source..<source + keys])
                )
            }
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
