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
            "Where the record goes, a new file. Default: results/<UTC time>-<name>.json.",
            valueName: "file"
        )
    )
    var record: String?

    @Option(
        help: """
            What standard output holds: table, json (the record itself), markdown (the table for a \
            web page) or csv (one row for every sample).
            """
    )
    var format: RecordFormat = .table

    @Flag(help: "No progress, no notes; errors still go to standard error.")
    var quiet = false
}
