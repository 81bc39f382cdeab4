import ArgumentParser
import Experiment

/// The flag that asks for a page beside the table.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also write the record as a web page, as 'headwise report' does, to this new file.",
            valueName: "file"
        )
    )
    var report: String?

    /// The writer of the page, if a page is wanted; `others` are the flags that name other new
    /// files.
    func writer(beside others: [(flag: String, path: String?)]) throws -> PageWriter? {
        guard let report else { return nil }
        guard report != "-" else {
            throw ExperimentError(
                .usage,
                "--report -",
                "names standard output, which holds the result",
                expected: "a path where nothing is yet",
                remedy: "give one, or print the record's page with 'headwise report RECORD -o -'"
            )
        }
        try Self.requireDifferent([(flag: "--report", path: report)] + others)
        return try PageWriter(path: report, flag: "--report")
    }

    /// Refuses two flags that name the same new file.
    static func requireDifferent(
        _ files: [(flag: String, path: String?)]
    ) throws(ExperimentError) {
        var named: [FilePlace: (flag: String, path: String)] = [:]
        for (flag, path) in files {
            guard let path, !path.isEmpty else { continue }
            if let other = named.updateValue((flag, path), forKey: FilePlace(path)) {
                throw ExperimentError(
                    .usage,
                    "\(other.flag) \(other.path)",
                    other.path == path
                        ? "is named by \(flag) too" : "is the same file as \(flag) \(path)",
                    expected: "a file for each",
                    remedy: "give one of them another path"
                )
            }
        }
    }
}
