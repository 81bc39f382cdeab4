import Record
import Statistics
import Tables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The ratio of every statistic of every point of a comparison, with the band of no difference.
enum CompareFigure {
    /// The mark of a verdict: readers who cannot tell the colours apart have the shapes.
    static func mark(_ verdict: TimeComparison.Verdict) -> (point: Int, color: Palette) {
        switch verdict {
        case .faster: (11, .green)
        case .same: (7, .blue)
        case .notSlower: (6, .sky)
        case .slower: (9, .vermilion)
        case .ambiguous: (12, .purple)
        }
    }

    /// A line of the picture: the name of a point, or one of its statistics.
    private struct Row {
        var number: Int
        var label: String
        /// Nil in a row that holds the name of a point.
        var statistic: StatisticComparison?
    }

    private static func rows(_ record: CompareRecord) -> [Row] {
        let rows = record.points.flatMap { point in
            [(Units.counted(point.workers, "worker"), nil)]
                + point.statistics.map { (CompareTable.shortName($0.statistic), $0) }
        }
        return rows.enumerated().map { index, row in
            Row(number: index + 1, label: row.0, statistic: row.1)
        }
    }

    /// Nil if no statistic has a ratio, or if the times mean nothing.
    static func ratios(_ record: CompareRecord) -> Figure? {
        let rows = rows(record)
        let found = rows.compactMap { row in
            row.statistic?.comparison.map { (row: row.number, comparison: $0) }
        }
        guard !found.isEmpty, record.verdict?.status != .invalid else { return nil }
        let thresholds = record.rule.statistics.map { record.rule.threshold(of: $0) }
        let window = Window(
            found.map(\.comparison),
            threshold: thresholds.max() ?? record.rule.threshold
        )
        let verdicts = TimeComparison.Verdict.allCases.filter { verdict in
            found.contains { $0.comparison.verdict == verdict }
        }
        let blocks =
            [bands(rows, record.rule), equality(rows: rows.count)]
            + verdicts.map { verdict in
                Plot.Block(
                    verdict.rawValue,
                    columns: ["B/A", "row", "lower", "upper"],
                    rows: found.filter { $0.comparison.verdict == verdict }
                        .map { row($0.comparison, at: $0.row, within: window) }
                )
            }
        let cut = cutEnds(found, window)
        let bandTitle = thresholds.contains { $0 > 0 } ? "no difference" : nil
        let plot = Plot(
            name: "ratios",
            blocks: blocks + (cut.isEmpty ? [] : [cutBlock(cut)]),
            legend: (bandTitle.map { [$0] } ?? []) + verdicts.map(\.rawValue),
            area: { NamedRows.area(rows: rows.count, $0) }
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
            if !cut.isEmpty {
                series.append(
                    "DATA index \(verdicts.count + 2) using 1:2:3:(0) with vectors head filled "
                        + "size screen 0.012,20 lw 1.8 \(color(.ink)) notitle"
                )
            }
            return axes(window, format) + values(rows, format) + [
                "set yrange [\(rows.count).5:0.5]",
                "set ytics (\(tics(rows, format)))",
                "plot \(series.joined(separator: ", "))",
            ]
        }
        return Figure(
            "Ratio of the times, with its interval",
            caption: caption(record, found.map(\.comparison), window),
            plot: plot,
            table: CompareTable.table(record)
        )
    }

    // MARK: The axis

    /// The visible range of ratios: every point and the band, with a margin on both sides, and as
    /// much of the intervals as still keeps the points apart.
    struct Window {
        var lowest: Double
        var highest: Double
        /// Half and twice as long are equally far from 1, and so on.
        var isLogarithmic: Bool { highest > 8 * lowest }

        init(_ comparisons: [TimeComparison], threshold: Double) {
            // No ratio of real times lies beyond these limits.
            func place(_ ratio: Double) -> Double { min(max(log(ratio), -20), 20) }
            let edge = log1p(threshold)
            let points = comparisons.map { place($0.ratio) } + [-edge, edge]
            let (least, most) = (points.min() ?? 0, points.max() ?? 0)
            // Without a threshold, and with B as fast as A, the width would be 0.
            let width = max(most - least, 0.01)
            // Intervals of usual length are whole, and a few much longer ones are cut. So one
            // interval alone is never cut, but where it says nothing.
            let lengths = comparisons.filter { !$0.ends.isEmpty }.map { comparison in
                comparison.ends.map { abs(place($0) - place(comparison.ratio)) }.max() ?? 0
            }.sorted()
            let usual = lengths.isEmpty ? 0 : lengths[lengths.count / 2]
            let room = max(width, min(4 * usual, log(100)))
            let ends = comparisons.flatMap(\.ends).map {
                min(max(place($0), least - room), most + room)
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
            "set border 0",
            "set tics scale 0",
            axisName("← faster   B's time / A's   slower →"),
            window.isLogarithmic ? "set logscale x 10" : "unset logscale",
            "set xrange [\(figure(lowest)):\(figure(highest))]",
            window.isLogarithmic
                ? "set xtics "
                    + logarithmicTicks(from: lowest, to: highest, isSparse: format == .narrow)
                : "set xtics \(tickStep(highest - lowest, count: format == .wide ? 8 : 5))",
        ]
    }

