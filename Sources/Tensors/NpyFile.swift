import Attention
import Files
import Statistics
import Work

/// NumPy's `.npy` format, versions 1.0 to 3.0: a magic, the header's length, a Python dictionary
/// with type, order and shape, then the elements.
///
/// The rules are those of `numpy.lib.format`.
enum NpyFile {
    /// Longer headers than any plain array has.
    static let largestHeaderBytes = 1 << 16

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Reads the header that begins at `start`; the array ends where `byteCount` bytes end.
    ///
    /// In a compressed member, both count its inflated bytes.
    static func tensor(
        in file: borrowing OpenFile,
        start: Int = 0,
        byteCount: Int,
        name: String,
        deflated: Inflation.Source? = nil
    ) throws(ExperimentError) -> StoredTensor {
        let subject = "\(file.path): tensor \(name)"
        guard byteCount >= 10 else {
            let size = counted(byteCount, "byte")
            throw refusal(subject, "has \(size)", expected: "at least 10 bytes")
        }
        let prefix = LittleEndian(
            bytes: try first(min(byteCount, 12), of: file, start, deflated)
        )
        guard Array(prefix.bytes.prefix(6)) == magic else {
            throw refusal(subject, "is not an .npy array", expected: "the bytes \\x93NUMPY first")
        }
        let major = prefix.bytes[6]
        guard (1...3).contains(major), prefix.bytes[7] == 0 else {
            throw refusal(
                subject,
                "is of format version \(major).\(prefix.bytes[7])",
                expected: "version 1.0, 2.0 or 3.0"
            )
        }
        let lengthBytes = major == 1 ? 2 : 4
        let headerStart = 8 + lengthBytes
        let limit = min(largestHeaderBytes, byteCount - headerStart)
        guard let headerBytes = prefix.integer(at: 8, byteCount: lengthBytes), headerBytes <= limit
        else {
            throw refusal(
                subject,
                "has a header that is too long",
                expected: "at most \(counted(max(limit, 0), "byte")) in a tensor of \(byteCount)"
            )
        }
        let text = try first(headerStart + headerBytes, of: file, start, deflated)
            .dropFirst(headerStart)
        guard let header = NpyHeader(Array(text)) else {
            throw refusal(
                subject,
                "has a header that cannot be read",
                expected: "a dictionary with descr, fortran_order and shape of a plain array",
                remedy: "save an array of numbers, without fields, with numpy.save or numpy.savez"
            )
        }
        let tensor = StoredTensor(
            file: file.path,
            fileByteCount: file.byteCount,
            name: name,
            typeText: header.descriptor,
            elementType: ElementType(numpy: header.descriptor),
            isBigEndian: header.descriptor.hasPrefix(">"),
            isFortranOrder: header.isFortranOrder,
            shape: header.shape,
            offset: start + headerStart + headerBytes,
            byteCount: byteCount - headerStart - headerBytes,
            deflated: deflated
        )
        try tensor.requireConsistentSize()
        return tensor
    }

    private static func first(
        _ count: Int,
        of file: borrowing OpenFile,
        _ start: Int,
        _ deflated: Inflation.Source?
    ) throws(ExperimentError) -> [UInt8] {
        guard let deflated else { return try file.bytes(at: start, count: count) }
        return try Inflation.bytes(deflated, in: file, count: count)
    }

    /// The header of an array of little-endian Floats, as NumPy itself writes it: version 1.0,
    /// padded so that the elements begin at a multiple of 64.
    static func header(shape: [Int]) -> [UInt8] {
        let sizes = shape.map(String.init).joined(separator: ", ")
        let tuple = shape.count == 1 ? "(\(sizes),)" : "(\(sizes))"
        var text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(tuple), }"
        let unpadded = 10 + text.utf8.count + 1
        text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
        let length = text.utf8.count
        return magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
    }

    private static func refusal(
        _ subject: String,
        _ problem: String,
        expected: String,
        remedy: String = "write it again with numpy.save or numpy.savez"
    ) -> ExperimentError {
        ExperimentError(.usage, subject, problem, expected: expected, remedy: remedy)
    }
}
