import Record
import Statistics
import Tables

/// The times of one plan, record by record.
enum HistoryFigures {
    /// The lines that can be told apart.
    private static let colors: [Palette] = [
        .blue, .orange, .green, .purple, .sky, .vermilion, .yellow, .grey,
    ]

    /// The time of one record.
    private struct Point {
        /// The place of the record, from 1.
        var place: Int
        var time: HistoryFigure
    }

    /// A line of the picture, one worker count or one row at the sound records; or some marks.
    private struct Line {
        var name: String
        var points: [Point]
    }

    /// Nil if fewer than two records have a time.
    static func times(_ series: [HistoryEntry], in history: HistoryRecord) -> Figure? {
        let entries = series.filter { $0.copyOf == nil }
        let timed = entries.filter { !$0.figures.isEmpty }
        guard timed.count >= 2, let newest = timed.last else { return nil }
        let all = lines(entries, newest)
        let lines = Array(all.prefix(colors.count))
        let doubtful = entries.enumerated().compactMap { index, entry in
            entry.isSound ? nil : entry.mainFigure.map { Point(place: index + 1, time: $0) }
        }
        let times = (lines.flatMap(\.points) + doubtful).map(\.time)
        let unit = Units.Time.fitting(nanoseconds: times.map(\.medianNanoseconds).min() ?? 1)
        let window = Window(times)
        let changes = [TimeComparison.Verdict.slower, .faster].map { verdict in
            entries.enumerated().compactMap { index, entry in
                entry.change?.verdict == verdict
                    ? entry.mainFigure.map { Point(place: index + 1, time: $0) } : nil
            }
        }
        let columns = ["record", "median in \(unit.symbol)", "lower", "upper"]
        let drawn =
            lines + [
                Line(name: "not finished, or disturbed", points: doubtful),
                Line(name: "slower than before", points: changes[0]),
                Line(name: "faster than before", points: changes[1]),
            ]
        let blocks = drawn.map { line in
            // A block without rows would change the numbers of the blocks after it.
            let rows =
                line.points.isEmpty
                ? [["?", "?", "?", "?"]] : line.points.map { row($0, window, unit) }
            return Plot.Block(line.name, columns: columns, rows: rows)
        }
        let places = entries.map { HistoryTable.moment($0.started) }
        let lineCount = lines.count
        let counts = drawn.map(\.points.count)
        let titles = drawn.map(\.name)
        let plot = Plot(
            name: "history-\(newest.series)",
            blocks: blocks,
            legend: drawn.filter { !$0.points.isEmpty }.map(\.name),
            area: { $0 == .wide ? 260 : 220 }
        ) { format in
            var series: [String] = []
            for index in 0..<lineCount where counts[index] > 0 {
                let pen = color(colors[index])
                series += [
                    "DATA index \(index) using 1:2 with lines lw 1 \(pen) notitle",
                    "DATA index \(index) using 1:2:3:4 with yerrorbars pt 7 ps 0.7 lw 1.4 \(pen) "
                        + "title \(quoted(titles[index]))",
                ]
            }
            let marks: [(point: Int, color: Palette)] = [
                (6, .grey), CompareFigure.mark(.slower), CompareFigure.mark(.faster),
            ]
            for (index, mark) in marks.enumerated() where counts[lineCount + index] > 0 {
                series.append(
                    "DATA index \(lineCount + index) using 1:2 with points pt \(mark.point) "
                        + "ps 1.3 lw 1.6 \(color(mark.color)) "
                        + "title \(quoted(titles[lineCount + index]))"
                )
            }
            return axes(places, window, unit, format) + [
                "plot \(series.joined(separator: ", "))"
            ]
        }
        return Figure(
            newest.plan,
            caption: caption(entries, lines: all.count, window),
            plot: plot,
            table: table(entries, in: history)
        )
    }

    private static func lines(_ entries: [HistoryEntry], _ newest: HistoryEntry) -> [Line] {
        newest.figures.map { figure in
            Line(
                name: figure.label,
                points: entries.enumerated().compactMap { index, entry in
                    guard entry.isSound else { return nil }
                    return entry.figures.first { $0.label == figure.label }
                        .map { Point(place: index + 1, time: $0) }
                }
            )
        }
    }

    // MARK: The axes

    /// The visible range of times: every median, and as much of the intervals as still keeps the
    /// medians apart.
    private struct Window {
        var lowest: Double
        var highest: Double
        var isCutting: Bool

