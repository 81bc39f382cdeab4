import Files

/// A record whose numbers are checked for plausibility whenever it is read.
package protocol CheckedRecord: Decodable {
    /// The schemas that such a record may have.
    static var schemas: [String] { get }

    /// Refuses numbers that no measurement can produce; `source` is the file that the error names.
    func validate(source: String) throws(ExperimentError)
}

extension CheckedRecord {
    /// Reads and validates a record of this kind.
    package static func read(_ path: String) throws(ExperimentError) -> Self {
        let file = try JSONFile(reading: path, noun: "record")
        try file.requireSchema(among: schemas)
        return try Self(checking: file)
    }

    /// The record in a file of one of its schemas.
    init(checking file: JSONFile) throws(ExperimentError) {
        self = try file.decode(Self.self)
        try validate(source: file.path)
    }
}

extension RunRecord: CheckedRecord {
    package static var schemas: [String] { Schema.allCases.map(\.rawValue) }
}

extension KernelRecord: CheckedRecord {
    package static var schemas: [String] { [Schema.kernel.rawValue] }
}

extension CompareRecord: CheckedRecord {
    package static var schemas: [String] { Schema.allCases.map(\.rawValue) }
}
