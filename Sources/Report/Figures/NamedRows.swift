/// Rows with names, from the top down, and an axis of numbers below them: what figures of horizontal
/// bars have in common.
///
/// Wide pictures have the names left of the bars and a note behind each. On a phone, long names would
/// leave no room for bars. There, name and note stand above the bar.
struct NamedRows: Sendable {
    struct Row: Sendable {
        var label: String
        /// A number in words that the bar shows; may be empty.
        var note: String
        /// Where what is drawn of the row ends, by the axis.
        var end: Double

        init(_ label: String, note: String = "", end: Double) {
            self.label = label
            self.note = note
            self.end = end
        }
    }

    var rows: [Row]
    /// The meaning of the axis, with its unit.
    var axis: String
    /// Where the axis begins; negative where something lies left of zero.
    var lowest: Double = 0
    /// What the axis must reach at least.
    var reach: Double = 0
    /// The height of a row in a wide picture.
    var pixels: Int = 34
    /// Whether every row must be named, however many there are.
    var isNamingAll = false

    /// Whether a row's name and note stand above its bar.
    func isAbove(_ format: Plot.Format) -> Bool {
        format == .narrow && hasAllNames(format)
            && rows.contains { $0.label.count + $0.note.count > 12 }
    }

    func area(_ format: Plot.Format) -> Int {
        guard !isAbove(format) else { return max(pixels * 13 / 10, 42) * max(rows.count, 2) }
        guard !isNamingAll else { return pixels * max(rows.count, 2) }
        return Self.area(rows: rows.count, format, pixels: pixels)
    }

    /// Bars get thinner the more there are, so that hundreds of rows still fit on a page.
    static func area(rows: Int, _ format: Plot.Format, pixels: Int = 34) -> Int {
        let comfortable = (format == .wide ? pixels : pixels * 9 / 10) * max(rows, 2)
        return min(comfortable, max(10 * pixels, min(pixels * rows * 9 / 17, 30 * pixels)))
    }

    /// If bars are thinner than letters are high, not every bar gets its name.
    static func labelStep(rows: Int, _ format: Plot.Format, pixels: Int = 34) -> Int {
        let room = max(area(rows: rows, format, pixels: pixels) / (format.fontSize + 4), 1)
        return (rows + room - 1) / room
    }

    private func hasAllNames(_ format: Plot.Format) -> Bool {
        isNamingAll || Self.labelStep(rows: rows.count, format, pixels: pixels) <= 1
    }

    /// As many row names as there is room for.
    private func tics(_ format: Plot.Format) -> String {
        let step =
            isNamingAll ? 1 : Self.labelStep(rows: rows.count, format, pixels: pixels)
        return rows.enumerated().filter { $0.offset % max(step, 1) == 0 }
            .map { "\(quotedMark(shown($1, format))) \($0 + 1)" }.joined(separator: ", ")
    }

    /// How far the middle of a bar lies below that of its row, and half its height, in rows.
    func bar(_ format: Plot.Format) -> (shift: Double, half: Double) {
        isAbove(format) ? (0.2, 0.17) : (0, 0.3)
    }

    /// The end of the axis: behind the longest bar and its note.
    func highest(_ format: Plot.Format) -> Double {
        let most = max(rows.map(\.end).max() ?? 0, reach)
        guard most > 0 else { return 1 }
        guard hasNotesBehind(format) else { return most * 1.02 }
        let letter = 0.6 * Double(format.fontSize)
        let names = Double(rows.map { shown($0, format).count }.max() ?? 0) * letter
        let width = max(Double(format.width) - names - 40, 100)
        let ends = rows.map { row -> Double in
            let note = (Double(row.note.count) + 2) * letter / width
            return (row.end - lowest) / max(1 - note, 0.3) + lowest
        }
        return max(ends.max() ?? most, most * 1.02)
    }

    private func hasNotesBehind(_ format: Plot.Format) -> Bool {
        !isAbove(format) && hasAllNames(format)
            && rows.contains { !$0.note.isEmpty }
    }

