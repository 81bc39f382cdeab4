import ArgumentParser
import Files
import Report

/// The flag that asks for a page beside the table.
struct ReportOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Also write the page of 'headwise report' to this new file.",
            valueName: "file"
        ),
        completion: .file()
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
                "is standard output, which already holds the result",
                expected: "the path of a new file",
                remedy: "give a path, or print the page with 'headwise report RECORD -o -'"
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
                        ? "is also the file of \(flag)" : "is the same file as \(flag) \(path)",
                    expected: "a different file for each flag",
                    remedy: "give one of them another path"
                )
            }
        }
    }
}
