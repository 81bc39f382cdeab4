import Experiment
import Report
import Timing

/// Every timed sample of a run, with its box, around the median of its configuration.
enum LatencyFigure {
    /// One process, or one worker count.
    private struct Group {
        var label: String
        var nanoseconds: [UInt64]
        /// Which set of processes each sample came from.
        var replicates: [Int]
        var summary: SampleSummary
    }

    /// More sets of processes than this share a mark.
    private static let marks: [(point: Int, color: Palette)] = [
        (6, .blue), (4, .green), (8, .purple), (12, .sky), (10, .orange),
    ]

    static func figure(_ facts: RunFacts) -> Figure? {
        let groups = groups(facts)
        guard !groups.isEmpty else { return nil }
        let replicates = Set(groups.flatMap(\.replicates)).sorted()
        let blocks =
            [boxes(groups), medians(groups), outliers(groups, among: replicates)]
            + replicates.map { samples(groups, of: $0, among: replicates) }
        let labels = groups.map(\.label)
        let hasOutliers = groups.contains { $0.summary.outlierCount > 0 }
        let count = groups.count
        let ends = groups.flatMap { group in
            [group.summary.minimumNanoseconds, group.summary.maximumNanoseconds].map {
                percent($0, group)
            }
        }
        let margin = 0.03 * max((ends.max() ?? 101) - (ends.min() ?? 99), 1)
        // One trial that took many times as long would press all others into a line.
        let isLogarithmic = (ends.max() ?? 1) > 2 * (ends.min() ?? 1)
        let (lowest, highest) =
            isLogarithmic
            ? ((ends.min() ?? 99) / 1.05, (ends.max() ?? 101) * 1.05)
            : ((ends.min() ?? 99) - margin, (ends.max() ?? 101) + margin)
        let plot = Plot(
            name: "samples",
            blocks: blocks,
            legend: ["middle half", "median"]
                + replicates.map { title($0, among: replicates) }
                + (hasOutliers ? ["outlier"] : []),
            area: { ($0 == .wide ? 56 : 50) * max(count, 2) }
        ) { format in
            var series = [
                "DATA index 0 using 1:2:3:4:5:6 with boxxyerror fs solid 1.0 "
                    + "border lc rgb '\(Palette.ink.marker)' \(color(.faint)) "
                    + "title 'middle half'",
                "DATA index 1 using 1:2:(0):3 with vectors nohead lw 2 \(color(.ink)) "
                    + "title 'median'",
            ]
            for (index, replicate) in replicates.enumerated() {
                let mark = marks[index % marks.count]
                let title = title(replicate, among: replicates)
                series.append(
                    "DATA index \(index + 3) using 1:2 with points pt \(mark.point) ps 0.55 lw 1.6 "
                        + "\(color(mark.color)) title \(quoted(title))"
                )
            }
            if hasOutliers {
                series.append(
                    "DATA index 2 using 1:2 with points pt 2 ps 0.7 lw 1.6 \(color(.vermilion)) "
                        + "title 'outlier'"
                )
            }
            return [
                "unset grid",
                "set grid xtics lt 1 lw 0.6 lc rgb '\(Palette.faint.marker)'",
                "set border 1",
                "set tics scale 0",
                "set xlabel 'time in % of the median' textcolor rgb '\(Palette.ink.marker)'",
                "set yrange [\(count).5:0.5]",
                "set ytics (\(StackedBars.tics(labels)))",
                isLogarithmic ? "set logscale x 10" : "unset logscale",
                "set xrange [\(lowest):\(highest)]",
                isLogarithmic
                    ? "set xtics "
                        + logarithmicTicks(from: lowest, to: highest, isSparse: format == .narrow)
                    : "set xtics \(tickStep(highest - lowest, count: format == .wide ? 9 : 5))",
                "plot \(series.joined(separator: ", "))",
            ]
        }
        return Figure(
            "All samples",
            caption: "Every timed trial as a fraction of its configuration's median; right is "
                + "slower. Outliers (modified z-score above 3.5) are marked and counted, never "
                + "dropped."
                + (isLogarithmic ? " The axis is logarithmic." : "")
                + (replicates.count > 1
                    ? " Each start of the worker processes has its own mark and lane." : ""),
            plot: plot,
            table: table(groups)
        )
    }

    private static func title(_ replicate: Int, among replicates: [Int]) -> String {
        replicates.count == 1 ? "trial" : "start \(replicate + 1)"
    }

