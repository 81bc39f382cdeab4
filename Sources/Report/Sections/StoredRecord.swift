import Files
import Record

extension StoredRecord {
    /// The kinds of record that can be drawn, each with one line here; their schemas differ.
    static let kinds: [any DrawnRecord.Type] = [
        RunRecord.self, KernelRecord.self, WireRecord.self, CompareRecord.self, VerifyRecord.self,
        MapRecord.self, HistoryRecord.self,
    ]
}

/// A record file of any kind, with the bytes it was read from.
package struct StoredRecord: Sendable {
    /// The schemas of all kinds.
    package static var schemas: [String] { kinds.flatMap { $0.schemas } }

    package let path: String
    /// Whether the record is in a file at `path`; else the path is only a name.
    package let isInFile: Bool
    /// The unchanged bytes of the file, for callers that pass it on.
    package let bytes: [UInt8]
    package let record: any DrawnRecord

    /// A record that was read from `path` or written there.
    package init(
        path: String,
        _ record: any DrawnRecord,
        bytes: [UInt8]? = nil
    ) throws(ExperimentError) {
        try self.init(path: path, isInFile: true, record, bytes: bytes)
    }

    /// A record that is in no file.
    package init(named name: String, _ record: any DrawnRecord) throws(ExperimentError) {
        try self.init(path: "\(name).json", isInFile: false, record, bytes: nil)
    }

    private init(
        path: String,
        isInFile: Bool,
        _ record: any DrawnRecord,
        bytes: [UInt8]?
    ) throws(ExperimentError) {
        self.path = path
        self.isInFile = isInFile
        self.record = record
        self.bytes = if let bytes { bytes } else { Array(try JSONText.encode(record).utf8) }
    }

    /// Reads and validates a record of any kind.
    package static func read(_ path: String) throws(ExperimentError) -> StoredRecord {
        let file = try JSONFile(reading: path, noun: "record")
        if ScriptRecord.schemas.contains(file.schema) { throw try ScriptRecord.refusal(file) }
        try file.requireSchema(among: schemas)
        for kind in kinds where kind.schemas.contains(file.schema) {
            return try StoredRecord(path: path, try kind.init(checking: file), bytes: file.bytes)
        }
        preconditionFailure("a schema of one of the kinds was required")
    }

    /// The CRC-32 of the file, as in ZIP and `crc32`: eight hexadecimal digits.
    package var checksum: String {
        var sum = CRC32()
        sum.update(bytes)
        let digits = String(sum.value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
