import Files

/// The `key=value` words of a case while they are read; words that no reader takes are refused.
struct CatalogueFields {
    private let text: String
    private var values: [String: String] = [:]
    private var known: [String] = []

    init(_ text: String) throws(ExperimentError) {
        self.text = text
        for word in text.split(whereSeparator: \.isWhitespace) {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty else {
                throw .unusableCase(text, "has the word “\(word)”, which is not key=value")
            }
            guard values.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
                throw .unusableCase(text, "has \(parts[0]) twice")
            }
        }
        guard !values.isEmpty else { throw .unusableCase(text, "is empty") }
    }

    mutating func text(_ key: String) -> String? {
        known.append(key)
        return values.removeValue(forKey: key)
    }

    mutating func value<Value>(
        _ key: String,
        _ expected: String,
        _ read: (String) -> Value?
    ) throws(ExperimentError) -> Value? {
        guard let word = text(key) else { return nil }
        guard let value = read(word) else {
            throw .unusableCase(text, "has \(key)=\(word) instead of \(expected)")
        }
        return value
    }

    mutating func number(
        _ key: String,
        _ range: ClosedRange<Int>
    ) throws(ExperimentError) -> Int? {
        try value(key, "a number from \(range.lowerBound) to \(range.upperBound)") { word in
            Int(word).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    mutating func choice<Value: RawRepresentable>(
        _ key: String,
        _ choices: [Value]
    ) throws(ExperimentError) -> Value? where Value.RawValue == String {
        let names = choices.map(\.rawValue).joined(separator: ", ")
        return try value(key, "one of \(names)") { word in
            choices.first { $0.rawValue == word }
        }
    }

    /// A kind and how it is filled, `batch:edges`; `random` when nothing follows the kind.
    mutating func pattern<Kind, Pattern: RawRepresentable & CaseIterable>(
        _ key: String,
        _ kinds: [(String, Kind)]
    ) throws(ExperimentError) -> (Kind, Pattern) where Pattern.RawValue == String {
        let kindNames = kinds.map(\.0).joined(separator: ", ")
        let patternNames = Pattern.allCases.map(\.rawValue).joined(separator: ", ")
        let expected = "one of \(kindNames), with :PATTERN of \(patternNames)"
        let read = try value(key, expected) { word -> (Kind, Pattern)? in
            let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard let kind = kinds.first(where: { $0.0 == parts[0] }) else { return nil }
            let name = parts.count == 2 ? String(parts[1]) : "random"
            return Pattern(rawValue: name).map { (kind.1, $0) }
        }
        if let read { return read }
        guard let pattern = Pattern(rawValue: "random") else {
            preconditionFailure("every pattern must have a random variant")
        }
        return (kinds[0].1, pattern)
    }

    func finish() throws(ExperimentError) {
        guard let stray = values.keys.min() else { return }
        throw .unusableCase(
            text,
            "has the unknown key \(stray); the keys are \(known.joined(separator: ", "))"
        )
    }
}

extension ExperimentError {
    static func unusableCase(_ text: String, _ problem: String) -> ExperimentError {
        ExperimentError(
            .usage,
            "--case “\(text)”",
            problem,
            expected: "words such as length=33 head-dimension=64 mask=causal workers=2",
            remedy: "correct it, or copy the line that 'headwise verify' printed"
        )
    }
}
