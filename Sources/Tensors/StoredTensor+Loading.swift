import Files

/// How many elements of a tensor are NaN or infinite.
package struct NonFiniteCount: Equatable, Sendable {
    package var notANumber = 0
    package var infinite = 0

    package var total: Int { notANumber + infinite }
}

extension StoredTensor {
    /// Reads a tensor of floats straight into `destination`, widened, its rows in `order`; nil leaves them
    /// as they are stored.
    ///
    /// NaN and infinity are allowed and counted.
    func load(
        into destination: UnsafeMutableRawBufferPointer,
        order: RowOrder?
    ) throws(ExperimentError) -> NonFiniteCount {
        let file = try open()
        switch elementType {
        case .float32 where order == nil:
            return try unsafe loadFloats(from: file, into: destination)
        case .float32:
            return try unsafe convert(from: file, into: destination, order) { (bits: UInt32) in
                Float(bitPattern: bits)
            }
        case .float16:
            return try unsafe convert(from: file, into: destination, order) {
                Widening.float16($0)
            }
        case .bfloat16:
            return try unsafe convert(from: file, into: destination, order) {
                Widening.bfloat16($0)
            }
        case .int32, .int64, .boolean, .uint8, nil:
            preconditionFailure("only a tensor of floats can be loaded as floats")
        }
    }

    private func loadFloats(
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        var count = NonFiniteCount()
        var comparison = try ChecksumComparison(of: self, in: file)
        var done = 0
        while done < destination.count {
            let end = min(done + Self.chunkBytes, destination.count)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: destination[done..<end])
            try unsafe file.read(at: offset + done, into: part)
            unsafe comparison.update(UnsafeRawBufferPointer(part))
            unsafe count.add(part.assumingMemoryBound(to: UInt32.self))
            done = end
        }
        try comparison.finish()
        return count
    }

    /// Converts every element, and puts each row where it belongs.
    private func convert<Bits: FixedWidthInteger>(
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer,
        _ order: RowOrder?,
        _ convert: (Bits) -> Float
    ) throws(ExperimentError) -> NonFiniteCount {
        var count = NonFiniteCount()
        let floats = unsafe destination.assumingMemoryBound(to: Float.self)
        let size = MemoryLayout<Bits>.size
        try unsafe forEachChunk(in: file) { first, elements in
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
