import Files

/// How many elements of a tensor are NaN or infinite.
package struct NonFiniteCount: Equatable, Sendable {
    package var notANumber = 0
    package var infinite = 0

    package var total: Int { notANumber + infinite }
}

extension StoredTensor {
    /// Reads a tensor of floats straight into `destination`, as Floats in `order`; nil leaves them as they
    /// are stored.
    ///
    /// NaN and infinity are allowed and counted. A number of 64 bits that no Float is near is refused, or,
    /// if `clamps`, becomes the largest one.
    func load(
        into destination: UnsafeMutableRawBufferPointer,
        order: ElementOrder?,
        clamps: Bool = false
    ) throws(ExperimentError) -> NonFiniteCount {
        let file = try open()
        switch elementType {
        case .float32 where order == nil && !isBigEndian:
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
        case .float64:
            var beyond: UInt64?
            let count = try unsafe convert(from: file, into: destination, order) {
                if Widening.isBeyondFloat($0) { beyond = beyond ?? $0 }
                return Widening.float64($0)
            }
            if let beyond, !clamps { throw rangeRefusal(Double(bitPattern: beyond)) }
            return count
        default: preconditionFailure("only a tensor of floats can be loaded as floats")
        }
    }

    private func rangeRefusal(_ number: Double) -> ExperimentError {
        refusal(
            "of type \(typeText) has the number \(number)",
            expected: "numbers up to \(Float.greatestFiniteMagnitude), which f32 has",
            remedy: "scale the tensors, and save them again"
        )
    }

    private func loadFloats(
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) -> NonFiniteCount {
        var count = NonFiniteCount()
        var source = try TensorSource(of: self, in: file)
        var done = 0
        while done < destination.count {
            let end = min(done + Self.chunkBytes, destination.count)
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: destination[done..<end])
            try unsafe source.read(from: file, into: part)
            let floats = unsafe part.assumingMemoryBound(to: UInt32.self)
            unsafe count.add(floats, distance: 1, count: floats.count)
            done = end
        }
        try source.finish(file)
        return count
    }

    /// Converts every element, and puts each where it belongs.
    private func convert<Bits: FixedWidthInteger>(
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer,
        _ order: ElementOrder?,
        _ convert: (Bits) -> Float
    ) throws(ExperimentError) -> NonFiniteCount {
        var count = NonFiniteCount()
        let floats = unsafe destination.assumingMemoryBound(to: Float.self)
        let size = MemoryLayout<Bits>.size
        try unsafe forEachChunk(in: file) { first, elements in
            let elements = unsafe elements.assumingMemoryBound(to: Bits.self)
            var done = 0
            while done < elements.count {
                let (start, distance, left) =
                    order?.place(ofElement: first / size + done)
                    ?? (first / size, 1, elements.count)
                let run = min(left, elements.count - done)
                for index in 0..<run {
                    unsafe floats[start + index * distance] = convert(
                        Bits(littleEndian: elements[done + index])
                    )
                }
                let written = start..<start + (run - 1) * distance + 1
                unsafe UnsafeMutableBufferPointer(rebasing: floats[written])
                    .withMemoryRebound(to: UInt32.self) {
                        unsafe count.add($0, distance: distance, count: run)
                    }
                done += run
            }
        }
        return count
    }
}

extension NonFiniteCount {
    /// Looks at the bits: an exponent of all ones is infinity, and NaN with any bit behind it.
    fileprivate mutating func add(
        _ floats: UnsafeMutableBufferPointer<UInt32>,
        distance: Int,
        count: Int
    ) {
        var special = 0
        for index in 0..<count
        where unsafe floats[index * distance] & 0x7f80_0000 == 0x7f80_0000 {
            special += 1
        }
        guard special > 0 else { return }
        for index in 0..<count {
            let magnitude = unsafe floats[index * distance] & 0x7fff_ffff
            if magnitude == 0x7f80_0000 { infinite += 1 }
            if magnitude > 0x7f80_0000 { notANumber += 1 }
        }
    }
}
