import Files

/// What a script of this repository measured of many runs: JSON that is no record of a command.
///
/// A history passes it over, and a page refuses it with what it is about.
package enum ScriptRecord {
    /// The schema of a script's record, which has its own title.
    package static let schema = "headwise.script/1"

    package static var schemas: [String] { [schema] + known.keys }

    /// Those that a command makes for a script, and what they are about.
    private static let known = [
        CopiesRecord.Schema.copies.rawValue: "how often intervals of a sweep held the true value",
        CompareRates.Schema.rates.rawValue: "how often verdicts of a comparison were right",
    ]

    private struct Content: Decodable {
        var about: String
    }

    /// Says what the file is, which has one of the schemas.
    package static func refusal(_ file: JSONFile) throws(ExperimentError) -> ExperimentError {
        let about =
            if let about = known[file.schema] { about } else {
                try file.decode(Content.self).about
            }
        return ExperimentError(
            .usage,
            file.path,
            "is what a script measured: \(about)",
            expected: "the record of one command",
            remedy: "read it as JSON; results/README.md says what such files show"
        )
    }
}
