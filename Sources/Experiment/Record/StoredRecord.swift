/// A record file of any schema that can be drawn, with the bytes it was read from.
package struct StoredRecord: Sendable {
    package enum Content: Sendable {
        /// A run or a sweep.
        case run(RunRecord)
        case kernel(KernelRecord)
        case compare(CompareRecord)
    }

    package let path: String
    /// The file as it lies there, for whoever passes it on.
    package let bytes: [UInt8]
    package let content: Content

    package static let schemas =
        RunRecord.Schema.allCases.map(\.rawValue) + [
            KernelRecord.Schema.kernel.rawValue, CompareRecord.Schema.compare.rawValue,
        ]

    package init(path: String, bytes: [UInt8], content: Content) {
        self.path = path
        self.bytes = bytes
        self.content = content
    }

    /// Reads and validates a record, whichever of `schemas` it has.
    package static func read(_ path: String) throws(ExperimentError) -> StoredRecord {
        let bytes = try OpenFile.contents(of: path, limit: RunPlan.largestFileBytes)
        let schema = try requireSchema(of: bytes, source: path, among: schemas)
        if schema == KernelRecord.Schema.kernel.rawValue {
            let record = try JSONText.decode(
                KernelRecord.self,
                from: bytes,
                source: path,
                noun: "record"
            )
            try record.validate(source: path)
            return StoredRecord(path: path, bytes: bytes, content: .kernel(record))
        }
        if schema == CompareRecord.Schema.compare.rawValue {
            let record = try JSONText.decode(
                CompareRecord.self,
                from: bytes,
                source: path,
                noun: "record"
            )
            try record.validate(source: path)
            return StoredRecord(path: path, bytes: bytes, content: .compare(record))
        }
        let record = try JSONText.decode(RunRecord.self, from: bytes, source: path, noun: "record")
        try record.validate(source: path)
        return StoredRecord(path: path, bytes: bytes, content: .run(record))
    }

    /// The file's schema, with a better sentence than a missing key when it is another.
    static func requireSchema(
        of bytes: [UInt8],
        source path: String,
        among schemas: [String]
    ) throws(ExperimentError) -> String {
        let head = try JSONText.decode(
            RunPlan.Head.self,
            from: bytes,
            source: path,
            noun: "record"
        )
        guard !schemas.contains(head.schema) else { return head.schema }
        var error = ExperimentError.otherSchema(
            head.schema,
            expected: schemas.joined(separator: " or ")
        )
        error.subject = "\(path): \(error.subject)"
        throw error
    }
}

extension RunRecord {
    /// Reads and validates the record of a run or a sweep.
    package static func read(_ path: String) throws(ExperimentError) -> RunRecord {
        let record: RunRecord = try readRecord(path, schemas: Schema.allCases.map(\.rawValue))
        try record.validate(source: path)
        return record
    }
}

extension KernelRecord {
    /// Reads and validates the record of `headwise kernel`.
    package static func read(_ path: String) throws(ExperimentError) -> KernelRecord {
        let record: KernelRecord = try readRecord(path, schemas: [Schema.kernel.rawValue])
        try record.validate(source: path)
        return record
    }
}

/// Reads a record of one of these schemas, without looking at its numbers.
func readRecord<Record: Decodable>(
    _ path: String,
    schemas: [String]
) throws(ExperimentError) -> Record {
    let bytes = try OpenFile.contents(of: path, limit: RunPlan.largestFileBytes)
    _ = try StoredRecord.requireSchema(of: bytes, source: path, among: schemas)
    return try JSONText.decode(Record.self, from: bytes, source: path, noun: "record")
}
