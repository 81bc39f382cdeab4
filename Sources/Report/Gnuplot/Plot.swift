import Record
import Tables

/// A picture in gnuplot's terms: rows of numbers, and commands that draw them.
///
/// The same commands serve the page, where the rows come with them, and the files kept beside a
/// page, where the rows are in a separate table. The commands name the rows by `DATA`, which is
/// replaced by the rows or by the table.
struct Plot: Sendable {
    /// Blocks of rows, `index 0` and so on; a missing cell is a question mark.
    struct Block: Sendable {
        var name: String
        var columns: [String]
        var rows: [[String]]

        init(_ name: String, columns: [String], rows: [[String]]) {
            self.name = name
            self.columns = columns
            self.rows = rows
        }
    }

    /// The size of the drawing: a phone needs another picture, because it has less room.
    enum Format: String, CaseIterable, Sendable {
        case wide, narrow

        var width: Int { self == .wide ? 760 : 360 }
        var fontSize: Int { self == .wide ? 14 : 13 }
    }

    /// Letters and hyphens: the name of its files.
    var name: String
    var blocks: [Block]
    /// The legend's entries.
    ///
    /// gnuplot does not know how wide letters are, so the legend's columns are chosen here.
    var legend: [String]
    /// The height between the axes, in units of the width.
    var area: @Sendable (Format) -> Int
    /// Width and height of the whole, of plots that place everything themselves.
    var size: @Sendable (Format) -> (width: Int, height: Int)?
    /// The commands after those that all plots share.
    var commands: @Sendable (Format) -> [String]

    init(
        name: String,
        blocks: [Block],
        legend: [String],
        area: @escaping @Sendable (Format) -> Int = { $0 == .wide ? 300 : 240 },
        size: @escaping @Sendable (Format) -> (width: Int, height: Int)? = { _ in nil },
        commands: @escaping @Sendable (Format) -> [String]
    ) {
        self.name = name
        self.blocks = blocks
        self.legend = legend
        self.area = area
        self.size = size
        self.commands = commands
    }

    private func legendColumns(_ format: Format) -> Int {
        // As gnuplot computes: a letter is six tenths of its height wide, a mark is as wide as ten
        // letters.
        let longest = (legend.map { displayWidth($0) }.max() ?? 0) + 10
        let columnWidth = Double(longest * format.fontSize) * 0.6
        return max(1, min(legend.count, Int(Double(format.width) / columnWidth)))
    }

    /// The whole height: the area, the key above it, marks and name of the axis below it.
    private func height(_ format: Format) -> Int {
        if let size = size(format) { return size.height }
        return area(format) + keyHeight(format) + Self.keyMargin + Self.axisHeight
    }

    /// What the marks and the name of the axis below a plot take.
    static let axisHeight = 52
    /// What is above and below the rows of the key; gnuplot leaves most of it above.
    private static let keyMargin = 20

    private func keyHeight(_ format: Format) -> Int {
        let columns = legendColumns(format)
        let rows = (legend.count + columns - 1) / columns
        return rows * format.fontSize * 3 / 2
    }

    /// The kinds of file that gnuplot draws.
    enum Terminal {
        case svg, png

        /// The size is in units of the page; a PNG has twice as many dots, for fine screens.
        fileprivate func command(width: Int, height: Int, fontSize: Int) -> String {
            switch self {
            case .svg:
                "set terminal svg size \(width),\(height) dynamic noenhanced "
                    + "font 'sans-serif,\(fontSize)'"
            case .png:
                "set terminal pngcairo size \(2 * width),\(2 * height) noenhanced "
                    + "font 'sans-serif,\(fontSize)' fontscale 1.5 linewidth 2"
            }
        }
    }

    /// What separates the cells of a table.
    enum Separator: String {
        case tab = "\t"
        case comma = ","

        fileprivate var word: String { self == .tab ? "tab" : "','" }
    }

    /// The rows as a table, two empty lines between the blocks.
    var table: String { table(.tab) }

    func table(_ separator: Separator) -> String {
        blocks.map { block in
            // A name may come from a record, and must not end its line.
            "# \(visible(block.name)): \(block.columns.joined(separator: ", "))\n"
                + block.rows.map { $0.joined(separator: separator.rawValue) + "\n" }.joined()
        }.joined(separator: "\n\n")
    }

    /// The complete input of gnuplot, for its standard input.
    func script(_ format: Format, _ terminal: Terminal = .svg) -> String {
        "$rows << END_OF_ROWS\n\(table)END_OF_ROWS\n"
            + lines(format, rows: "$rows", terminal).joined(separator: "\n") + "\n"
    }

