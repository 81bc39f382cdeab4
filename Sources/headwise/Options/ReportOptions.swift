import ArgumentParser

/// The flag that asks for a page beside the table.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also write the record as a web page, as 'headwise report' does, to this new file.",
            valueName: "file"
        )
    )
    var report: String?

    /// Who writes the page, if one is wanted.
    func writer() throws -> PageWriter? {
        try report.map { path in try PageWriter(path: path, flag: "--report") }
    }
}
