import Record
import Statistics

/// The points of a record as rows: speed, speedup and status.
package enum PointTable {
    static func presented(_ points: [RunPoint]) -> [Presentation.Table] {
        points.isEmpty ? [] : [.init(table(points), footnotes: footnotes(points))]
    }

    /// From this width on, the table also has room for the slow end of the trials.
    static let wideColumns = 104

    static func table(_ points: [RunPoint]) -> TextTable {
        var table = TextTable([
            .number("workers", narrow: "work-\ners"), .number("median"), .number("±"),
            .number("speedup", narrow: "speed-\nup"), .number("effi-\nciency", leaves: 4),
            .number("vs N\nthreads"), .number("GFLOP/s", narrow: "GFLOP\n/s", leaves: 3),
            .number("p95", leaves: 1, from: wideColumns),
            .number("p99", leaves: 1, from: wideColumns),
            // Outputs with different bits also have a status that says so.
            .words("bits", leaves: 2), .words("status"),
        ])
        let medians = points.compactMap { $0.summary?.wall.medianNanoseconds }
        // One unit for the whole column, that of its shortest time.
        let unit = Units.Time.fitting(nanoseconds: medians.min() ?? 1)
        for point in points {
            let summary = point.summary
            func time(_ nanoseconds: Double?) -> TextTable.Cell {
                .value(nanoseconds) { Units.time($0, in: unit) }
            }
            table.addRow([
                "\(point.workers)", time(summary?.wall.medianNanoseconds),
                summary.map { .init(uncertainty($0.wall)) } ?? .absent,
                .init(summary?.speedup.map(Units.significant) ?? "–", .strong),
                .value(summary?.efficiency) { Units.percent($0) },
                .value(summary?.speedupOverThreads, Units.significant),
                .value(summary?.gigaflopsPerSecond, Units.significant),
                time(summary?.wall.percentile95Nanoseconds),
                time(summary?.wall.percentile99Nanoseconds),
                bits(point.verification), status(point),
            ])
        }
        return table
    }

    /// The interval of the median; with too few trials for one, the spread of a single trial, which
    /// takes two.
    package static func uncertainty(_ wall: SampleSummary) -> String {
        guard wall.count > 1 else { return "–" }
        // The interval of two very different replicates is huge, and its exact width says nothing
        // more.
        return wall.relativeUncertainty.map(Units.halfWidth)
            ?? "~" + Units.percent(wall.relativeSpread, isFine: true)
    }

    private static func footnotes(_ points: [RunPoint]) -> [String] {
        let isNeeded = points.contains {
            $0.summary.map { $0.wall.relativeUncertainty == nil && $0.wall.count > 1 } ?? false
        }
        return isNeeded
            ? ["~ is the spread of one trial; an interval needs 6 trials, or 2 replicates."] : []
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
