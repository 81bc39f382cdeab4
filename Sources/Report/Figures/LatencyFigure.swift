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

    /// The largest number of trial marks in one picture.
    ///
    /// Above this number, marks that cover each other become one. Otherwise the browser would take
    /// seconds and the page megabytes for the same picture.
    static let mostMarks = 12_000
    /// The largest number of outlier marks; more of them than of other marks, since each tells more.
    static let mostOutliers = 24_000

    /// The height of a configuration's row in the wide picture.
    private static let rowPixels = 58

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

    /// If there are more replicates than this, they share a colour; each has a height of its own.
    private static let colors: [Palette] = [.blue, .green, .purple, .sky, .orange]

    static func figure(_ facts: RunFacts) -> Figure? {
        let groups = groups(facts)
        guard !groups.isEmpty else { return nil }
        let replicates = Set(groups.flatMap(\.replicates)).sorted()
        let axis = Axis(groups)
        let all = thinned(marks(groups, among: replicates), axis, most: mostMarks, finest: 1)
        let outliers = thinned(
            marks(groups, among: replicates, onlyOutliers: true),
            axis,
            most: mostOutliers,
            finest: 0.5
        )
        let bySeries = Dictionary(grouping: all.marks, by: \.series)
        let blocks =
            [boxes(groups), medians(groups), block("outliers", outliers.marks)]
            + replicates.enumerated().map { block("replicate \($1 + 1)", bySeries[$0] ?? []) }
        let hasOutliers = groups.contains { $0.summary.outlierCount > 0 }
        // Many marks of the usual size would be one blot.
        let (dot, cross) = (
            all.marks.count > 600 ? 0.25 : 0.5, outliers.marks.count > 200 ? 0.4 : 0.9
        )
        let (lowest, highest, isLogarithmic) = (axis.lowest, axis.highest, axis.isLogarithmic)
        let named = NamedRows(
            rows: groups.map { group in
                let median = Units.time(group.summary.medianNanoseconds)
                return .init("\(group.label), \(median)", end: highest)
            },
            axis: "time of a trial, in % of the median of its row",
            lowest: lowest,
            pixels: rowPixels
        )
        let plot = Plot(
            name: "samples",
            blocks: blocks,
            legend: ["middle half", "median"]
                + replicates.map { title($0, among: replicates) }
                + (hasOutliers ? ["outlier"] : []),
            area: { named.area($0) }
        ) { format in
            // Names above their rows need room there, so the marks move down.
            let row = named.isAbove(format) ? "($2+0.16)" : "2"
            var series = [
                named.boxes(
                    0,
                    format,
                    "\(color(.faint)) title 'middle half'"
                ),
                named.marks(1, format, "lw 2 \(color(.ink)) title 'median'"),
            ]
            for (index, replicate) in replicates.enumerated() {
                let title = title(replicate, among: replicates)
                series.append(
                    "DATA index \(index + 3) using 1:\(row) with points pt 7 ps \(dot) "
                        + "\(color(colors[index % colors.count])) title \(quoted(title))"
                )
            }
            if hasOutliers {
                series.append(
                    "DATA index 2 using 1:\(row) with points pt 2 ps \(cross) lw 1.6 \(color(.vermilion)) "
                        + "title 'outlier'"
                )
            }
            return named.commands(format) + [
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
            "All trials",
            caption: "Every timed trial beside the median of its row, which is 100 %; right is "
                + "slower. Outliers (modified z-score above 3.5) are marked and counted, never "
                + "dropped."
                + (isLogarithmic ? " The axis is logarithmic." : "")
                + (replicates.count > colors.count
                    ? " Each replicate has its own height; after \(colors.count), colours come again."
                    : replicates.count > 1 ? " Each replicate has its own colour and height." : "")
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
                label: Units.counted(base.threads, "thread"),
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
        NamedRows.boxes(
            "middle halves",
            groups.map { group in
                let sorted = group.nanoseconds.map { Double($0) }.sorted()
                return (
                    percent(SampleSummary.quantile(0.25, ofSorted: sorted), group),
                    percent(SampleSummary.quantile(0.75, ofSorted: sorted), group)
                )
            }
        )
    }

    private static func medians(_ groups: [Group]) -> Plot.Block {
        Plot.Block(
            "medians",
            columns: ["median", "row"],
            rows: groups.indices.map { ["100", "\($0 + 1)"] }
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
        most: Int,
        finest: Double
    ) -> (marks: [Mark], pixels: Double) {
        Mark.thinned(marks, most: most, finest: finest) { mark in
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
            let height = 0.52 / Double(replicates.count)
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
                    ? -0.26 + height * (Double(lane) + 0.15 + 0.7 * step) : 0.44 * (step - 0.5)
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
