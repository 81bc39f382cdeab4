import FoundationEssentials

/// Plans and records as text: sorted keys and one value a line, so that two of them can be compared
/// by any tool that compares lines.
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
                remedy: "report this as a fault of headwise"
            )
        }
    }

    /// Reads what `encode` wrote, or a person; `source` is the file that errors name, and `noun`
    /// what it should be.
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
                remedy: "give another file; the run that claimed this one left no result"
            )
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch var error as ExperimentError {
            error.subject = "\(source): \(error.subject)"
            throw error
        } catch let error as DecodingError {
            throw Self.explain(error, source, bytes, noun)
        } catch {
            throw Self.fault(source, "cannot be read (\(error))", expected: "a \(noun)")
        }
    }

    private static func explain(
        _ error: DecodingError,
        _ source: String,
        _ bytes: [UInt8],
        _ noun: String
    ) -> ExperimentError {
        switch error {
        case .keyNotFound(let key, let context):
            fault(
                "\(source): the key “\(name(context.codingPath + [key]))”",
                "is missing",
                expected: "every key of the schema"
            )
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            fault(
                "\(source): the key “\(name(context.codingPath))”",
                "has a value of the wrong kind",
                expected: "\(type)"
            )
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            unreadable(source, bytes, noun)
        case .dataCorrupted(let context):
            fault(
                "\(source): the key “\(name(context.codingPath))”",
                "has a value that cannot be read (\(context.debugDescription))",
                expected: "a value of the schema"
            )
        @unknown default:
            fault(source, "cannot be read (\(error))", expected: "a \(noun)")
        }
    }

    private static func unreadable(
        _ source: String,
        _ bytes: [UInt8],
        _ noun: String
    ) -> ExperimentError {
        let expected = "a whole \(noun), with whole numbers for sizes and counts"
        switch NumberSuspect.place(in: bytes) {
        case nil: return fault(source, "is not valid JSON", expected: expected)
        case "":
            return fault(
                source,
                "is JSON with a number that its key cannot have",
                expected: expected
            )
        case let place?:
            return fault(
                "\(source): the key “\(place)”",
                "is negative",
                expected: "a time or a size of 0 or more"
            )
        }
    }

    private static func fault(
        _ subject: String,
        _ problem: String,
        expected: String
    ) -> ExperimentError {
        ExperimentError(
            .usage,
            subject,
            problem,
            expected: expected,
            remedy: "correct it or give another file"
        )
    }

    /// The place of a value, as in `points[2].summary`.
    private static func name(_ path: [any CodingKey]) -> String {
        var name = ""
        for key in path {
            if let index = key.intValue {
                name += "[\(index)]"
            } else {
                name += (name.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return name
    }
}
