import Record
import Statistics
import Tables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Every timed sample of a run, with its box, around the median of its configuration.
enum LatencyFigure {
    /// One process, or one worker count.
    private struct Group {
        var label: String
        var nanoseconds: [UInt64]
        /// The replicate of each sample.
        var replicates: [Int]
        var summary: SampleSummary
    }

    /// The largest number of trial marks in one picture, and of outlier marks.
    ///
    /// Above this number, marks that cover each other become one. Otherwise the browser would take
    /// seconds and the page megabytes for the same picture.
    static let mostMarks = 6000

    /// The height of a configuration's row in the wide picture.
    private static let rowPixels = 56

    /// Where samples stand along a row: the part of the axis that is shown.
    private struct Axis {
        var lowest: Double
        var highest: Double
        /// One trial that took many times as long would press all others into a line.
        var isLogarithmic: Bool

        init(_ groups: [Group]) {
            let ends = groups.flatMap { group in
                [group.summary.minimumNanoseconds, group.summary.maximumNanoseconds].map {
                    percent($0, group)
                }
            }
            let (least, most) = (ends.min() ?? 99, ends.max() ?? 101)
            let margin = 0.03 * max(most - least, 1)
            isLogarithmic = (ends.max() ?? 1) > 2 * (ends.min() ?? 1)
            (lowest, highest) =
                isLogarithmic ? (least / 1.05, most * 1.05) : (least - margin, most + margin)
        }

        /// Pixels from the left end of the wide picture; approximate, because gnuplot chooses the
        /// margins.
        func pixels(_ percent: Double) -> Double {
            let part =
                isLogarithmic
                ? log(percent / lowest) / log(highest / lowest)
                : (percent - lowest) / (highest - lowest)
            return part.isFinite ? min(max(part, 0), 1) * Double(Plot.Format.wide.width) : 0
        }
    }

    /// If there are more replicates than this, they share a mark.
    private static let marks: [(point: Int, color: Palette)] = [
        (6, .blue), (4, .green), (8, .purple), (12, .sky), (10, .orange),
    ]

    static func figure(_ facts: RunFacts) -> Figure? {
        let groups = groups(facts)
        guard !groups.isEmpty else { return nil }
        let replicates = Set(groups.flatMap(\.replicates)).sorted()
        let axis = Axis(groups)
        let all = thinned(marks(groups, among: replicates), axis, finest: 1)
        let outliers = thinned(
            marks(groups, among: replicates, onlyOutliers: true),
            axis,
            finest: 0.5
        )
        let bySeries = Dictionary(grouping: all.marks, by: \.series)
        let blocks =
            [boxes(groups), medians(groups), block("outliers", outliers.marks)]
            + replicates.enumerated().map { block("replicate \($1 + 1)", bySeries[$0] ?? []) }
        let labels = groups.map(\.label)
        let hasOutliers = groups.contains { $0.summary.outlierCount > 0 }
        let count = groups.count
        let (lowest, highest, isLogarithmic) = (axis.lowest, axis.highest, axis.isLogarithmic)
        let plot = Plot(
            name: "samples",
            blocks: blocks,
            legend: ["middle half", "median"]
                + replicates.map { title($0, among: replicates) }
                + (hasOutliers ? ["outlier"] : []),
            area: { ($0 == .wide ? rowPixels : 50) * max(count, 2) }
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
                    ? " Each replicate has its own mark and height." : "")
                + covered("marks", all) + covered("outliers", outliers),
            plot: plot,
            table: table(groups)
        )
    }

    private static func title(_ replicate: Int, among replicates: [Int]) -> String {
        replicates.count == 1 ? "trial" : "replicate \(replicate + 1)"
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
                    .map { Report.figure($0) }
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

    private static func block(_ name: String, _ marks: [Mark]) -> Plot.Block {
        Plot.Block(
            name,
            columns: ["time in %", "row"],
            rows: marks.isEmpty
                ? [["?", "?"]] : marks.map { [Report.figure($0.x), Report.figure($0.y)] }
        )
    }

    private static func thinned(
        _ marks: [Mark],
        _ axis: Axis,
        finest: Double
    ) -> (marks: [Mark], pixels: Double) {
        Mark.thinned(marks, most: mostMarks, finest: finest) { mark in
            (axis.pixels(mark.x), mark.y * Double(rowPixels))
        }
    }

    /// How many marks are drawn, and where the others would be; empty if all are drawn.
    private static func covered(
        _ noun: String,
        _ thinned: (marks: [Mark], pixels: Double)
    ) -> String {
        guard thinned.pixels > 0 else { return "" }
        let pixels = thinned.pixels == 1 ? "a pixel" : "\(Units.significant(thinned.pixels)) pixels"
        return
            " \(thinned.marks.count) \(noun) are drawn; each one left out lies within \(pixels) "
            + "of a drawn one."
    }

    /// Every sample, or the outliers alone: its time, and a place in the strip of its replicate.
    private static func marks(
        _ groups: [Group],
        among replicates: [Int],
        onlyOutliers: Bool = false
    ) -> [Mark] {
        let lanes = Dictionary(uniqueKeysWithValues: zip(replicates, replicates.indices))
        return groups.enumerated().flatMap { index, group in
            let hasLanes = group.replicates.contains { $0 != group.replicates.first }
            let height = 0.7 / Double(replicates.count)
            let places =
                onlyOutliers
                ? SampleSummary.outlierIndices(group.nanoseconds.map { Double($0) })
                : Array(group.nanoseconds.indices)
            return places.map { place in
                // Multiples of the golden ratio spread neighbours apart, the same every time.
                let step = (Double(place) * 0.618_033_988_75).truncatingRemainder(dividingBy: 1)
                let lane = lanes[group.replicates[place]] ?? 0
                let offset =
                    hasLanes
                    ? -0.35 + height * (Double(lane) + 0.15 + 0.7 * step) : 0.5 * (step - 0.5)
                return Mark(
                    x: percent(Double(group.nanoseconds[place]), group),
                    y: Double(index + 1) + offset,
                    series: onlyOutliers ? 0 : lane
                )
            }
        }
    }

    private static func table(_ groups: [Group]) -> TextTable {
        TextTable(
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
