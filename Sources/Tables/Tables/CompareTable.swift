import Record
import Statistics

/// A comparison for people: what was compared, each point, and one plain sentence.
package enum CompareTable {
    package static func rendered(_ record: CompareRecord, style: Style = .plain) -> String {
        var table = TextTable([
            .number("work-\ners"), .words("time"), .number("A"), .number("B"),
            .number("B/A"), .number(intervalTitle(record)), .number("repli-\ncates", leaves: 2),
            .number("trials", leaves: 1), .words("B is"),
        ])
        for row in rows(record) {
            var cells = row.cells.map { TextTable.Cell($0) }
            cells[4].emphasis = .strong
            table.addRow(cells + [.init(row.verdict.rawValue, emphasis(row.verdict))])
        }
        let columns = style.textColumns
        let sentence = record.verdict?.sentence ?? Self.sentence(for: record)
        let parts = [
            headlines(record).map { wrapped($0, columns: columns) + "\n" }.joined(),
            record.points.isEmpty ? "" : table.rendered(style: style),
            remarks(record).map { wrapped($0, columns: columns) + "\n" }.joined()
                + Notes.warnings(record.warnings ?? [], columns: columns),
            style.apply(.strong, to: wrapped(sentence, columns: columns, indent: "")) + "\n",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The same as a Markdown table, for a pull request or a wiki.
    package static func markdown(_ record: CompareRecord) -> String {
        let titles = titles(record) + ["B is"]
        let unfinished = MarkdownTable.unfinished(record)
        var lines = headlines(record).map { "- " + escapedMarkdown($0) } + [""]
        lines.append("| " + titles.joined(separator: " | ") + " |")
        lines.append("|---:|:---|" + String(repeating: "---:|", count: 6) + ":---|")
        for row in rows(record) {
            let verdict = row.verdict.rawValue
            let marked = row.verdict == .slower ? "**\(verdict)**" : verdict
            lines.append("| " + (row.cells + [marked]).joined(separator: " | ") + " |")
        }
        let warnings = (record.warnings ?? []).map { Notes.warning($0) }
        let remarks = (remarks(record) + warnings).map { "- " + escapedMarkdown($0) }
        if !remarks.isEmpty { lines += [""] + remarks }
        lines += ["", escapedMarkdown(record.verdict?.sentence ?? sentence(for: record))]
        return unfinished + lines.map { $0 + "\n" }.joined()
    }

    /// What was compared by which rule, and what the times are; sentences without a full stop.
    package static func headlines(_ record: CompareRecord) -> [String] {
        let sides = [("A", record.first), ("B", record.second)].map { name, side in
            let parts = [
                side.path, side.program.map { "by \($0)" }, side.started.map { "of \($0)" },
                side.instructionSet, side.commit.map { "commit \($0.prefix(12))" },
                side.standing.flatMap { $0 == Verdict.Status.valid.rawValue ? nil : $0 },
            ]
            return "\(name): " + parts.compactMap { $0 }.joined(separator: ", ")
        }
        let thresholds = record.rule.statistics.map { statistic in
            Units.percent(record.rule.threshold(of: statistic), isFine: true)
                + " of the \(statistic.name)"
        }
        return sides + [
            "Times: for each replicate, "
                + listed(record.rule.statistics.map(definition))
                + "; A and B are geometric means over replicates (from ten on, over the middle "
                + "three fifths); B/A is their ratio, or nearly that if replicates are compared "
                + "in pairs",
            "Rule: differences up to \(listed(thresholds)) count as none; confidence that all "
                + "intervals hold together: " + percentText(record.rule.confidence),
        ]
    }

    private static func definition(_ statistic: ComparedStatistic) -> String {
        switch statistic {
        case .fastEnd: "the mean of its fastest third (fast end)"
        case .mean: "its mean"
        case .percentile90: "its 90th percentile (p90)"
        }
    }

    /// `a`, `a and b`, `a, b and c`.
    static func listed(_ parts: [String]) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.joined() }
        return parts.dropLast().joined(separator: ", ") + " and " + last
    }

    /// The same as comma-separated values, one row for every statistic of every point, in full
    /// precision.
    ///
    /// `ratio` is nearly `b_nanoseconds` over `a_nanoseconds`. A value that does not exist is
    /// empty. `a_standing` and `b_standing` belong to the compared records: VALID, INVALID,
    /// DISTURBED, UNFINISHED, or two of them with a blank between; `standing` to the comparison.
    /// `statistic` is `fastEnd`, `mean` or `percentile90`, and `threshold` is the threshold of this
    /// statistic. Columns keep their names and their order; new ones come last.
    package static func csv(_ record: CompareRecord) -> String {
        let columns = [
            "schema", "started", "form", "workers", "a_nanoseconds", "b_nanoseconds", "ratio",
            "lower_bound", "upper_bound", "confidence", "threshold", "a_replicates",
            "b_replicates", "a_trials", "b_trials", "verdict", "needed_replicates", "a_standing",
            "b_standing", "standing", "statistic",
        ]
        func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        func trials(_ side: [[UInt64]]) -> String { "\(side.reduce(0) { $0 + $1.count })" }
        func row(_ point: ComparedPoint, _ statistic: StatisticComparison) -> [String] {
            let found = statistic.comparison
            return [
                record.schema.rawValue, record.started, record.form.rawValue,
                "\(point.workers)", text(statistic.firstNanoseconds),
                text(statistic.secondNanoseconds), text(found?.ratio), text(found?.lowerBound),
                text(found?.upperBound), text(record.rule.confidence),
                text(record.rule.threshold(of: statistic.statistic)),
                "\(point.firstNanoseconds.count)", "\(point.secondNanoseconds.count)",
                trials(point.firstNanoseconds), trials(point.secondNanoseconds),
                statistic.verdict.rawValue, found?.neededReplicates.map { "\($0)" } ?? "",
                record.first.standing ?? "", record.second.standing ?? "", record.standing,
                statistic.statistic.rawValue,
            ]
        }
        return CSVTable.text(
            [columns]
                + record.points.flatMap { point in point.statistics.map { row(point, $0) } }
        )
    }

    /// The titles of the cells of `rows`.
    package static func titles(_ record: CompareRecord) -> [String] {
        [
            "workers", "time", "A", "B", "B/A", intervalTitle(record).replacing("\n", with: " "),
            "replicates", "trials",
        ]
    }

    /// One statistic of one point.
    package struct Row: Sendable {
        /// Those before the verdict.
        package var cells: [String]
        package var verdict: TimeComparison.Verdict
    }

    package static func rows(_ record: CompareRecord) -> [Row] {
        record.points.flatMap { point in
            point.statistics.map { Row(cells: cells(point, $0), verdict: $0.verdict) }
        }
    }

    private static func cells(
        _ point: ComparedPoint,
        _ statistic: StatisticComparison
    ) -> [String] {
        let replicates = [point.firstNanoseconds.count, point.secondNanoseconds.count]
        let trials = [point.firstNanoseconds, point.secondNanoseconds].map { side in
            side.reduce(0) { $0 + $1.count }
        }
        return [
            "\(point.workers)", shortName(statistic.statistic),
            statistic.firstNanoseconds.map { Units.time($0) } ?? "–",
            statistic.secondNanoseconds.map { Units.time($0) } ?? "–",
            statistic.comparison.map { Units.decimal($0.ratio, places: 3) } ?? "–",
            interval(statistic) ?? "–",
            replicates[0] == replicates[1]
                ? "\(replicates[0])" : "\(replicates[0]), \(replicates[1])",
            trials[0] == trials[1] ? "\(trials[0])" : "\(trials[0]), \(trials[1])",
        ]
    }

    /// Short enough for a cell and for a mark of an axis.
    package static func shortName(_ statistic: ComparedStatistic) -> String {
        statistic == .percentile90 ? "p90" : statistic.name
    }

    /// `1.031…1.067`; nil where there is none.
    private static func interval(_ statistic: StatisticComparison) -> String? {
        guard let lower = statistic.comparison?.lowerBound,
            let upper = statistic.comparison?.upperBound
        else { return nil }
        // An interval wider than this only says that nothing is known.
        let end = upper < 1000 ? Units.decimal(upper, places: 3) : "∞"
        return "\(Units.decimal(lower, places: 3))…\(end)"
    }

    private static func intervalTitle(_ record: CompareRecord) -> String {
        "\(percentText(record.rule.confidence))\ninterval"
    }

    /// `99 %`, `99.9 %`: with as many decimal places as needed.
    package static func percentText(_ fraction: Double) -> String {
        let thousandths = (fraction * 100_000).rounded()
        let percent = thousandths / 1000
        return percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
    }

    /// Why a point is ambiguous, and what else a reader should know.
    package static func remarks(_ record: CompareRecord) -> [String] {
        let reasons = record.points.compactMap { point in
            point.reason.map { "\(Units.counted(point.workers, "worker")): \($0)" }
        }
        let unfinished = record.obstacle.map { [Notes.unfinished($0)] }
        return (unfinished ?? record.verdict?.reasons ?? []) + reasons
            + record.notes.map { "Note: \($0)" }
    }

    private static func emphasis(_ verdict: TimeComparison.Verdict) -> Style.Emphasis {
        switch verdict {
        case .faster: .good
        case .slower: .bad
        case .same, .notSlower: .none
        case .ambiguous: .strong
        }
    }
}
