/// Horizontal bars of stacked parts, one row each: the parts of a sum.
///
/// They are horizontal because rows have names, and names fit above bars on a phone. Negative parts
/// are on the other side of zero. A part that is much larger than all others together would make
/// them hairlines: leave it out, and say it in the note.
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
        /// What the row says in words, behind its bar.
        var note: String

        init(_ label: String, _ values: [Double], note: String = "") {
            self.label = label
            self.values = values
            self.note = note
        }

        fileprivate var ends: (lowest: Double, highest: Double) {
            (
                values.reduce(0) { $0 + min($1, 0) }, values.reduce(0) { $0 + max($1, 0) }
            )
        }
    }

    var name: String
    var parts: [Part]
    var rows: [Row]
    /// The meaning of the lengths, with their unit.
    var axis: String

    var plot: Plot {
        let used = parts.indices.filter { part in rows.contains { $0.values[part] != 0 } }
        let blocks = used.map { Self.block($0, parts: parts, rows: rows) }
        let series = used.map { parts[$0] }
        let highest = rows.map(\.ends.highest).max() ?? 0
        let lowest = (rows.map(\.ends.lowest).min() ?? 0) * 1.05
        let named = NamedRows(
            rows: rows.map { .init($0.label, note: $0.note, end: $0.ends.highest) },
            axis: axis,
            lowest: lowest < -0.004 * highest ? lowest : 0
        )
        return Plot(
            name: name,
            blocks: blocks.isEmpty
                ? [Plot.Block("nothing", columns: ["x"], rows: [["0"]])] : blocks,
            legend: series.map(\.title),
            area: { named.area($0) }
        ) { format in
            let drawn = series.enumerated().map { index, part in
                named.boxes(
                    index,
                    format,
                    "lc rgb '\(part.color.marker)' title \(quoted(part.title))"
                )
            }
            return named.commands(format) + [
                "plot \(drawn.isEmpty ? "0 notitle" : drawn.joined(separator: ", "))"
            ]
        }
    }

    private static func block(_ part: Int, parts: [Part], rows: [Row]) -> Plot.Block {
        NamedRows.boxes(
            parts[part].title,
            rows.map { row in
                let value = row.values[part]
                let before = row.values[..<part].filter { ($0 < 0) == (value < 0) }.reduce(0, +)
                return (min(before, before + value), max(before, before + value))
            }
        )
    }
}
