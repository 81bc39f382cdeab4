import Record
import Statistics
import Tables

/// The speedups of a few worker counts: a bar each, which says more than a curve through two points.
enum SpeedupBars {
    /// With more worker counts there is a curve.
    static let most = 4

    private struct Bar {
        var label: String
        var speedup: Estimate
        var isCluster: Bool
        /// The speedup if nothing were lost.
        var ideal: Double
    }

    static func figure(_ facts: RunFacts, table: TextTable, caption: String) -> Figure {
        let bars = facts.measured.flatMap { barsOfPoint(facts, $0) }
        let rows = bars.map { bar in
            NamedRows.Row(
                bar.label,
                note: note(bar.speedup),
                end: max(bar.speedup.value, bar.speedup.upperBound ?? 0, bar.ideal)
            )
        }
        let named = NamedRows(
            rows: rows,
            axis: "speedup, in times the speed of one thread",
            reach: 1
        )
        func block(_ name: String, isCluster: Bool) -> Plot.Block {
            NamedRows.boxes(
                name,
                bars.map { $0.isCluster == isCluster ? (0, $0.speedup.value) : nil }
            )
        }
        let intervals = bars.enumerated().compactMap { index, bar -> [String]? in
            guard let lower = bar.speedup.lowerBound, let upper = bar.speedup.upperBound else {
                return nil
            }
            return [bar.speedup.value, Double(index + 1), lower, upper].map { Report.figure($0) }
        }
        let hasThreads = bars.contains { !$0.isCluster }
        let blocks = [
            block("workers", isCluster: true),
            block("one process with as many threads", isCluster: false),
            Plot.Block(
                "intervals",
                columns: ["speedup", "row", "lower", "upper"],
                rows: intervals.isEmpty ? [["?", "?", "?", "?"]] : intervals
            ),
            Plot.Block(
                "ideal",
                columns: ["speedup", "row"],
                rows: bars.enumerated().map { [Report.figure($1.ideal), "\($0 + 1)"] }
            ),
        ]
        let plot = Plot(
            name: "speedup",
            blocks: blocks,
            legend: ["workers"] + (hasThreads ? ["threads of one process"] : [])
                + (intervals.isEmpty ? [] : ["95 % interval"]) + ["ideal"],
            area: { named.area($0) }
        ) { format in
            let series = [
                named.boxes(0, format, "\(color(.blue)) title 'workers'"),
                hasThreads
                    ? named.boxes(1, format, "\(color(.sky)) title 'threads of one process'") : nil,
                intervals.isEmpty
                    ? nil
                    : named.intervals(2, format, "lw 1.8 \(color(.ink)) title '95 % interval'"),
                named.marks(3, format, "lw 2.5 \(color(.vermilion)) title 'ideal'"),
            ].compactMap { $0 }
            return named.commands(format) + ["plot \(series.joined(separator: ", "))"]
        }
        return Figure("Speedup", caption: caption, plot: plot, table: table)
    }

    /// `1.87 × (1.79 to 1.94)`.
    private static func note(_ speedup: Estimate) -> String {
        let value = "\(Units.significant(speedup.value)) ×"
        guard let lower = speedup.lowerBound, let upper = speedup.upperBound else { return value }
        return "\(value) (\(Units.significant(lower)) to \(Units.significant(upper)))"
    }

    private static func barsOfPoint(_ facts: RunFacts, _ point: RunPoint) -> [Bar] {
        guard let speedup = facts.speedup(point) else { return [] }
        let threads = point.workers * point.threads
        let cluster = Bar(
            label: Units.counted(point.workers, "worker"),
            speedup: speedup,
            isCluster: true,
            ideal: Double(threads)
        )
        guard threads > 1, let alone = facts.threadSpeedup(point) else { return [cluster] }
        return [
            cluster,
            Bar(
                label: Units.counted(threads, "thread"),
                speedup: Estimate(alone),
                isCluster: false,
                ideal: Double(threads)
            ),
        ]
    }
}
