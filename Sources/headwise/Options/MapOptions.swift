import ArgumentParser
import Files
import Measuring
import Plan
import Platform
import Record
import Report

/// The flags for what of a matrix is drawn, and where to.
struct MapOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            The slices to draw: \(SliceSpecification.help), joined by commas. Default: the first \
            eight; of a mask, those that differ.
            """,
            valueName: "slices"
        )
    )
    var slices: String?

    @Option(help: ArgumentHelp("The query rows to draw, such as 0-63.", valueName: "range"))
    var rows: String?

    @Option(help: ArgumentHelp("The keys to draw, such as 0-63.", valueName: "range"))
    var keys: String?

    @Option(
        .checkedLater(1...MapRecord.largestSide),
        help: "The most cells of a side; a larger matrix is reduced. Default: 128."
    )
    var cells: Int?

    @Option(
        help: ArgumentHelp(
            """
            Also draw with gnuplot into this new .svg or .png file, with a .csv of its numbers and \
            the script beside it.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var picture: String?

    @Option(
        help: ArgumentHelp("Keep the record in this new file.", valueName: "file"),
        completion: .file()
    )
    var record: String?

    @OptionGroup var printing: PrintOptions
    @OptionGroup var report: ReportOptions

    /// What the flags ask for.
    func request() throws -> MapRequest {
        var request = MapRequest()
        request.slices = try slices.map { try SliceSpecification($0, flag: "--slices") }
        request.rows = try rows.map { try range("--rows", $0) }
        request.columns = try keys.map { try range("--keys", $0) }
        if let cells { request.cells = try side(cells) }
        return request
    }

    private func side(_ cells: Int) throws(ExperimentError) -> Int {
        let range = 1...MapRecord.largestSide
        guard range.contains(cells) else {
            throw ExperimentError(
                .usage,
                "--cells \(cells)",
                "is no size of a map",
                expected: "\(range.lowerBound) to \(range.upperBound)",
                remedy: "give a number of these"
            )
        }
        return cells
    }

    /// Refuses what has no effect on maps over a grid, which are whole.
    func requireGrid(_ keyLabels: String?) throws(ExperimentError) {
        let flags = [
            ("--keys", keys), ("--cells", cells.map { "\($0)" }), ("--key-labels", keyLabels),
        ]
        guard let (flag, value) = flags.first(where: { $0.1 != nil }) else { return }
        throw ExperimentError(
            .usage,
            "\(flag) \(value ?? "")",
            "has no effect on --grid, which has a cell for each key",
            expected: "one of them",
            remedy: "leave out \(flag), or --grid"
        )
    }

    /// `0-63`, or one number.
    private func range(_ flag: String, _ text: String) throws -> Range<Int> {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
            0 <= first, first <= last, last < Int.max
        else {
            throw ExperimentError(
                .usage,
                "\(flag) \(text)",
                "is no range",
                expected: "the first and the last number, such as 0-63",
                remedy: "write for example \(flag) 0-63"
            )
        }
        return first..<last + 1
    }

    /// Takes the files that the flags name, draws what `draw` makes, and ends the command.
    func run(
        _ interruption: Interruption,
        _ draw: (ProgressReport) throws -> Measured<MapRecord>
    ) throws {
        let files = try picture.map { try PictureFiles(path: $0, flag: "--picture") }
        let pictures = files?.paths.map { ("--picture", $0 as String?) } ?? []
        let named = [("--record", record)] + pictures
        try ReportOptions.requireDifferent(named)
        let page = try report.writer(beside: named)
        var store = try record.map { path throws(ExperimentError) in
            try RecordStore.reserve(path: path)
        }
        let progress = printing.progress
        var drawn = try draw(progress.report)
        progress.clear()
        if let drawnRecord = drawn.record {
            if var kept = store.take() {
                let obstacle = kept.finish(drawnRecord)
                drawn.path = obstacle == nil ? kept.path : nil
                drawn.failure = drawn.failure ?? obstacle
            }
            if let files { try write(drawnRecord, files, &drawn, interruption) }
        }
        try printing.finish(drawn, page: page, interruption: interruption)
    }

    /// Writes the picture; if a signal comes before it is complete, nothing of it remains, so that
    /// the same command can be given again.
    private func write(
        _ record: MapRecord,
        _ files: PictureFiles,
        _ drawn: inout Measured<MapRecord>,
        _ interruption: Interruption
    ) throws {
        let picture = files.draw(record, gnuplot: Gnuplot(interruption: interruption.descriptor))
        do throws(RunError) {
            // If gnuplot ended early, the cause may be a Ctrl-C that reached both processes.
            if picture.problem == nil {
                try interruption.check()
            } else {
                try interruption.checkForCause()
            }
        } catch {
            drawn.unwritten.append("--picture")
            drawn.failure = error
            return
        }
        try files.write(picture)
        guard let problem = picture.problem else {
            drawn.notes.append("picture: \(files.path)")
            return
        }
        // Wrong weights matter more than a picture of them.
        if record.exitCode ?? 0 == 0 { drawn.failure = problem } else { Output.error("\(problem)") }
    }
}
