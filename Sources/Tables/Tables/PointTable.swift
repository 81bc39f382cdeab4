import Record
import Statistics

/// The points of a record as rows: speed, speedup and status.
package enum PointTable {
    static func rendered(_ points: [RunPoint], style: Style) -> String {
        guard !points.isEmpty else { return "" }
        return table(points, isWide: style.columns >= wideColumns).rendered(style: style)
            + footnote(points, columns: style.textColumns)
    }

    /// From this width on, the table also has room for the slow end of the trials.
    static let wideColumns = 104

    static func table(_ points: [RunPoint], isWide: Bool = false) -> TextTable {
        let speeds: [TextTable.Column] = [
            .number("workers", narrow: "work-\ners"), .number("median"), .number("±"),
            .number("speedup", narrow: "speed-\nup"), .number("effi-\nciency", leaves: 4),
            .number("vs N\nthreads"), .number("GFLOP/s", narrow: "GFLOP\n/s", leaves: 3),
        ]
        let tail: [TextTable.Column] =
            isWide ? [.number("p95", leaves: 1), .number("p99", leaves: 1)] : []
        // Outputs with different bits also have a status that says so.
        let checks: [TextTable.Column] = [.words("bits", leaves: 2), .words("status")]
        var table = TextTable(speeds + tail + checks)
        let medians = points.compactMap { $0.summary?.wall.medianNanoseconds }
        // One unit for the whole column, that of its shortest time.
        let unit = Units.Time.fitting(nanoseconds: medians.min() ?? 1)
        for point in points {
            let summary = point.summary
            table.addRow(
                [
                    "\(point.workers)",
                    cell(summary?.wall.medianNanoseconds) { Units.time($0, in: unit) },
                    summary.map { .init(uncertainty($0.wall)) } ?? .absent,
                    .init(summary?.speedup.map(Units.significant) ?? "–", .strong),
                    cell(summary?.efficiency) { Units.percent($0) },
                    cell(summary?.speedupOverThreads, Units.significant),
                    cell(summary?.gigaflopsPerSecond, Units.significant),
                ]
                    + (isWide
                        ? [
                            cell(summary?.wall.percentile95Nanoseconds) {
                                Units.time($0, in: unit)
                            },
                            cell(summary?.wall.percentile99Nanoseconds) {
                                Units.time($0, in: unit)
                            },
                        ] : []) + [
                        bits(point.verification), status(point),
                    ]
            )
        }
        return table
    }

    /// The interval of the median; with too few trials for one, the spread of a single trial.
    package static func uncertainty(_ wall: SampleSummary) -> String {
        // The interval of two very different replicates is huge, and its exact width says nothing
        // more.
        wall.relativeUncertainty.map {
            $0 > 1 ? ">100 %" : "±" + Units.percent($0, isFine: true)
        }
            ?? "~" + Units.percent(wall.relativeSpread, isFine: true)
    }

    static func footnote(_ points: [RunPoint], columns: Int = 80) -> String {
        let isNeeded = points.contains {
            $0.summary.map { $0.wall.relativeUncertainty == nil } ?? false
        }
        guard isNeeded else { return "" }
        let sentence =
            "~ is the spread of one trial; an interval needs 6 trials, or 2 "
            + "replicates."
        return wrapped(sentence, columns: columns) + "\n"
    }

    static func bits(_ verification: VerificationSummary) -> TextTable.Cell {
        switch verification.bitwiseEqual {
        case true: .init("equal", .good)
        case false: .init("DIFFER", .bad)
        case nil: .absent
        }
    }

    private static func status(_ point: RunPoint) -> TextTable.Cell {
        // An invalid time is worse than an unproved number, and readers expect it less.
        if point.verdict.status == .invalid && point.verification.status.isGood {
            return .init(point.verdict.status.rawValue, .bad)
        }
        return status(point.verification)
    }

    static func status(_ verification: VerificationSummary) -> TextTable.Cell {
        let emphasis: Style.Emphasis =
            verification.status.isGood
            ? .good : verification.status == .unchecked ? .none : .bad
        return .init(verification.status.rawValue, emphasis)
    }
}

/// A cell for a number that may not exist.
func cell(_ value: Double?, _ text: (Double) -> String) -> TextTable.Cell {
    value.map { .init(text($0)) } ?? .absent
}
