/// The file of a plan or a record: JSON whose schema says what it is.
package struct JSONFile {
    /// The largest size of a plan or a record; a larger file is of another kind.
    package static let largestBytes = 256 << 20

    package let path: String
    /// The bytes of the file, unchanged.
    package let bytes: [UInt8]
    package let schema: String
    private let noun: String

    /// The key that every file of this program needs first: its schema.
    private struct Head: Decodable {
        var schema: String
    }

    /// Reads a file that should be a `noun`.
    package init(reading path: String, noun: String = "plan or record") throws(ExperimentError) {
        bytes = try OpenFile.contents(of: path, limit: Self.largestBytes)
        schema = try JSONText.decode(Head.self, from: bytes, source: path, noun: noun).schema
        try JSONText.refuseLooseness(in: bytes, source: path)
        self.path = path
        self.noun = noun
    }

    package func decode<Value: Decodable>(_ type: Value.Type) throws(ExperimentError) -> Value {
        try JSONText.decode(type, from: bytes, source: path, noun: noun)
    }

    /// Throws a clearer error than one about a missing key when the schema is a different one.
    package func requireSchema(among schemas: [String]) throws(ExperimentError) {
        guard !schemas.contains(schema) else { return }
        let known = schemas.dropLast().joined(separator: ", ")
        var error = ExperimentError.otherSchema(
            schema,
            expected: (known.isEmpty ? "" : known + " or ") + (schemas.last ?? "none")
        )
        error.subject = "\(path): \(error.subject)"
        throw error
    }
}

extension ExperimentError {
    package static func otherSchema(_ schema: String, expected: String) -> ExperimentError {
        let isOurs = schema.hasPrefix("headwise.")
        return ExperimentError(
            .usage,
            "the schema “\(schema)”",
            isOurs ? "is not accepted here" : "is not of headwise",
            expected: "\(expected)",
            remedy: isOurs
                ? "give another file; a newer file needs the version that wrote it"
                : "give a file that headwise wrote"
        )
    }
}