    /// The input of gnuplot that draws the file `picture` from the table `rows` beside it.
    func script(
        _ format: Format,
        _ terminal: Terminal,
        drawing picture: String,
        from rows: String,
        _ separator: Separator
    ) -> String {
        (["set output \(quoted(picture))"]
            + lines(format, rows: quoted(rows), terminal, separator)).joined(separator: "\n")
            + "\n"
    }

    /// The same for a file beside `NAME.tsv`, which it reads.
    func keptScript(_ format: Format) -> String {
        ([
            "# gnuplot \(fileName(format)).gnuplot  draws  \(fileName(format)).svg",
            "set output '\(fileName(format)).svg'",
        ] + lines(format, rows: "'\(name).tsv'")).joined(separator: "\n") + "\n"
    }

    func fileName(_ format: Format) -> String {
        format == .wide ? name : "\(name)-narrow"
    }

    private func lines(
        _ format: Format,
        rows: String,
        _ terminal: Terminal = .svg,
        _ separator: Separator = .tab
    ) -> [String] {
        [
            terminal.command(
                width: size(format)?.width ?? format.width,
                height: height(format),
                fontSize: format.fontSize
            ),
            "set datafile separator \(separator.word)",
            "set datafile missing '?'",
            "set border 3 lc rgb '\(Palette.ink.marker)' lw 0.8",
            "set tics nomirror out scale 0.5 textcolor rgb '\(Palette.ink.marker)'",
            "set tmargin at screen "
                + "\(1 - Double(keyHeight(format) + Self.keyMargin) / Double(height(format)))",
            "set key at screen 0.01, screen \(1 - 6 / Double(height(format))) left top horizontal "
                + "Left reverse samplen 1.5 maxcols \(legendColumns(format)) "
                + "textcolor rgb '\(Palette.ink.marker)'",
            "set grid ytics lt 1 lw 0.6 lc rgb '\(Palette.faint.marker)'",
            "set pointintervalbox 0",
        ]
            + commands(format).map { line in
                // Elsewhere the word is a title's own.
                guard line.hasPrefix("plot ") else { return line }
                return line.split(separator: "DATA index ", omittingEmptySubsequences: false)
                    .joined(separator: "\(rows) index ")
            }
    }
}

/// The name of the horizontal axis, near its marks.
func axisName(_ text: String) -> String {
    "set xlabel \(quoted(text)) offset 0,0.6 textcolor rgb '\(Palette.ink.marker)'"
}

/// Text in quotes, as gnuplot reads it.
///
/// In single quotes only a quote has a meaning. gnuplot takes two of them for one, but not at the
/// start of a text, nor two pairs side by side; so a text with a quote stands in double quotes, where
/// octal numbers stand for what has a meaning.
func quoted(_ text: String) -> String {
    let line = visible(text.filter { !$0.isNewline && $0 != "\0" })
    guard line.contains("'") else { return "'\(line)'" }
    let meanings: [Character: String] = ["\\": "\\134", "\"": "\\042", "`": "\\140"]
    return "\"\(line.map { meanings[$0] ?? String($0) }.joined())\""
}

/// The text of a mark of an axis, which gnuplot takes as a format of the mark's number.
func quotedMark(_ text: String) -> String {
    quoted(text.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%"))
}

/// A number as gnuplot reads it; a question mark when there is none.
func figure(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "?" }
    return "\(value)"
}

/// Where a power of ten can be divided or multiplied by ten and has all its digits.
private let powersOfTen = 1e-300...1e300

/// The smallest of 1, 2, 2.5 and 5 times a power of ten that divides `span` into at most `count`
/// parts.
func tickStep(_ span: Double, count: Int) -> Double {
    guard powersOfTen.contains(span) else { return 1 }
    var power = 1.0
    while power * Double(count) > span { power /= 10 }
    while power * 10 * Double(count) <= span { power *= 10 }
    let steps = [1, 2, 2.5, 5, 10].map { $0 * power }
    return steps.first { $0 * Double(count) >= span } ?? power * 10
}

/// 1, 2 and 5 times powers of ten within a range, as marks of a logarithmic axis.
func logarithmicTicks(from lowest: Double, to highest: Double, isSparse: Bool) -> String {
    guard powersOfTen.contains(lowest), powersOfTen.contains(highest) else { return "autofreq" }
    var ticks: [Double] = []
    var power = 1.0
    while power > lowest { power /= 10 }
    while power * 10 <= lowest { power *= 10 }
    let isLong = highest / lowest > (isSparse ? 40 : 400)
    while power <= highest {
        ticks += (isLong ? [1] : [1, 2, 5]).map { $0 * power }
        power *= 10
    }
    let shown = ticks.filter { $0 >= lowest && $0 <= highest }
    return "(" + shown.map { "'\(tick($0))' \($0)" }.joined(separator: ", ") + ")"
}

private func tick(_ value: Double) -> String {
    value >= 1 ? Units.decimal(value, places: 0) : "\(value)"
}
