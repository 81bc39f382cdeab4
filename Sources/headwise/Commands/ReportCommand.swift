import ArgumentParser
import Files
import Platform
import Record
import Report
import Tables

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Turn records into one page that opens offline, on a phone too.",
        discussion: """
            Takes records of 'run', 'scale', 'kernel', 'compare', 'verify' and 'wire'. The page \
            shows the verdict first, then key figures, speedup, where the time went, every trial, the \
            roofline, the verification, warnings, plan and host, and last the record itself. A kernel \
            record shows every row beside its roof, a comparison every ratio beside its threshold, \
            'verify' every error beside what is allowed. gnuplot draws the plots (Debian: \
            gnuplot-nox). Without gnuplot, the page has tables only and says what is missing. \
            Examples:
              headwise report results/scale-8x8x1024x64.json -o report.html
              headwise report before.json after.json -o report.html --keep-plots plots
              headwise report results/scale-8x8x1024x64.json --format markdown
            """
    )

    @Argument(
        help: ArgumentHelp("Records, one section each.", valueName: "record"),
        completion: .file()
    )
    var records: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            """
            The new file for the page, or - for standard output. Default: report.html; for \
            markdown and csv, standard output.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var output: String?

    @Option(
        help: """
            What to write: html (the page), markdown (tables for an issue) or csv (one row per \
            sample, for one record only).
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
            "Keep every plot (SVG, gnuplot script and rows) in this new or empty folder.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var keepPlots: String?

    @Option(help: ArgumentHelp("What the page is called.", valueName: "text"))
    var title: String?

    @Option(
        help: ArgumentHelp("A sentence below the title; may be given again.", valueName: "text")
    )
    var note: [String] = []

    @Option(
        help: ArgumentHelp(
            "An .svg picture below the title and its sentences; may be given again.",
            valueName: "file"
        ),
        completion: .file()
    )
    var picture: [String] = []

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
        let head = try interruption.endingAtOnce(Output.interrupted) {
            () throws(ExperimentError) in
            var head = PageHead(title: title, notes: note)
            for path in picture {
                head.pictures.append(try PagePicture(reading: path, flag: "--picture"))
            }
            return head
        }
        let writer = try PageWriter(
            path: output ?? "report.html",
            flag: "--output",
            keepPlots: keepPlots
        )
        try writer.write(
            stored,
            head,
            isQuiet: quiet,
            interruption: interruption
        )
    }

    private func writeText(of stored: [StoredRecord], _ interruption: Interruption) throws {
        let given = [
            ("--keep-plots", keepPlots, "plots"), ("--title", title, "title of its own"),
            ("--note", note.first, "sentences of its own"),
            ("--picture", picture.first, "pictures"),
        ]
        for case (let flag, let value?, let what) in given {
            throw ExperimentError(
                .usage,
                "\(flag) \(value)",
                "has no use with --format \(format.rawValue), which has no \(what)",
                expected: "--format html, or no \(flag)",
                remedy: "leave out one of the two"
            )
        }
        guard format == .markdown || stored.count == 1 else {
            throw ExperimentError(
                .usage,
                "--format csv",
                "has \(stored.count) records to write",
                expected: "one record, because another record can have other columns",
                remedy: "write one file for each record"
            )
        }
        let text = interruption.endingAtOnce(Output.interrupted) {
            stored.map { stored in
                guard format == .markdown else { return stored.record.samples.csv }
                let title = records.count == 1 ? "" : "## \(stored.path)\n\n"
                return title + stored.record.markdown
            }.joined(separator: "\n")
        }
        guard let output, output != "-" else { return Output.print(text, terminator: "") }
        try TextOutput.reserve(path: output, flag: "--output").write(text)
        if !quiet { Output.note("report: \(output)") }
    }
}
