import Experiment
import Report
import Timing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The ratio of every point of a comparison, against what counts as no difference.
enum CompareFigure {
    /// How a verdict is drawn: whoever does not tell the colours apart has the shapes.
    private static func mark(_ verdict: TimeComparison.Verdict) -> (point: Int, color: Palette) {
        switch verdict {
        case .faster: (11, .green)
        case .same: (7, .blue)
        case .slower: (9, .vermilion)
        case .ambiguous: (12, .purple)
        }
    }

    /// Nil where no point has a ratio, or the times mean nothing.
    static func ratios(_ record: CompareRecord) -> Figure? {
        let points = record.points.enumerated().compactMap { index, point in
            point.comparison.map { (row: index + 1, comparison: $0) }
        }
        guard !points.isEmpty, record.verdict?.status != .invalid else { return nil }
        let window = Window(points.map(\.comparison), threshold: record.rule.threshold)
        let verdicts = TimeComparison.Verdict.allCases.filter { verdict in
            points.contains { $0.comparison.verdict == verdict }
        }
        let count = record.points.count
        let blocks =
            [band(record.rule.threshold, rows: count), equality(rows: count)]
            + verdicts.map { verdict in
                Plot.Block(
                    verdict.rawValue,
                    columns: ["B/A", "row", "lower", "upper"],
                    rows: points.filter { $0.comparison.verdict == verdict }
                        .map { row($0.comparison, at: $0.row, within: window) }
                )
            }
        let bandTitle = record.rule.threshold > 0 ? "no difference" : nil
        let labels = record.points.map { Units.counted($0.workers, "worker") }
        let plot = Plot(
            name: "ratios",
            blocks: blocks,
            legend: (bandTitle.map { [$0] } ?? []) + verdicts.map(\.rawValue),
            area: { StackedBars.area(rows: count, $0) }
        ) { format in
            var series = [
                "DATA index 1 using 1:2:(0):3 with vectors nohead dt 2 lw 1.4 "
                    + "\(color(.ink)) notitle"
            ]
            if let bandTitle {
                series.insert(
                    "DATA index 0 using 1:2:3:4:5:6 with boxxyerror fs solid 1.0 noborder "
                        + "\(color(.faint)) title \(quoted(bandTitle))",
                    at: 0
                )
            }
            for (index, verdict) in verdicts.enumerated() {
                let mark = Self.mark(verdict)
                let rows = "DATA index \(index + 2) using"
                let pen = color(mark.color)
                series += [
                    "\(rows) 1:2:3:4 with xerrorbars pt 0 lw 1.8 \(pen) notitle",
                    "\(rows) 1:2 with points pt \(mark.point) ps \(format == .wide ? 1 : 0.8) "
                        + "lw 1.8 \(pen) title \(quoted(verdict.rawValue))",
                ]
            }
            return axes(window, format) + [
                "set yrange [\(count).5:0.5]",
                "set ytics (\(StackedBars.tics(labels, format)))",
                "plot \(series.joined(separator: ", "))",
            ]
        }
        return Figure(
            "B's time over A's",
            caption: caption(record, points.map(\.comparison), window),
            plot: plot,
            table: CompareSection.table(record)
        )
    }

    // MARK: The axis

    /// What is shown of all ratios: every point and the band with room on both sides, and of
    /// intervals as much as leaves the points apart.
    struct Window {
        var lowest: Double
        var highest: Double
        /// Half and twice as long stand as far from 1 as each other, and so on.
        var isLogarithmic: Bool { highest > 8 * lowest }

        init(_ comparisons: [TimeComparison], threshold: Double) {
            // Beyond these no ratio is one of times.
            func place(_ ratio: Double) -> Double { min(max(log(ratio), -20), 20) }
            let edge = log1p(threshold)
            let points = comparisons.map { place($0.ratio) } + [-edge, edge]
            let (least, most) = (points.min() ?? 0, points.max() ?? 0)
            // Without a threshold, and B as fast as A, nothing would be that wide.
            let width = max(most - least, 0.01)
            let ends = comparisons.flatMap(\.ends).map {
                min(max(place($0), least - width), most + width)
            }
            let (first, last) = (min(least, ends.min() ?? least), max(most, ends.max() ?? most))
            let margin = 0.06 * max(last - first, width)
            lowest = exp(first - margin)
            highest = exp(last + margin)
        }

