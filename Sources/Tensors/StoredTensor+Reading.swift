import Files

extension StoredTensor {
    /// Bytes read and converted at a time: few enough to stay in the second-level cache.
    static let chunkBytes = 1 << 18

    /// Opens the tensor's file; throws when it is no longer the file that was found.
    func open() throws(ExperimentError) -> OpenFile {
        let open = try OpenFile(reading: file)
        guard open.byteCount == fileByteCount else {
            throw refusal(
                "is in a file that changed from \(fileByteCount) to \(open.byteCount) bytes",
                expected: "a file that does not change during the run",
                remedy: "run again when no program writes to it"
            )
        }
        return open
    }

    /// Reads the tensor piece by piece; `body` gets the byte offset of a piece and its bytes.
    func forEachChunk(
        in file: borrowing OpenFile,
        _ body: (Int, UnsafeMutableRawBufferPointer) -> Void
    ) throws(ExperimentError) {
        let chunk = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(Self.chunkBytes, byteCount),
            alignment: 64
        )
        defer { unsafe chunk.deallocate() }
        var comparison = try ChecksumComparison(of: self, in: file)
        var done = 0
        while done < byteCount {
            let count = min(chunk.count, byteCount - done)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: chunk[..<count])
            try unsafe file.read(at: offset + done, into: part)
            unsafe comparison.update(UnsafeRawBufferPointer(part))
            unsafe body(done, part)
            done += count
        }
        try comparison.finish()
    }

    /// Calls `body` with every element of a tensor of floats, widened.
    func forEachFloat(
        _ body: (_ index: Int, _ number: Float) -> Void
    ) throws(ExperimentError) {
        let file = try open()
        func visit<Bits: FixedWidthInteger>(
            _ widen: (Bits) -> Float
        ) throws(ExperimentError) {
            let size = MemoryLayout<Bits>.size
            try unsafe forEachChunk(in: file) { first, bytes in
                let elements = unsafe bytes.assumingMemoryBound(to: Bits.self)
                for index in 0..<elements.count {
                    body(first / size + index, widen(Bits(littleEndian: unsafe elements[index])))
                }
            }
        }
        switch elementType {
        case .float32: try visit { (bits: UInt32) in Float(bitPattern: bits) }
        case .float16: try visit { Widening.float16($0) }
        case .bfloat16: try visit { Widening.bfloat16($0) }
        case .int32, .int64, .boolean, .uint8, nil:
            preconditionFailure("only a tensor of floats can be read as floats")
        }
    }
}
