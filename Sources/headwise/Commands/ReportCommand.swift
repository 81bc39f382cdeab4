import ArgumentParser
import Cluster
import Experiment
import Report

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Turn records into one page that opens offline, on a phone too.",
        discussion: """
            The verdict first, then speedup and efficiency, where the time went, roofline, every \
            sample, verification, host and plan, and the record itself to download; of a comparison, \
            every ratio against the threshold. Takes records of 'run', 'scale', 'kernel' and \
            'compare'. Plots are drawn by gnuplot (Debian: gnuplot-nox); without it the page holds \
            the tables and says what is missing. Examples:
              headwise report results/scale-8x8x1024x64.json -o report.html
              headwise report before.json after.json -o report.html --keep-plots plots
              headwise report results/scale-8x8x1024x64.json --format markdown
            """
    )

    @Argument(help: ArgumentHelp("Records, one section each.", valueName: "record"))
    var records: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            """
            Where the page goes, a new file, or - for standard output. Default: report.html, and \
            standard output for markdown and csv.
            """,
            valueName: "file"
        )
    )
    var output: String?

    @Option(
        help: """
            html (the page), markdown (the tables for an issue) or csv (one row for every sample, of \
            one record).
            """
    )
    var format: Format = .html

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case html
        case markdown
        case csv
    }

    @Option(
        help: ArgumentHelp(
            "Keep every plot as SVG with its gnuplot script and rows in this new or empty folder.",
            valueName: "folder"
        )
    )
    var keepPlots: String?

    @Flag(help: "No notes; errors still go to standard error.")
    var quiet = false

    func run() throws {
        let interruption = try Interruption()
        let paths = records
        let stored = try interruption.endingAtOnce(Output.interrupted) {
            () throws(ExperimentError) in
            var stored: [StoredRecord] = []
            for path in paths { stored.append(try StoredRecord.read(path)) }
            return stored
        }
        try ReportOptions.requireDifferent([("--output", output), ("--keep-plots", keepPlots)])
        guard format == .html else { return try writeText(of: stored, interruption) }
        let writer = try PageWriter(
            path: output ?? "report.html",
            flag: "--output",
            keepPlots: keepPlots
        )
        try writer.write(stored, isQuiet: quiet, interruption: interruption)
    }

    private func writeText(of stored: [StoredRecord], _ interruption: Interruption) throws {
        if let keepPlots {
            throw ExperimentError(
                .usage,
                "--keep-plots \(keepPlots)",
                "is of no use with --format \(format.rawValue), which has none",
                expected: "--format html, or no plots",
                remedy: "leave one of the two out"
            )
        }
        guard format == .markdown || stored.count == 1 else {
            throw ExperimentError(
                .usage,
                "--format csv",
                "is given \(stored.count) records",
                expected: "one, since the columns of another may differ",
                remedy: "write a file for each"
            )
        }
        let text = interruption.endingAtOnce(Output.interrupted) {
            stored.map { record in
                guard format == .markdown else { return record.csv }
                return stored.count == 1
                    ? record.markdown : "## \(record.path)\n\n\(record.markdown)"
            }.joined(separator: "\n")
        }
        guard let output, output != "-" else { return Output.print(text, terminator: "") }
        try TextOutput.reserve(path: output, flag: "--output").write(text)
        if !quiet { Output.note("report: \(output)") }
    }
}

extension StoredRecord {
    /// The tables of the screen, for an issue.
    fileprivate var markdown: String {
        switch content {
        case .run(let record): MarkdownTable.rendered(record)
        case .kernel(let record): MarkdownTable.rendered(record)
        case .compare(let record): CompareTable.markdown(record)
        }
    }

    /// A row for every sample, or for every point of a comparison.
    fileprivate var csv: String {
        switch content {
        case .run(let record): CSVTable.rendered(record)
        case .kernel(let record): CSVTable.rendered(record)
        case .compare(let record): CompareTable.csv(record)
        }
    }
}
