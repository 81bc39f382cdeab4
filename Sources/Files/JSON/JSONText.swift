import FoundationEssentials

/// Plans and records as text: sorted keys and one value per line, so that line-based tools can
/// compare them.
package enum JSONText {
    /// The text of a plan or a record, ending in a line end.
    package static func encode(_ value: some Encodable) throws(ExperimentError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            throw ExperimentError(
                .environment,
                "the result",
                "cannot be written as JSON (\(error))",
                expected: "finite numbers",
                remedy: "report this as a bug in headwise"
            )
        }
    }

    /// Reads text that `encode` or a person wrote.
    ///
    /// `source` is the file that errors name, and `noun` says what the file should be.
    package static func decode<Value: Decodable>(
        _ type: Value.Type,
        from bytes: [UInt8],
        source: String,
        noun: String = "plan or record"
    ) throws(ExperimentError) -> Value {
        guard !bytes.isEmpty else {
            throw ExperimentError(
                .usage,
                source,
                "is empty",
                expected: "a \(noun)",
                remedy: "give another file; the run that reserved this one left no result"
            )
        }
        // Every letter has zero bytes in an encoding other than UTF-8, which a decoder would guess.
        guard !bytes.contains(0) else {
            throw fault(source, "is not JSON in UTF-8", expected: "a \(noun) as text")
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch var error as ExperimentError {
            error.subject = "\(source): \(error.subject)"
            throw error
        } catch let error as DecodingError {
            throw Self.explain(error, source, bytes, noun) { changed in
                Self.isCalledInvalid(changed, as: type)
            }
        } catch {
            throw fault(source, "cannot be read (\(error))", expected: "a \(noun)")
        }
    }

    /// Reads a file in which each line is one value; `noun` says what a line should be.
    package static func decodeLines<Value: Decodable>(
        of path: String,
        noun: String
    ) throws(ExperimentError) -> [Value] {
        let bytes = try OpenFile.contents(of: path, limit: JSONFile.largestBytes)
        let lines = bytes.split(separator: UInt8(ascii: "\n")).enumerated()
        return try lines.map { (index, line) throws(ExperimentError) in
            try decode(
                Value.self,
                from: Array(line),
                source: "\(path), line \(index + 1)",
                noun: noun
            )
        }
    }

    /// Whether a decoder reports that a text is no JSON, or that it holds an impossible number.
    private static func isCalledInvalid<Value: Decodable>(
        _ bytes: [UInt8],
        as type: Value.Type
    ) -> Bool {
        do {
            _ = try JSONDecoder().decode(type, from: Data(bytes))
            return false
        } catch DecodingError.dataCorrupted(let context) {
            return context.codingPath.isEmpty
        } catch {
            return false
        }
    }
}
