import Record
import Statistics

/// What was compared, and each statistic of each point.
extension CompareRecord: PresentedRecord {
    package var presentation: Presentation {
        Presentation(
            headlines: CompareTable.headlines(self),
            tables: points.isEmpty
                ? [] : [.init(CompareTable.table(self), title: mark.map { "\($0):" })],
            notes: [CompareTable.remarks(self)]
        )
    }

    /// One row for every statistic of every point, in full precision.
    ///
    /// `ratio` is nearly `b_nanoseconds` over `a_nanoseconds`. A value that does not exist is
    /// empty. `a_standing` and `b_standing` belong to the compared records: VALID, INVALID,
    /// DISTURBED, UNFINISHED, or two of them with a blank between; `standing` to the comparison.
    /// `statistic` is `fastEnd`, `mean` or `percentile90`, and `threshold` is the threshold of this
    /// statistic.
    package var samples: SampleRows {
        let columns = [
            "schema", "started", "form", "workers", "a_nanoseconds", "b_nanoseconds", "ratio",
            "lower_bound", "upper_bound", "confidence", "threshold", "a_replicates",
            "b_replicates", "a_trials", "b_trials", "verdict", "needed_replicates", "a_standing",
            "b_standing", "standing", "statistic",
        ]
        func trials(_ side: [[UInt64]]) -> String { "\(side.reduce(0) { $0 + $1.count })" }
        func row(_ point: ComparedPoint, _ statistic: StatisticComparison) -> [String] {
            let found = statistic.comparison
            return [
                schema.rawValue, started, form.rawValue, "\(point.workers)",
                field(statistic.firstNanoseconds), field(statistic.secondNanoseconds),
                field(found?.ratio), field(found?.lowerBound), field(found?.upperBound),
                "\(rule.confidence)", "\(rule.threshold(of: statistic.statistic))",
                "\(point.firstNanoseconds.count)", "\(point.secondNanoseconds.count)",
                trials(point.firstNanoseconds), trials(point.secondNanoseconds),
                statistic.verdict.rawValue, field(found?.neededReplicates),
                first.standing ?? "", second.standing ?? "", standing,
                statistic.statistic.rawValue,
            ]
        }
        return SampleRows(
            columns: columns,
            rows: points.flatMap { point in point.statistics.map { row(point, $0) } }
        )
    }
}

package enum CompareTable {
    package static func table(_ record: CompareRecord) -> TextTable {
        var table = TextTable([
            .number("work-\ners"), .words("time"), .number("A"), .number("B"),
            .number("B/A"), .number(percentText(record.rule.confidence) + "\ninterval"),
            .number("repli-\ncates", leaves: 2), .number("trials", leaves: 1), .words("B is"),
        ])
        for point in record.points {
            for statistic in point.statistics { table.addRow(row(point, statistic)) }
        }
        return table
    }

    private static func row(
        _ point: ComparedPoint,
        _ statistic: StatisticComparison
    ) -> [TextTable.Cell] {
        let sides = [point.firstNanoseconds, point.secondNanoseconds]
        /// One number if both sides have the same.
        func counts(_ count: ([[UInt64]]) -> Int) -> TextTable.Cell {
            let (a, b) = (count(sides[0]), count(sides[1]))
            return a == b ? "\(a)" : "\(a), \(b)"
        }
        return [
            "\(point.workers)", .init(shortName(statistic.statistic)),
            .value(statistic.firstNanoseconds) { Units.time($0) },
            .value(statistic.secondNanoseconds) { Units.time($0) },
            .value(statistic.comparison?.ratio, emphasis: .strong) {
                ratio($0)
            },
            interval(statistic), counts(\.count), counts { $0.reduce(0) { $0 + $1.count } },
            .init(statistic.verdict.rawValue, emphasis(statistic.verdict)),
        ]
    }

    /// What was compared by which rule, and what the times are; sentences without a full stop.
    static func headlines(_ record: CompareRecord) -> [String] {
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
                + Units.listed(record.rule.statistics.map(definition))
                + "; A and B are geometric means over replicates (from ten on, over the middle "
                + "three fifths); B/A is their ratio, or nearly that if replicates are compared "
                + "in pairs",
            "Rule: differences up to \(Units.listed(thresholds)) count as none; confidence that all "
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

    /// Short enough for a cell and for a mark of an axis.
    package static func shortName(_ statistic: ComparedStatistic) -> String {
        statistic == .percentile90 ? "p90" : statistic.name
    }

    /// `1.031…1.067`.
    private static func interval(_ statistic: StatisticComparison) -> TextTable.Cell {
        guard let lower = statistic.comparison?.lowerBound,
            let upper = statistic.comparison?.upperBound
        else { return .absent }
        return "\(ratio(lower))…\(ratio(upper))"
    }

    /// Four digits, so that a large ratio is no wider than a small one: `1.031`, `16.01`.
    package static func ratio(_ value: Double) -> String {
        // A bound beyond this only says that nothing is known.
        guard value < 1000 else { return "∞" }
        return Units.decimal(value, places: value < 9.9995 ? 3 : value < 99.995 ? 2 : 1)
    }

    /// `99 %`, `99.9 %`: with as many decimal places as needed.
    package static func percentText(_ fraction: Double) -> String {
        let thousandths = (fraction * 100_000).rounded()
        let percent = thousandths / 1000
        return percent == percent.rounded() ? "\(Int(percent)) %" : "\(percent) %"
    }

    /// Why the times mean nothing or a point is ambiguous, and what else a reader should know.
    static func remarks(_ record: CompareRecord) -> [String] {
        let reasons = record.points.compactMap { point in
            point.reason.map { "\(Units.counted(point.workers, "worker")): \($0)" }
        }
        return (record.obstacle == nil ? record.verdict?.reasons ?? [] : []) + reasons
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
