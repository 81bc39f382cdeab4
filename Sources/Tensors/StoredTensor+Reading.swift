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

    /// Reads the tensor piece by piece, in the order of the file; `body` gets the byte offset of a piece
    /// and its bytes, whose elements are little-endian.
    func forEachChunk(
        in file: borrowing OpenFile,
        _ body: (Int, UnsafeMutableRawBufferPointer) -> Void
    ) throws(ExperimentError) {
        let chunk = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(Self.chunkBytes, byteCount),
            alignment: 64
        )
        defer { unsafe chunk.deallocate() }
        var source = try TensorSource(of: self, in: file)
        var done = 0
        while done < byteCount {
            let count = min(chunk.count, byteCount - done)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: chunk[..<count])
            try unsafe source.read(from: file, into: part)
            if isBigEndian, let elementType { unsafe elementType.swapBytes(of: part) }
            unsafe body(done, part)
            done += count
        }
        try source.finish(file)
    }

    /// Calls `body` with every element of a type of `Bits`, and its place in C order.
    func forEachElement<Bits: FixedWidthInteger>(
        as type: Bits.Type,
        _ body: (_ index: Int, _ bits: Bits) -> Void
    ) throws(ExperimentError) {
        precondition(elementType?.byteCount == MemoryLayout<Bits>.size, "an element has its size")
        let file = try open()
        let order = order
        try unsafe forEachChunk(in: file) { first, bytes in
            let elements = unsafe bytes.assumingMemoryBound(to: Bits.self)
            let first = first / MemoryLayout<Bits>.size
            var done = 0
            while done < elements.count {
                let (start, distance, left) =
                    order?.place(ofElement: first + done) ?? (first, 1, elements.count)
                let run = min(left, elements.count - done)
                for index in 0..<run {
                    body(
                        start + index * distance,
                        Bits(littleEndian: unsafe elements[done + index])
                    )
                }
                done += run
            }
        }
    }

    /// Calls `body` with every element of a tensor of floats, as a Float.
    func forEachFloat(
        _ body: (_ index: Int, _ number: Float) -> Void
    ) throws(ExperimentError) {
        switch elementType {
        case .float64:
            try forEachElement(as: UInt64.self) { body($0, Widening.float64($1)) }
        case .float32:
            try forEachElement(as: UInt32.self) { body($0, Float(bitPattern: $1)) }
        case .float16:
            try forEachElement(as: UInt16.self) { body($0, Widening.float16($1)) }
        case .bfloat16:
            try forEachElement(as: UInt16.self) { body($0, Widening.bfloat16($1)) }
        default: preconditionFailure("only a tensor of floats can be read as floats")
        }
    }

    /// Calls `body` with every element of a tensor of integers or booleans; those that an Int does not
    /// hold are its largest one.
    func forEachInteger(
        _ body: (_ index: Int, _ number: Int) -> Void
    ) throws(ExperimentError) {
        func visit<Bits: FixedWidthInteger>(_ type: Bits.Type) throws(ExperimentError) {
            try forEachElement(as: type) { body($0, Int(clamping: $1)) }
        }
        switch elementType {
        case .int8: try visit(Int8.self)
        case .int16: try visit(Int16.self)
        case .int32: try visit(Int32.self)
        case .int64: try visit(Int64.self)
        case .uint8, .boolean: try visit(UInt8.self)
        case .uint16: try visit(UInt16.self)
        case .uint32: try visit(UInt32.self)
        case .uint64: try visit(UInt64.self)
        default: preconditionFailure("only a tensor of integers can be read as integers")
        }
    }

    /// Calls `body` with every element of a tensor of any known type, as long as it wants another.
    func forEachNumber(
        _ body: (_ index: Int, _ number: Double) -> Bool
    ) throws(ExperimentError) {
        var isWanted = true
        func take(_ index: Int, _ number: Double) {
            if isWanted { isWanted = body(index, number) }
        }
        switch elementType {
        case nil: return
        case .float64:
            try forEachElement(as: UInt64.self) { take($0, Double(bitPattern: $1)) }
        case .float32, .float16, .bfloat16: try forEachFloat { take($0, Double($1)) }
        default: try forEachInteger { take($0, Double($1)) }
        }
    }
}

extension ElementType {
    /// Turns the bytes of each element around.
    func swapBytes(of bytes: UnsafeMutableRawBufferPointer) {
        func swap<Bits: FixedWidthInteger>(_ type: Bits.Type) {
            let elements = unsafe bytes.assumingMemoryBound(to: type)
            for index in 0..<elements.count {
                unsafe elements[index] = elements[index].byteSwapped
            }
        }
        switch byteCount {
        case 2: swap(UInt16.self)
        case 4: swap(UInt32.self)
        case 8: swap(UInt64.self)
        default: break
        }
    }
}
