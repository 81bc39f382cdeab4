import Experiment
import Timing

/// A comparison for people to read: what was compared, point by point, and one plain sentence.
package enum CompareTable {
    package static func rendered(_ record: CompareRecord, style: Style = .plain) -> String {
        var table = TextTable([
            .number("workers", narrow: "work-\ners"), .number("A"), .number("B"), .number("B/A"),
            .number(intervalTitle(record)), .number("repli-\ncates", leaves: 2),
            .number("trials", leaves: 1), .words("B is"),
        ])
        for point in record.points {
            let emphasis = emphasis(point.verdict)
            var cells = cells(point).map { TextTable.Cell($0) }
            cells[3].emphasis = .strong
            table.addRow(cells + [.init(point.verdict.rawValue, emphasis)])
        }
        let columns = style.textColumns
        let sentence = record.verdict?.sentence ?? Self.sentence(for: record)
        let parts = [
            headlines(record).map { wrapped($0, columns: columns) + "\n" }.joined(),
            record.points.isEmpty ? "" : table.rendered(style: style),
            remarks(record).map { wrapped($0, columns: columns) + "\n" }.joined(),
            style.apply(.strong, to: wrapped(sentence, columns: columns, indent: "")) + "\n",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The same as a table of Markdown, for a pull request or a wiki.
    package static func markdown(_ record: CompareRecord) -> String {
        let titles = titles(record) + ["B is"]
        let unfinished = MarkdownTable.unfinished(record)
        var lines = headlines(record).map { "- " + escapedMarkdown($0) } + [""]
        lines.append("| " + titles.joined(separator: " | ") + " |")
        lines.append("|" + String(repeating: "---:|", count: 7) + ":---|")
        for point in record.points {
            let verdict = point.verdict.rawValue
            let marked = point.verdict == .slower ? "**\(verdict)**" : verdict
            lines.append("| " + (cells(point) + [marked]).joined(separator: " | ") + " |")
        }
        let remarks = remarks(record).map { "- " + escapedMarkdown($0) }
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
        let threshold = Units.percent(record.rule.threshold, isFine: true)
        return sides + [
            "Times: a replicate's is the mean of its fastest third; A and B are the geometric means "
                + "of their replicates (of ten or more, the middle three fifths), and B/A is their "
                + "quotient, or nearly so where pairs are compared",
            "Rule: differences up to \(threshold) count as none; all intervals hold with "
                + percentText(record.rule.confidence),
        ]
    }

    /// The same as comma-separated values, one row for every point, in full precision.
    ///
    /// `a_nanoseconds` and `b_nanoseconds` are the times that `ratio`, B over A, is nearly the quotient of;
    /// what does not exist is empty. `a_standing` and `b_standing` are those of the records that were
    /// compared: VALID, INVALID, UNFINISHED, or the last two with a blank between; `standing` is that
    /// of the comparison. Columns keep their names and their order; new ones come last.
    package static func csv(_ record: CompareRecord) -> String {
        let columns = [
            "schema", "started", "form", "workers", "a_nanoseconds", "b_nanoseconds", "ratio",
            "lower_bound", "upper_bound", "confidence", "threshold", "a_replicates",
            "b_replicates", "a_trials", "b_trials", "verdict", "needed_replicates", "a_standing",
            "b_standing", "standing",
        ]
        func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
        func trials(_ side: [[UInt64]]) -> String { "\(side.reduce(0) { $0 + $1.count })" }
        return CSVTable.text(
            [columns]
                + record.points.map { point in
                    let found = point.comparison
                    return [
                        record.schema.rawValue, record.started, record.form.rawValue,
                        "\(point.workers)", text(point.firstTypicalNanoseconds),
                        text(point.secondTypicalNanoseconds), text(found?.ratio),
                        text(found?.lowerBound), text(found?.upperBound),
                        text(record.rule.confidence), text(record.rule.threshold),
                        "\(point.firstNanoseconds.count)", "\(point.secondNanoseconds.count)",
                        trials(point.firstNanoseconds), trials(point.secondNanoseconds),
                        point.verdict.rawValue, found?.neededReplicates.map { "\($0)" } ?? "",
                        record.first.standing ?? "", record.second.standing ?? "", record.standing,
                    ]
                }
        )
    }

    /// The titles of `cells`.
    package static func titles(_ record: CompareRecord) -> [String] {
        [
            "workers", "A", "B", "B/A", intervalTitle(record).replacing("\n", with: " "),
            "replicates", "trials",
        ]
    }

    /// The cells before the verdict.
    package static func cells(_ point: ComparedPoint) -> [String] {
        let replicates = [point.firstNanoseconds.count, point.secondNanoseconds.count]
        let trials = [point.firstNanoseconds, point.secondNanoseconds].map { side in
            side.reduce(0) { $0 + $1.count }
        }
        return [
            "\(point.workers)",
            point.firstTypicalNanoseconds.map { Units.time($0) } ?? "–",
            point.secondTypicalNanoseconds.map { Units.time($0) } ?? "–",
            point.comparison.map { Units.decimal($0.ratio, places: 3) } ?? "–",
            interval(point) ?? "–",
            replicates[0] == replicates[1]
                ? "\(replicates[0])" : "\(replicates[0]), \(replicates[1])",
            trials[0] == trials[1] ? "\(trials[0])" : "\(trials[0]), \(trials[1])",
        ]
    }

    /// `1.031…1.067`; nil where there is none.
    package static func interval(_ point: ComparedPoint) -> String? {
        guard let lower = point.comparison?.lowerBound, let upper = point.comparison?.upperBound
        else { return nil }
        // Beyond this an interval only says that nothing is known.
        let end = upper < 1000 ? Units.decimal(upper, places: 3) : "∞"
        return "\(Units.decimal(lower, places: 3))…\(end)"
    }

    private static func intervalTitle(_ record: CompareRecord) -> String {
        "\(percentText(record.rule.confidence))\ninterval"
    }

    /// `99 %`, `99.9 %`: as many places as it takes.
    package static func percentText(_ fraction: Double) -> String {
        let thousandths = (fraction * 100_000).rounded()
        let percent = thousandths / 1000
        return percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
    }

    /// Why a point is not decided, and what else a reader should know.
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
        case .same: .none
        case .ambiguous: .strong
        }
    }
}
