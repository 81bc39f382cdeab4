import Files
import Tensors

/// A record file of any schema that can be drawn, with the bytes it was read from.
package struct StoredRecord: Sendable {
    package enum Content: Sendable {
        /// A run or a sweep.
        case run(RunRecord)
        case kernel(KernelRecord)
        case compare(CompareRecord)
    }

    package let path: String
    /// The unchanged bytes of the file, for callers that pass it on.
    package let bytes: [UInt8]
    package let content: Content

    /// The CRC-32 of the file, as in ZIP and `crc32`: eight hexadecimal digits.
    package var checksum: String {
        var sum = CRC32()
        sum.update(bytes)
        let digits = String(sum.value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    package static let schemas = RunRecord.schemas + KernelRecord.schemas + CompareRecord.schemas

    package init(path: String, bytes: [UInt8], content: Content) {
        self.path = path
        self.bytes = bytes
        self.content = content
    }

    /// Reads and validates a record, whichever of `schemas` it has.
    package static func read(_ path: String) throws(ExperimentError) -> StoredRecord {
        let file = try JSONFile(reading: path, noun: "record")
        try file.requireSchema(among: schemas)
        let content: Content =
            if KernelRecord.schemas.contains(file.schema) {
                .kernel(try KernelRecord(checking: file))
            } else if CompareRecord.schemas.contains(file.schema) {
                .compare(try CompareRecord(checking: file))
            } else {
                .run(try RunRecord(checking: file))
            }
        return StoredRecord(path: path, bytes: file.bytes, content: content)
    }
}