    /// The commands before `plot`.
    func commands(_ format: Plot.Format) -> [String] {
        let highest = highest(format)
        return [
            "unset grid",
            "set grid xtics lt 1 lw 0.6 lc rgb '\(Palette.faint.marker)'",
            "set border 0",
            "set tics scale 0",
            axisName(axis),
            "set yrange [\(rows.count).5:0.5]",
            "set xrange [\(figure(lowest)):\(figure(highest))]",
            "set xtics \(ticks(format))",
            "set style fill solid 1.0 border lc rgb '\(Palette.paper.marker)'",
        ] + names(format)
    }

    /// Marks of the axis as far as anything reaches; behind it are notes.
    private func ticks(_ format: Plot.Format) -> String {
        let end = max(rows.map(\.end).max() ?? 0, reach)
        guard end > 0 else { return "1" }
        let step = tickStep(end - lowest, count: format == .wide ? 6 : 5)
        let first = (lowest / step).rounded(.up) * step
        return "\(figure(first)),\(figure(step)),\(figure(end * 1.001))"
    }

    /// As much of a name as leaves room for bars: the beginning and the end of a long one.
    private func shown(_ row: Row, _ format: Plot.Format) -> String {
        let line = Int(Double(format.width) / (0.6 * Double(format.fontSize)))
        let most = isAbove(format) ? line - row.note.count - 4 : line / 3
        guard row.label.count > max(most, 12) else { return row.label }
        let end = max(most, 12) / 3
        return row.label.prefix(max(most, 12) - end - 1) + "…" + row.label.suffix(end)
    }

    /// Names and notes.
    func names(_ format: Plot.Format) -> [String] {
        let ink = "textcolor rgb '\(Palette.ink.marker)'"
        func label(_ text: String, _ x: String, _ y: Double, _ rest: String) -> String {
            "set label \(quoted(text)) at \(x), first \(figure(y)) \(rest) \(ink)"
        }
        if isAbove(format) {
            return ["unset ytics", "set lmargin 1"]
                + rows.enumerated().flatMap { index, row in
                    let place = Double(index) + 0.76
                    return [label(shown(row, format), "graph 0", place, "left")]
                        + (row.note.isEmpty
                            ? [] : [label(row.note, "graph 1", place, "right")])
                }
        }
        return ["set ytics (\(tics(format)))"]
            + (hasNotesBehind(format)
                ? rows.enumerated().filter { !$1.note.isEmpty }.map { index, row in
                    label(
                        row.note,
                        "first \(figure(row.end))",
                        Double(index + 1),
                        "left offset character 0.8,0"
                    )
                } : [])
    }

    /// Rows of a block of boxes, one for each row of the figure that has both ends.
    static func boxes(_ name: String, _ ends: [(from: Double, to: Double)?]) -> Plot.Block {
        let rows = ends.enumerated().compactMap { index, ends in
            ends.map { [figure($0.from), figure($0.to), "\(index + 1)"] }
        }
        return Plot.Block(
            name,
            columns: ["from", "to", "row"],
            rows: rows.isEmpty ? [["?", "?", "?"]] : rows
        )
    }

    /// What draws a block of boxes; `scale` is the height relative to that of a bar.
    func boxes(
        _ index: Int,
        _ format: Plot.Format,
        scale: Double = 1,
        _ looks: String
    ) -> String {
        let (shift, half) = bar(format)
        let height = half * scale
        return "DATA index \(index) using (($1+$2)/2):($3+\(shift)):1:2:"
            + "($3+\(shift - height)):($3+\(shift + height)) with boxxyerror \(looks)"
    }

    /// What draws a block of intervals: its rows are value, row, lower and upper end.
    func intervals(_ index: Int, _ format: Plot.Format, _ looks: String) -> String {
        "DATA index \(index) using 1:($2+\(bar(format).shift)):3:4 with xerrorbars pt 0 \(looks)"
    }

    /// What draws a block of marks across bars: its rows are value and row.
    func marks(_ index: Int, _ format: Plot.Format, _ looks: String) -> String {
        let (shift, half) = bar(format)
        return "DATA index \(index) using 1:($2+\(shift - half * 1.35)):(0):(\(half * 2.7)) "
            + "with vectors nohead \(looks)"
    }
}
