import Record
import Tables

/// The section of a kernel record.
extension KernelRecord: DrawnRecord {
    package func section(title: String) -> Section {
        let speeds = KernelFigures.speeds(self)
        let parts = [
            Section.Part(
                heading: "Speed beside the roof",
                figures: speeds.map { [$0] } ?? [],
                // A figure brings this table with it.
                tables: speeds == nil && !rows.isEmpty ? [KernelFigures.table(self)] : []
            ),
            Section.Part(
                heading: "Roofline",
                figures: [RooflineFigure.kernel(self)].compactMap { $0 }
            ),
        ]
        return Section(
            self,
            title: title,
            // A benchmark without a fault has no verdict.
            badges: verdict == nil && obstacle == nil ? [] : nil,
            context: [
                "\(Units.counted(rows.count, "row")) of one process with "
                    + Units.listed(Set(rows.map(\.threads)).sorted().map { "\($0)" })
                    + (rows.allSatisfy { $0.threads == 1 } ? " thread" : " threads")
            ],
            keyFigures: keyFigures,
            parts: parts + HostPart.parts(of: self),
            what: Units.counted(rows.count, "row"),
            rate: .value(bestRow?.gigaflopsPerSecond, Units.significant)
        )
    }

    private var keyFigures: [Section.KeyFigure] {
        [best, middle, checked].compactMap { $0 } + [
            Section.KeyFigure(
                name: "Multiply-add roof of one core",
                value: "\(Units.significant(roofs.fmaGigaflopsPerSecond)) GFLOP/s",
                reference: "measured in registers, \(roofs.instructionSet)"
            ),
            Section.KeyFigure(
                name: "Read bandwidth of one core",
                value: "\(Units.significant(roofs.readGigabytesPerSecond)) GB/s",
                reference: "measured in memory larger than the caches"
            ),
        ]
    }

    private var best: Section.KeyFigure? {
        guard let best = bestRow, let rate = best.gigaflopsPerSecond else { return nil }
        return .init(
            name: "Row nearest to its peak",
            value: "\(Units.significant(rate)) GFLOP/s",
            reference: best.fractionOfPeak.map {
                "\(Units.percent($0)) of the peak beside it; \(KernelFigures.label(best))"
            } ?? KernelFigures.label(best),
            fraction: best.fractionOfPeak
        )
    }

    /// The row in the middle, and the one farthest from its roof.
    private var middle: Section.KeyFigure? {
        let fractions = rows.compactMap { row in
            (row.roof?.fraction ?? row.fractionOfPeak).map { (row: row, fraction: $0) }
        }.sorted { $0.fraction < $1.fraction }
        guard fractions.count > 2, let worst = fractions.first else { return nil }
        let median = fractions[fractions.count / 2].fraction
        return .init(
            name: "Median row",
            value: "\(Units.percent(median)) of its roof",
            reference: "the farthest from it reaches \(Units.percent(worst.fraction)): "
                + KernelFigures.label(worst.row),
            fraction: median
        )
    }

    private var checked: Section.KeyFigure? {
        let statuses = rows.compactMap(\.status)
        guard !statuses.isEmpty else { return nil }
        let error = rows.compactMap(\.maxAbsoluteError).max()
        return .init(
            name: "Checked against float64",
            value: "\(statuses.count { $0.isGood }) of \(Units.counted(rows.count, "row"))",
            reference: error.map { "agree; largest error \(Units.scientific($0))" } ?? "agree",
            fraction: Double(statuses.count { $0.isGood }) / Double(rows.count)
        )
    }
}
