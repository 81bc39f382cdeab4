import ArgumentParser

/// The flags for what is printed and what is kept.
struct OutputOptions: ParsableArguments {
    /// What any command prints.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
    }

    /// What a command prints of a record with samples.
    enum RecordFormat: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
        case markdown
        case csv
    }

    @Option(
        help: ArgumentHelp(
            "The new file for the record. Default: results/<UTC time>-<name>.json.",
            valueName: "file"
        )
    )
    var record: String?

    @Option(
        help: """
            What to print: table, json (the record), markdown (tables for an issue) or csv (one \
            row per sample).
            """
    )
    var format: RecordFormat = .table

    @Flag(help: "No progress, no notes; errors still go to standard error.")
    var quiet = false
}