        init(_ figures: [HistoryFigure]) {
            let medians = figures.map(\.medianNanoseconds)
            let (least, most) = (medians.min() ?? 0, medians.max() ?? 1)
            let width = max(most - least, most * 0.1)
            let lower = figures.compactMap(\.lowerBoundNanoseconds).min() ?? least
            let upper = figures.compactMap(\.upperBoundNanoseconds).max() ?? most
            let first = max(min(lower, least), least - width)
            let last = min(max(upper, most), most + width)
            let margin = 0.06 * max(last - first, width)
            lowest = max(first - margin, 0)
            highest = last + margin
            isCutting = lower < lowest || upper > highest
        }
    }

    private static func axes(
        _ moments: [String],
        _ window: Window,
        _ unit: Units.Time,
        _ format: Plot.Format
    ) -> [String] {
        let (low, high) = (window.lowest / unit.rawValue, window.highest / unit.rawValue)
        let room = format == .wide ? 6 : 3
        let step = max(1, (moments.count + room - 1) / room)
        // From the newest back, since that is what readers look for.
        let named = moments.indices.filter { (moments.count - 1 - $0) % step == 0 }
        // Of one day, the time tells records apart; of several, the day does.
        let isOneDay = Set(moments.map { $0.prefix(10) }).count == 1
        let tics = named.map { index in
            let moment = moments[index]
            let label = isOneDay ? moment.suffix(5) : moment.prefix(10)
            return "\(quotedMark(String(label))) \(index + 1)"
        }
        return [
            "set xrange [0.5:\(moments.count).5]",
            "set xtics (\(tics.joined(separator: ", ")))",
            "set yrange [\(figure(low)):\(figure(high))]",
            "set ytics \(tickStep(high - low, count: 6))",
            "set xlabel 'records, the newest on the right' "
                + "textcolor rgb '\(Palette.ink.marker)'",
            "set ylabel \(quoted("median time in \(unit.symbol)")) "
                + "textcolor rgb '\(Palette.ink.marker)'",
        ]
    }

    private static func row(
        _ point: Point,
        _ window: Window,
        _ unit: Units.Time
    ) -> [String] {
        let time = point.time
        let median = time.medianNanoseconds
        // Beyond the picture is beyond it, however far.
        let far = window.highest - window.lowest
        let lower = max(time.lowerBoundNanoseconds ?? median, window.lowest - far)
        let upper = min(time.upperBoundNanoseconds ?? median, window.highest + far)
        return ["\(point.place)"] + [median, lower, upper].map { figure($0 / unit.rawValue) }
    }

    // MARK: What is seen

    private static func caption(
        _ entries: [HistoryEntry],
        lines: Int,
        _ window: Window
    ) -> String {
        let invalid = entries.count { $0.figures.isEmpty }
        let hasIntervals = entries.contains { entry in
            entry.figures.contains { $0.lowerBoundNanoseconds != nil }
        }
        return [
            "Records stand at equal distances, whatever time lies between them."
                + (window.lowest > 0 ? " The axis does not begin at 0." : ""),
            hasIntervals ? "The bars are 95 % intervals of the medians." : nil,
            window.isCutting ? "A bar without an end continues beyond the plot." : nil,
            lines > colors.count
                ? "Only the first \(colors.count) of \(lines) rows are drawn; the table has all."
                : nil,
            invalid > 0
                ? "\(Units.counted(invalid, "record")) without a time that counts "
                    + "\(invalid == 1 ? "leaves its place" : "leave their places") empty." : nil,
        ].compactMap { $0 }.joined(separator: " ")
    }

    private static func table(
        _ entries: [HistoryEntry],
        in history: HistoryRecord
    ) -> TextTable {
        var table = TextTable([
            .words("record"), .words("started"), .words("figure"), .number("median"),
            .number("from"), .number("to"), .number("speedup"), .number("GFLOP/s"),
            .words("change"), .words("standing"),
        ])
        for entry in entries {
            let figures: [HistoryFigure?] = entry.figures.isEmpty ? [nil] : entry.figures
            for (index, figure) in figures.enumerated() {
                table.addRow([
                    .init(HistoryTable.name(entry, in: history)),
                    .init(HistoryTable.moment(entry.started)), .init(figure?.label ?? "–"),
                    .value(figure?.medianNanoseconds) { Units.time($0) },
                    .value(figure?.lowerBoundNanoseconds) { Units.time($0) },
                    .value(figure?.upperBoundNanoseconds) { Units.time($0) },
                    .value(figure?.speedup, Units.significant),
                    .value(figure?.gigaflopsPerSecond, Units.significant),
                    index == entry.main ? HistoryTable.change(entry) : .absent,
                    HistoryTable.standing(entry),
                ])
            }
        }
        return table
    }
}
