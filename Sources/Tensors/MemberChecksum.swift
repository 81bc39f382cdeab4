import Files

/// What an archive says of the bytes of one of its members, to be compared when they are read.
struct MemberChecksum: Equatable, Sendable {
    /// As the archive names it.
    var member: String
    /// Where it begins in the file; its header counts, too.
    var start: Int
    var value: UInt32
}

/// Compares the checksum of a tensor that is read from its first byte to its last; in a file without
/// checksums there is nothing to compare.
struct ChecksumComparison {
    private let stored: StoredTensor
    private var found = CRC32()

    /// Begins with what stands before the tensor's elements.
    init(of stored: StoredTensor, in file: borrowing OpenFile) throws(ExperimentError) {
        self.stored = stored
        guard let checksum = stored.checksum else { return }
        let header = try file.bytes(at: checksum.start, count: stored.offset - checksum.start)
        unsafe header.withUnsafeBytes { unsafe found.update($0) }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard stored.checksum != nil else { return }
        unsafe found.update(bytes)
    }

    /// Throws when the bytes are not those that the archive was made of.
    func finish() throws(ExperimentError) {
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
