import Files

/// Reads the bytes of a tensor from the first to the last, inflates them where they are compressed, and
/// compares their checksum where the file has one.
struct TensorSource: ~Copyable {
    private let stored: StoredTensor
    private var position: Int
    private var inflation: Inflation?
    private var found = CRC32()

    /// Begins with what stands before the tensor's elements, which counts, too.
    init(of stored: StoredTensor, in file: borrowing OpenFile) throws(ExperimentError) {
        self.stored = stored
        position = stored.checksum?.start ?? stored.offset
        inflation = stored.deflated.map { Inflation($0) }
        let header = UnsafeMutableRawBufferPointer.allocate(
            byteCount: stored.offset - position,
            alignment: 1
        )
        defer { unsafe header.deallocate() }
        try unsafe read(from: file, into: header)
    }

    /// Fills `destination` with the next bytes.
    mutating func read(
        from file: borrowing OpenFile,
        into destination: UnsafeMutableRawBufferPointer
    ) throws(ExperimentError) {
        if inflation != nil {
            try unsafe inflation?.read(from: file, into: destination)
        } else {
            try unsafe file.read(at: position, into: destination)
        }
        position += destination.count
        if stored.checksum != nil { unsafe found.update(UnsafeRawBufferPointer(destination)) }
    }

    /// Throws when the bytes are not those that the archive was made of.
    mutating func finish(_ file: borrowing OpenFile) throws(ExperimentError) {
        try inflation?.finish(file)
        guard let checksum = stored.checksum, checksum.value != found.value else { return }
        throw ExperimentError(
            .usage,
            "\(stored.file): member \(checksum.member)",
            "is damaged; its CRC-32 is \(Self.digits(found.value))",
            expected: "\(Self.digits(checksum.value)), which the archive states",
            remedy: "write or copy the file again"
        )
    }

    private static func digits(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