    private static func groups(_ facts: RunFacts) -> [Group] {
        facts.record.baseCases.map { base in
            Group(
                label: "process, \(Units.counted(base.threads, "thread"))",
                nanoseconds: base.samplesNanoseconds,
                replicates: base.replicates ?? base.samplesNanoseconds.map { _ in 0 },
                summary: base.summary
            )
        }
            + facts.measured.compactMap { point in
                point.summary.map { summary in
                    Group(
                        label: Units.counted(point.workers, "worker"),
                        nanoseconds: point.samples.map(\.wallNanoseconds),
                        replicates: point.samples.map { $0.replicate ?? 0 },
                        summary: summary.wall
                    )
                }
            }
    }

    private static func percent(_ nanoseconds: Double, _ group: Group) -> Double {
        100 * nanoseconds / group.summary.medianNanoseconds
    }

    private static func boxes(_ groups: [Group]) -> Plot.Block {
        Plot.Block(
            "middle halves",
            columns: ["middle", "row", "quartile 1", "quartile 3", "below", "above"],
            rows: groups.enumerated().map { index, group in
                let sorted = group.nanoseconds.map { Double($0) }.sorted()
                let lower = percent(SampleSummary.quantile(0.25, ofSorted: sorted), group)
                let upper = percent(SampleSummary.quantile(0.75, ofSorted: sorted), group)
                let place = Double(index + 1)
                return [(lower + upper) / 2, place, lower, upper, place - 0.4, place + 0.4]
                    .map { Page.figure($0) }
            }
        )
    }

    private static func medians(_ groups: [Group]) -> Plot.Block {
        Plot.Block(
            "medians",
            columns: ["median", "from row", "rows"],
            rows: groups.indices.map { ["100", "\(Double($0 + 1) - 0.4)", "0.8"] }
        )
    }

    private static func outliers(_ groups: [Group], among replicates: [Int]) -> Plot.Block {
        let rows = groups.enumerated().flatMap { index, group in
            SampleSummary.outlierIndices(group.nanoseconds.map { Double($0) }).map { place in
                row(place, of: group, index, among: replicates)
            }
        }
        return Plot.Block(
            "outliers",
            columns: ["time in %", "row"],
            rows: rows.isEmpty ? [["?", "?"]] : rows
        )
    }

    /// The samples of one start of the processes.
    private static func samples(
        _ groups: [Group],
        of replicate: Int,
        among replicates: [Int]
    ) -> Plot.Block {
        let rows = groups.enumerated().flatMap { index, group in
            group.replicates.indices.filter { group.replicates[$0] == replicate }
                .map { row($0, of: group, index, among: replicates) }
        }
        return Plot.Block(
            "start \(replicate + 1)",
            columns: ["time in %", "row"],
            rows: rows.isEmpty ? [["?", "?"]] : rows
        )
    }

    /// Where a sample is drawn: its time, and a place in the lane of its start of the processes.
    private static func row(
        _ place: Int,
        of group: Group,
        _ index: Int,
        among replicates: [Int]
    ) -> [String] {
        // Multiples of the golden ratio spread neighbours apart, the same every time.
        let step = (Double(place) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
        let lane = Double(replicates.firstIndex(of: group.replicates[place]) ?? 0)
        let height = 0.7 / Double(replicates.count)
        let offset =
            Set(group.replicates).count > 1
            ? -0.35 + height * (lane + 0.15 + 0.7 * step) : 0.5 * (step - 0.5)
        return [
            Page.figure(percent(Double(group.nanoseconds[place]), group)),
            Page.figure(Double(index + 1) + offset),
        ]
    }

    private static func table(_ groups: [Group]) -> DataTable {
        DataTable(
            [
                .words("configuration"), .number("samples"), .number("minimum"), .number("median"),
                .number("95 % interval"), .number("p95"), .number("p99"), .number("maximum"),
                .number("MAD"), .number("outliers"),
            ],
            rows: groups.map { group in
                let summary = group.summary
                let unit = Units.Time.fitting(nanoseconds: summary.minimumNanoseconds)
                func time(_ nanoseconds: Double) -> String { Units.time(nanoseconds, in: unit) }
                let interval = summary.medianLowerBoundNanoseconds.flatMap { lower in
                    summary.medianUpperBoundNanoseconds.map { upper in
                        "\(Units.significant(lower / unit.rawValue)) to \(time(upper))"
                    }
                }
                return [
                    .init(group.label), "\(summary.count)", .init(time(summary.minimumNanoseconds)),
                    .init(time(summary.medianNanoseconds)), .init(interval ?? "–"),
                    .init(time(summary.percentile95Nanoseconds)),
                    .value(summary.percentile99Nanoseconds, time),
                    .init(time(summary.maximumNanoseconds)),
                    .init(time(summary.medianAbsoluteDeviationNanoseconds)),
                    .init("\(summary.outlierCount)"),
                ]
            }
        )
    }
}