    // MARK: The rows

    /// The names of all rows; without enough room, the names of some points only.
    private static func tics(_ rows: [Row], _ format: Plot.Format) -> String {
        let step = NamedRows.labelStep(rows: rows.count, format)
        let points = rows.filter { $0.statistic == nil }
        let perPoint = max(rows.count / max(points.count, 1), 1)
        let pointStep = (step + perPoint - 1) / perPoint
        let named =
            step == 1
            ? rows : points.enumerated().filter { $0.offset % pointStep == 0 }.map(\.element)
        return named.map { "\(quotedMark($0.label)) \($0.number)" }.joined(separator: ", ")
    }

    /// One band for each statistic, because each has its own threshold.
    private static func bands(_ rows: [Row], _ rule: CompareRule) -> Plot.Block {
        Plot.Block(
            "what counts as no difference",
            columns: ["middle", "row", "from", "to", "below", "above"],
            rows: rows.compactMap { row in
                guard let statistic = row.statistic?.statistic else { return nil }
                let most = 1 + rule.threshold(of: statistic)
                let place = Double(row.number)
                return [1, place, 1 / most, most, place - 0.5, place + 0.5].map { figure($0) }
            }
        )
    }

    /// Where intervals continue beyond the plot, an arrow from within to its edge.
    private static func cutEnds(
        _ found: [(row: Int, comparison: TimeComparison)],
        _ window: Window
    ) -> [[Double]] {
        let length = 0.025 * log(window.highest / window.lowest)
        return found.flatMap { row, comparison -> [[Double]] in
            comparison.ends.filter { !window.contains($0) }.map { end in
                let isLow = end < window.lowest
                let edge = isLow ? window.lowest : window.highest
                let start = edge * exp(isLow ? length : -length)
                return [start, Double(row), edge - start]
            }
        }
    }

    private static func cutBlock(_ rows: [[Double]]) -> Plot.Block {
        Plot.Block(
            "intervals that continue beyond the plot",
            columns: ["from", "row", "length of the arrow"],
            rows: rows.map { $0.map { figure($0) } }
        )
    }

    /// The numbers right of the plot, where there is room.
    private static func values(_ rows: [Row], _ format: Plot.Format) -> [String] {
        guard format == .wide, NamedRows.labelStep(rows: rows.count, format) == 1 else { return [] }
        return ["set rmargin 24"]
            + rows.compactMap { row in
                row.statistic?.comparison.map { found in
                    let bounds = found.lowerBound.flatMap { lower in
                        found.upperBound.map { upper in
                            " (\(CompareTable.ratio(lower)) to \(CompareTable.ratio(upper)))"
                        }
                    }
                    let text = "\(CompareTable.ratio(found.ratio))\(bounds ?? "")"
                    return "set label \(quoted(text)) at graph 1.02, first \(row.number) left "
                        + "textcolor rgb '\(Palette.ink.marker)'"
                }
            }
    }

    private static func equality(rows: Int) -> Plot.Block {
        Plot.Block(
            "equally fast",
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
        let bands = record.rule.statistics.map { statistic in
            Units.percent(record.rule.threshold(of: statistic), isFine: true)
                + " for the \(statistic.name)"
        }
        let counts = TimeComparison.Verdict.allCases.compactMap { verdict in
            let count = comparisons.count { $0.verdict == verdict }
            return count == 0 ? nil : "\(count) \(verdict.rawValue)"
        }
        let all = record.points.flatMap(\.statistics)
        return [
            "B was faster than A left of the dashed line, and slower right of it. The bars are "
                + "intervals. The confidence that all of them hold together is "
                + "\(CompareTable.percentText(record.rule.confidence)).",
            "B is slower or faster if the whole bar lies beyond the shaded band "
                + "(\(bands.joined(separator: ", "))), and the same if the bar lies within the "
                + "band. B is not slower if the bar leaves the band only on the left, and "
                + "ambiguous otherwise.",
            "Here: \(counts.joined(separator: ", ")).",
            comparisons.contains { !$0.ends.allSatisfy(window.contains) }
                ? "A bar with an arrow continues beyond the plot." : nil,
            comparisons.contains { $0.ends.isEmpty }
                ? "A point without a bar has too few replicates for an interval." : nil,
            comparisons.count < all.count
                ? "A row without a point has no finished trial to compare." : nil,
            window.isLogarithmic ? "The axis is logarithmic." : nil,
        ].compactMap { $0 }.joined(separator: " ")
    }
}

extension TimeComparison {
    /// The ends of its interval; empty without one.
    fileprivate var ends: [Double] { [lowerBound, upperBound].compactMap { $0 } }
}