        func contains(_ ratio: Double) -> Bool { ratio >= lowest && ratio <= highest }
    }

    private static func axes(_ window: Window, _ format: Plot.Format) -> [String] {
        let (lowest, highest) = (window.lowest, window.highest)
        return [
            "unset grid",
            "set grid xtics lt 1 lw 0.6 lc rgb '\(Palette.faint.marker)'",
            "set border 1",
            "set tics scale 0",
            "set xlabel \(quoted("← faster   B's time / A's   slower →")) "
                + "textcolor rgb '\(Palette.ink.marker)'",
            window.isLogarithmic ? "set logscale x 10" : "unset logscale",
            "set xrange [\(figure(lowest)):\(figure(highest))]",
            window.isLogarithmic
                ? "set xtics "
                    + logarithmicTicks(from: lowest, to: highest, isSparse: format == .narrow)
                : "set xtics \(tickStep(highest - lowest, count: format == .wide ? 8 : 5))",
        ]
    }

    // MARK: The rows

    private static func band(_ threshold: Double, rows: Int) -> Plot.Block {
        let (least, most) = (1 / (1 + threshold), 1 + threshold)
        let last = Double(rows) + 0.5
        return Plot.Block(
            "what counts as no difference",
            columns: ["middle", "row", "from", "to", "below", "above"],
            rows: [[1, (0.5 + last) / 2, least, most, 0.5, last].map { figure($0) }]
        )
    }

    private static func equality(rows: Int) -> Plot.Block {
        Plot.Block(
            "as fast as each other",
            columns: ["B/A", "from row", "rows"],
            rows: [["1", "0.5", "\(rows)"]]
        )
    }

    private static func row(
        _ comparison: TimeComparison,
        at row: Int,
        within window: Window
    ) -> [String] {
        [
            figure(comparison.ratio), "\(row)",
            // 0 has no place on a logarithmic axis, and far beyond the plot is beyond it.
            figure(comparison.lowerBound.map { max($0, window.lowest / 10) }),
            figure(comparison.upperBound.map { min($0, window.highest * 10) }),
        ]
    }

    // MARK: What is seen

    private static func caption(
        _ record: CompareRecord,
        _ comparisons: [TimeComparison],
        _ window: Window
    ) -> String {
        let threshold = record.rule.threshold
        let ends = [1 / (1 + threshold), 1 + threshold].map { Units.decimal($0, places: 3) }
        let counts = TimeComparison.Verdict.allCases.compactMap { verdict in
            let count = comparisons.count { $0.verdict == verdict }
            return count == 0 ? nil : "\(count) \(verdict.rawValue)"
        }
        return [
            "Left of the dashed line B was faster than A, right of it slower. The bars are "
                + "intervals that all hold with \(CompareTable.percentText(record.rule.confidence)).",
            threshold > 0
                ? "A point is faster or slower when its whole bar lies beyond the shaded band, "
                    + "\(ends[0]) to \(ends[1]), the same when it lies within, else ambiguous."
                : "A point is faster or slower when its whole bar lies beyond the line, else "
                    + "ambiguous.",
            "Here: \(counts.joined(separator: ", ")).",
            comparisons.contains { !$0.ends.allSatisfy(window.contains) }
                ? "A bar without an end goes on beyond the plot." : nil,
            comparisons.contains { $0.ends.isEmpty }
                ? "A point without a bar has too few replicates for one." : nil,
            comparisons.count < record.points.count
                ? "A row without a point has no finished trial to compare." : nil,
            window.isLogarithmic ? "The axis is logarithmic." : nil,
        ].compactMap { $0 }.joined(separator: " ")
    }
}

extension TimeComparison {
    /// Of its interval; none without one.
    fileprivate var ends: [Double] { [lowerBound, upperBound].compactMap { $0 } }
}
