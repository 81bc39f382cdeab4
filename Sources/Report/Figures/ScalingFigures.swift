import Record
import Statistics
import Tables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Speedup and efficiency over the number of workers, with the ideal for comparison.
enum ScalingFigures {
    private static let clusterTitle = "workers, 95 % interval"
    private static let threadsTitle = "one process, as many threads"

    static func speedup(_ facts: RunFacts) -> Figure? {
        let points = facts.measured.compactMap { point in
            facts.speedup(point).map { (point, $0) }
        }
        guard !points.isEmpty else { return nil }
        guard points.count > SpeedupBars.most else {
            return SpeedupBars.figure(facts, table: table(facts), caption: caption(facts))
        }
        let threads = facts.record.plan.threads
        let counts = points.map(\.0.workers)
        let models = (facts.record.analysis?.models ?? []).filter { !$0.predictions.isEmpty }
        let largest = counts.max() ?? 1
        let isWide = largest >= 8
        let blocks =
            [
                Plot.Block(
                    "cluster",
                    columns: ["workers", "speedup", "lower", "upper"],
                    rows: points.map { point, estimate in row(point.workers, estimate) }
                ),
                Plot.Block(
                    "ideal",
                    columns: ["workers", "speedup"],
                    rows: idealCounts(largest).map { count in
                        [figure(count), figure(count * Double(threads))]
                    }
                ),
                Plot.Block(
                    "one process with as many threads",
                    columns: ["workers", "speedup"],
                    rows: rowsOrAbsent(
                        points.compactMap { point, _ in
                            facts.threadSpeedup(point).map { ["\(point.workers)", figure($0)] }
                        },
                        columns: 2
                    )
                ),
            ]
            + models.map { model in
                Plot.Block(
                    name(model.model),
                    columns: ["workers", "speedup"],
                    rows: model.predictions.filter { $0.workers <= largest }
                        .map { ["\($0.workers)", figure($0.speedup)] }
                )
            }
        let hasThreads = points.contains { facts.threadSpeedup($0.0) != nil }
        let titles = models.map { name($0.model) }
        let legend =
            ["ideal"] + titles + (hasThreads ? [threadsTitle] : []) + [clusterTitle]
        let plot = Plot(name: "speedup", blocks: blocks, legend: legend) { format in
            var series = [
                "DATA index 1 using 1:2 with lines dt 2 lw 1.4 \(color(.ink)) title 'ideal'"
            ]
            for (index, title) in titles.enumerated() {
                let line =
                    index == 0 ? "dt 4 lw 1.6 \(color(.purple))" : "dt 5 lw 1.6 \(color(.green))"
                series.append(
                    "DATA index \(index + 3) using 1:2 with lines \(line) title \(quoted(title))"
                )
            }
            if hasThreads {
                series.append(
                    "DATA index 2 using 1:2 with points pt 8 ps 1.3 \(color(.orange)) "
                        + "title \(quoted(threadsTitle))"
                )
            }
            series.append(
                "DATA index 0 using 1:2:3:4 with yerrorbars pt 7 ps 0.9 lw 1.8 \(color(.blue)) "
                    + "title \(quoted(clusterTitle))"
            )
            return axes(counts, isWide, "speedup over one thread, in times", format)
                + (isWide ? ["set logscale y 2"] : ["set yrange [0:*]"])
                + ["plot \(series.joined(separator: ", "))"]
        }
        return Figure(
            "Speedup",
            caption: caption(facts)
                + (isWide ? " On both axes, each mark is twice the one before." : ""),
            plot: plot,
            table: table(facts),
            width: .half
        )
    }

    private static func caption(_ facts: RunFacts) -> String {
        "How many times the speed of one process with one thread. \(intervalNote(facts))"
    }

    /// Nil for a few worker counts, whose speedups stand beside the ideal.
    static func efficiency(_ facts: RunFacts) -> Figure? {
        let points = facts.measured.compactMap { point in
            facts.efficiency(point).map { (point, $0) }
        }
        guard points.count > SpeedupBars.most else { return nil }
        let counts = points.map(\.0.workers)
        let percents = points.map { point, estimate in
            row(
                point.workers,
                Estimate(
                    estimate.value * 100,
                    lowerBound: estimate.lowerBound.map { $0 * 100 },
                    upperBound: estimate.upperBound.map { $0 * 100 }
                )
            )
        }
        let blocks = [
            Plot.Block(
                "cluster",
                columns: ["workers", "efficiency in %", "lower", "upper"],
                rows: percents
            )
        ]
        let isWide = (counts.max() ?? 1) >= 8
        let highest = max(110, (points.map { ($1.upperBound ?? $1.value) * 105 }.max() ?? 0))
        let plot = Plot(
            name: "efficiency",
            blocks: blocks,
            legend: ["ideal", clusterTitle],
        ) { format in
            axes(counts, isWide, "efficiency in %", format) + [
                "set yrange [0:\(figure(highest))]",
                "set ytics \(percentStep(highest))",
                "plot 100 with lines dt 2 lw 1.4 \(color(.ink)) title 'ideal', "
                    + "DATA index 0 using 1:2 with lines lw 1 \(color(.blue)) notitle, "
                    + "DATA index 0 using 1:2:3:4 with yerrorbars pt 7 ps 0.9 lw 1.8 "
                    + "\(color(.blue)) title \(quoted(clusterTitle))",
            ]
        }
        return Figure(
            "Efficiency",
            caption:
                "Speedup per compute thread, over all workers; 100 % means that nothing was lost.",
            plot: plot,
            table: table(facts),
            width: .half
        )
    }

