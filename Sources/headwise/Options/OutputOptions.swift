import ArgumentParser

/// The flags that say what is printed and what is kept.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
    }

    @Option(
        help: ArgumentHelp(
            "Where the record goes, a new file. Default: results/<UTC time>-<name>.json.",
            valueName: "file"
        )
    )
    var record: String?

    @Option(help: "What standard output holds: table or json (the record itself).")
    var format: Format = .table

    @Flag(help: "No progress, no notes; errors still go to standard error.")
    var quiet = false
}
