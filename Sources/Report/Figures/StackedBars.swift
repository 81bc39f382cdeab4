/// Horizontal bars of stacked parts, one row each: the parts of a whole.
///
/// They are horizontal because rows have names, and names fit beside bars on a phone, too. Negative
/// parts are on the other side of zero.
struct StackedBars: Sendable {
    struct Part: Sendable {
        var title: String
        var color: Palette

        init(_ title: String, _ color: Palette) {
            self.title = title
            self.color = color
        }
    }

    struct Row: Sendable {
        var label: String
        /// One for each part.
        var values: [Double]

        init(_ label: String, _ values: [Double]) {
            self.label = label
            self.values = values
        }
    }

    var name: String
    var parts: [Part]
    var rows: [Row]
    /// The meaning of the lengths, with their unit.
    var axis: String
    /// The length of a whole, drawn as a line; nil for none.
    var whole: Double?

    var plot: Plot {
        let count = rows.count
        let used = parts.indices.filter { part in rows.contains { $0.values[part] != 0 } }
        let blocks = used.map { Self.block($0, parts: parts, rows: rows) }
        let (axis, whole) = (axis, whole)
        let labels = rows.map(\.label)
        let series = used.map { parts[$0] }
        let (lowest, highest) = extent
        return Plot(
            name: name,
            blocks: blocks.isEmpty
                ? [Plot.Block("nothing", columns: ["x"], rows: [["0"]])] : blocks,
            legend: series.map(\.title),
            area: { Self.area(rows: count, $0) }
        ) { format in
            var commands = [
                "unset grid",
                "set grid xtics lt 1 lw 0.6 lc rgb '\(Palette.faint.marker)'",
                "set border 1",
                "set tics scale 0",
                "set xlabel \(quoted(axis)) textcolor rgb '\(Palette.ink.marker)'",
                "set yrange [\(count).5:0.5]",
                "set xrange [\(lowest):\(highest)]",
                "set xtics \(tickStep(highest - lowest, count: format == .wide ? 8 : 5))",
                "set ytics (\(Self.tics(labels, format)))",
                "set style fill solid 1.0 border lc rgb '\(Palette.paper.marker)'",
            ]
            if let whole {
                commands.append(
                    "set arrow from \(whole),graph 0 to \(whole),graph 1 nohead dt 2 "
                        + "lc rgb '\(Palette.ink.marker)' front"
                )
            }
            let drawn = series.enumerated().map { index, part in
                "DATA index \(index) using 1:2:3:4:5:6 with boxxyerror "
                    + "lc rgb '\(part.color.marker)' title \(quoted(part.title))"
            }
            return commands + [
                "plot \(drawn.isEmpty ? "0 notitle" : drawn.joined(separator: ", "))"
            ]
        }
    }

    /// Bars get thinner the more there are, so that hundreds of workers still fit on a page.
    static func area(rows: Int, _ format: Plot.Format) -> Int {
        let comfortable = (format == .wide ? 34 : 30) * max(rows, 2)
        return min(comfortable, max(320, min(18 * rows, 1000)))
    }

    /// If bars are thinner than letters are high, not every bar gets its name.
    static func labelStep(rows: Int, _ format: Plot.Format) -> Int {
        let room = max(area(rows: rows, format) / (format.fontSize + 4), 1)
        return (rows + room - 1) / room
    }

    /// As many row names as there is room for.
    static func tics(_ labels: [String], _ format: Plot.Format) -> String {
        tics(labels, every: labelStep(rows: labels.count, format))
    }

    static func tics(_ labels: [String], every step: Int = 1) -> String {
        labels.enumerated().filter { $0.offset % max(step, 1) == 0 }
            .map { "\(quoted($1)) \($0 + 1)" }.joined(separator: ", ")
    }

    /// From the furthest negative end, if there is a visible one, to a little beyond the longest bar.
    private var extent: (Double, Double) {
        let sums = rows.map { row in
            (
                row.values.reduce(0) { $0 + min($1, 0) }, row.values.reduce(0) { $0 + max($1, 0) }
            )
        }
        let highest = max(sums.map(\.1).max() ?? 1, whole ?? 0) * 1.01
        let lowest = (sums.map(\.0).min() ?? 0) * 1.05
        return (lowest < -0.004 * highest ? lowest : 0, highest > 0 ? highest : 1)
    }

    private static func block(_ part: Int, parts: [Part], rows: [Row]) -> Plot.Block {
        Plot.Block(
            parts[part].title,
            columns: ["middle", "row", "from", "to", "below", "above"],
            rows: rows.enumerated().map { index, row in
                let value = row.values[part]
                let before = row.values[..<part].filter { ($0 < 0) == (value < 0) }.reduce(0, +)
                let ends = [before, before + value].sorted()
                let place = Double(index + 1)
                return [
                    (ends[0] + ends[1]) / 2, place, ends[0], ends[1], place - 0.36, place + 0.36,
                ].map { figure($0) }
            }
        )
    }
}