    /// The step of an axis of percentages from 0 to `highest`.
    ///
    /// An interval of few trials can reach to a million percent: with a fixed step, the marks alone
    /// would make the picture too large.
    static func percentStep(_ highest: Double) -> Double {
        highest <= 200 ? 20 : tickStep(highest, count: 6)
    }

    static func name(_ model: ScalingModelFit.Model) -> String {
        switch model {
        case .amdahl: "Amdahl's law"
        case .universalScalability: "Universal Scalability Law"
        }
    }

    private static func row(_ workers: Int, _ estimate: Estimate) -> [String] {
        [
            "\(workers)", figure(estimate.value),
            // Without an interval the bar has no length.
            figure(estimate.lowerBound ?? estimate.value),
            figure(estimate.upperBound ?? estimate.value),
        ]
    }

    /// A block without rows would change the numbers of the blocks after it.
    private static func rowsOrAbsent(_ rows: [[String]], columns: Int) -> [[String]] {
        rows.isEmpty ? [[String](repeating: "?", count: columns)] : rows
    }

    private static func idealCounts(_ largest: Int) -> [Double] {
        largest == 1 ? [0.8, 1.2] : [1, Double(largest)]
    }

    private static func axes(
        _ counts: [Int],
        _ isLogarithmic: Bool,
        _ label: String,
        _ format: Plot.Format
    ) -> [String] {
        let least = Double(counts.min() ?? 1)
        let largest = Double(counts.max() ?? 1)
        let range =
            isLogarithmic
            ? min(least, 1) * 0.85...largest * 1.18 : min(least, 1) - 0.35...largest + 0.35
        let named = namedCounts(counts, in: range, isLogarithmic, format)
        let tics = counts.map { "'\(named.contains($0) ? "\($0)" : "")' \($0)" }
        return (isLogarithmic ? ["set logscale x 2"] : []) + [
            "set xrange [\(range.lowerBound):\(range.upperBound)]",
            "set xtics (\(tics.joined(separator: ", ")))",
            axisName("worker processes"),
            "set ylabel \(quoted(label)) textcolor rgb '\(Palette.ink.marker)'",
        ]
    }

    /// The counts whose names have room on the axis.
    ///
    /// From the largest down, each count that is far enough from the named one before gets a name;
    /// the others have a mark without a name.
    static func namedCounts(
        _ counts: [Int],
        in range: ClosedRange<Double>,
        _ isLogarithmic: Bool,
        _ format: Plot.Format
    ) -> Set<Int> {
        func position(_ value: Double) -> Double { isLogarithmic ? log2(value) : value }
        let span = position(range.upperBound) - position(range.lowerBound)
        // What the names of the other axis leave of the width.
        let room = Double(format.width - 70)
        var named: Set<Int> = []
        var free = Double.infinity
        for count in counts.sorted(by: >) {
            let place = (position(Double(count)) - position(range.lowerBound)) / span * room
            let half = Double("\(count)".count * format.fontSize) * 0.3 + 4
            guard place + half <= free else { continue }
            named.insert(count)
            free = place - half
        }
        return named
    }

    private static func intervalNote(_ facts: RunFacts) -> String {
        guard facts.measured.contains(where: { facts.speedup($0)?.lowerBound != nil }) else {
            return "Too few trials: an interval needs 6 trials, or 2 replicates."
        }
        return "Thin lines are 95 % intervals."
    }

    private static func table(_ facts: RunFacts) -> TextTable {
        var table = TextTable([
            .number("workers"), .number("median time"), .number("± 95 %"),
            .number("speedup (95 % interval)"), .number("efficiency (95 % interval)"),
            .number("times the speed of as many threads"), .number("GFLOP/s"),
        ])
        for point in facts.measured {
            let summary = point.summary
            table.addRow([
                "\(point.workers)",
                .value(summary?.wall.medianNanoseconds) { Units.time($0) },
                summary.map { .init(PointTable.uncertainty($0.wall)) } ?? .absent,
                facts.speedup(point).map { .init(described($0, Units.significant)) } ?? .absent,
                facts.efficiency(point).map { .init(described($0) { Units.percent($0) }) }
                    ?? .absent,
                .value(summary?.speedupOverThreads, Units.significant),
                .value(summary?.gigaflopsPerSecond, Units.significant),
            ])
        }
        return table
    }
}

/// A line's or point's colour, for gnuplot.
func color(_ color: Palette) -> String { "lc rgb '\(color.marker)'" }
