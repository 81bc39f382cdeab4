import FoundationEssentials

/// Decoder errors, in the words of the person who wrote the file.
extension JSONText {
    static func explain(
        _ error: DecodingError,
        _ source: String,
        _ bytes: [UInt8],
        _ noun: String,
        isRefused: ([UInt8]) -> Bool
    ) -> ExperimentError {
        switch error {
        case .keyNotFound(let key, let context):
            return fault(
                "\(source): the key “\(name(context.codingPath + [key]))”",
                "is missing",
                expected: "a complete \(noun)"
            )
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            return misplaced(context.codingPath, source, bytes, expected: words(for: type))
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            return unreadable(source, bytes, noun, isRefused: isRefused)
        case .dataCorrupted(let context):
            return misplaced(
                context.codingPath,
                source,
                bytes,
                expected: "one of the words that headwise writes there"
            )
        @unknown default:
            return fault(source, "cannot be read (\(error))", expected: "a \(noun)")
        }
    }

    /// Refuses what a decoder accepts: a key twice in one object, and a comma that nothing follows.
    package static func refuseLooseness(in bytes: [UInt8], source: String) throws(ExperimentError) {
        var scan = JSONScan(bytes)
        while let value = scan.next() {
            guard value.isRepeated else { continue }
            throw fault(
                "\(source): the key “\(scan.place)”",
                "is repeated\(scan.inLine(value))",
                expected: "every key once",
                remedy: "remove the wrong one"
            )
        }
        guard let comma = scan.looseComma else { return }
        throw fault(
            source,
            "has a trailing comma\(scan.inLine(comma))",
            expected: "valid JSON",
            remedy: "remove it"
        )
    }

    /// The bytes that JSON allows between its parts.
    package static var spaces: [UInt8] {
        [UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t")]
    }

    /// The first number for whose text `isSought` is true, in a text that a decoder accepted.
    package static func firstNumber(
        in bytes: [UInt8],
        where isSought: (ArraySlice<UInt8>) -> Bool
    ) -> String? {
        var scan = JSONScan(bytes)
        while let value = scan.next() {
            let first = bytes[value.range.lowerBound]
            guard
                first == UInt8(ascii: "-")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
            else { continue }
            if isSought(bytes[value.range]) {
                return String(decoding: bytes[value.range], as: UTF8.self)
            }
        }
        return nil
    }

    private static func misplaced(
        _ path: [any CodingKey],
        _ source: String,
        _ bytes: [UInt8],
        expected: String
    ) -> ExperimentError {
        let place = name(path)
        guard let (value, scan) = JSONScan.first(in: bytes, where: { $1.place == place }) else {
            return fault("\(source): the key “\(place)”", "has the wrong type", expected: expected)
        }
        let key = path.isEmpty ? "" : ": the key “\(place)”\(scan.inLine(value))"
        return fault("\(source)\(key)", scan.described(value), expected: expected)
    }

    private static func unreadable(
        _ source: String,
        _ bytes: [UInt8],
        _ noun: String,
        isRefused: ([UInt8]) -> Bool
    ) -> ExperimentError {
        guard let range = NumberSuspect.range(in: bytes, isRefused: isRefused),
            let (value, scan) = JSONScan.first(
                in: bytes,
                where: { value, _ in value.range == range }
            )
        else {
            return fault(
                source,
                "is not valid JSON"
                    + (bytes.count > NumberSuspect.longestText
                        ? ", or has a number that its key does not allow" : ""),
                expected: "a complete \(noun)"
            )
        }
        let number = String(decoding: bytes[range], as: UTF8.self)
        return fault(
            "\(source): the key “\(scan.place)”\(scan.inLine(value))",
            scan.described(value),
            expected: NumberSuspect.expected(insteadOf: number)
        )
    }

    package static func fault(
        _ subject: String,
        _ problem: String,
        expected: String,
        remedy: String = "correct it, or give another file"
    ) -> ExperimentError {
        ExperimentError(.usage, subject, problem, expected: expected, remedy: remedy)
    }

    /// The JSON kind of value that a Swift type is written as.
    private static func words(for type: Any.Type) -> String {
        switch type {
        case is Bool.Type: "true or false"
        case is String.Type: "text"
        case is any UnsignedInteger.Type: "a whole number of 0 or more"
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "a list"
        case is [String: Any].Type: "an object"
        default: "a value of another type"
        }
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
