/// A table of text in aligned columns, no wider than the terminal that shows it.
///
/// Columns are two spaces apart, or one if the table would be too wide. If that is not enough,
/// titles are broken into lines; then columns are left out one by one, in the order that the
/// columns give. If the table is still too wide, its widest column of words is cut. Numbers are
/// never cut: a wrong number is worse than a long line. In a file or a pipe, a table has the width
/// that it needs.
package struct TextTable: Sendable {
    package enum Alignment: Hashable, Sendable {
        /// Words.
        case left
        /// Numbers.
        case right
    }

    package struct Column: Sendable {
        /// May hold line breaks; the lines are aligned at the bottom.
        package var title: String
        package var alignment: Alignment
        /// The title in narrower lines, for narrow tables.
        package var narrowTitle: String?
        /// The order in which columns are left out of narrow tables: the lowest first; nil is never
        /// left out.
        package var leaves: Int?
        /// The width of a screen from which on the column is shown at all; other formats lack it.
        package var fromColumns: Int?

        package static func words(
            _ title: String,
            narrow narrowTitle: String? = nil,
            leaves: Int? = nil
        ) -> Column {
            Column(title: title, alignment: .left, narrowTitle: narrowTitle, leaves: leaves)
        }

        package static func number(
            _ title: String,
            narrow narrowTitle: String? = nil,
            leaves: Int? = nil,
            from fromColumns: Int? = nil
        ) -> Column {
            Column(
                title: title,
                alignment: .right,
                narrowTitle: narrowTitle,
                leaves: leaves,
                fromColumns: fromColumns
            )
        }

        /// A title in one line: a hyphen at a line's end only broke a word.
        package var joinedTitle: String {
            title.split(separator: "\n").reduce("") { text, line in
                if text.hasSuffix("-") { return String(text.dropLast() + line) }
                return text.isEmpty ? String(line) : "\(text) \(line)"
            }
        }
    }

    package struct Cell: Sendable, ExpressibleByStringInterpolation {
        package var text: String
        package var emphasis: Style.Emphasis
        /// What a terminal without UTF-8 gets, if not the text; as wide as the text.
        package var shaded: String?

        package init(_ text: String, _ emphasis: Style.Emphasis = .none) {
            self.text = text
            self.emphasis = emphasis
        }

        package init(stringLiteral text: String) {
            self.init(text)
        }

        /// The text of a cell whose number does not exist.
        package static let absent: Cell = "–"

        package static func value<Value>(
            _ value: Value?,
            emphasis: Style.Emphasis = .none,
            _ text: (Value) -> String
        ) -> Cell {
            value.map { Cell(text($0), emphasis) } ?? .absent
        }
    }

    package private(set) var columns: [Column]
    package private(set) var rows: [[Cell]] = []

    package init(_ columns: [Column], rows: [[Cell]] = []) {
        self.columns = columns
        for row in rows { addRow(row) }
    }

    package mutating func addRow(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row must have one cell per column")
        rows.append(
            cells.map { cell in
                var cell = cell
                cell.text = visible(cell.text)
                return cell
            }
        )
    }

    /// The header, a rule and the rows; every line ends without blanks and with a line break.
    package func rendered(style: Style = .plain) -> String {
        let table = shown(from: style.columns)
        return style.isNarrowing
            ? table.narrowed(to: style.columns).drawn(style, columns: style.columns)
            : table.drawn(style, columns: .max)
    }

    /// Without the columns that need a wider screen.
    package func shown(from width: Int = 0) -> TextTable {
        var table = self
        for index in columns.indices.reversed() where columns[index].fromColumns ?? 0 > width {
            table.removeColumn(index)
        }
        return table
    }

    private mutating func removeColumn(_ index: Int) {
        columns.remove(at: index)
        for row in rows.indices { rows[row].remove(at: index) }
    }

    private func drawn(_ style: Style, columns available: Int) -> String {
        let titles = columns.map { $0.title.split(separator: "\n").map(String.init) }
        let titleHeight = titles.map(\.count).max() ?? 0
        let natural = naturalWidths
        let gaps = max(columns.count - 1, 0)
        let gap = natural.reduce(0, +) + 2 * gaps <= available ? 2 : 1
        let widths = fitted(natural, columns: available - gap * gaps)
        let separator = String(repeating: " ", count: gap)

        var lines: [String] = []
        for height in 0..<titleHeight {
            let cells = titles.map { lines in
                let missing = titleHeight - lines.count
                return Cell(height < missing ? "" : lines[height - missing], .strong)
            }
            lines.append(line(cells, widths: widths, separator: separator, style: style))
        }
        lines.append(
            widths.map { String(repeating: "─", count: $0) }.joined(separator: separator)
        )
        for row in rows {
            lines.append(line(row, widths: widths, separator: separator, style: style))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private var naturalWidths: [Int] {
        columns.indices.map { column in
            let title = columns[column].title.split(separator: "\n")
            return max(
                title.map { displayWidth($0) }.max() ?? 0,
                rows.map { displayWidth($0[column].text) }.max() ?? 0
            )
        }
    }

    // MARK: Where room is short

    /// Words may be cut to this many letters before a column is left out.
    private static let legibleWords = 16

    /// The table as it fits: as it is, else with narrower titles, else without some columns.
    private func narrowed(to maximumColumns: Int) -> TextTable {
        var table = self
        guard !table.fits(maximumColumns) else { return table }
        for index in columns.indices {
            if let title = columns[index].narrowTitle { table.columns[index].title = title }
        }
        while !table.fits(maximumColumns), let next = table.firstToLeave {
            table.removeColumn(next)
        }
        return table
    }

    private var firstToLeave: Int? {
        columns.indices.filter { columns[$0].leaves != nil }
            .min { (columns[$0].leaves ?? 0) < (columns[$1].leaves ?? 0) }
    }

    private func fits(_ maximumColumns: Int) -> Bool {
        let natural = naturalWidths
        let words = widestWords(natural).map { natural[$0] } ?? 0
        let sum = natural.reduce(0, +) - words + min(words, Self.legibleWords)
        return sum + max(columns.count - 1, 0) <= maximumColumns
    }

    private func widestWords(_ natural: [Int]) -> Int? {
        columns.indices.filter { columns[$0].alignment == .left }
            .max { natural[$0] < natural[$1] }
    }

    private func fitted(_ natural: [Int], columns available: Int) -> [Int] {
        var widths = natural
        guard let widest = widestWords(natural) else { return widths }
        let excess = natural.reduce(0, +) - available
        if excess > 0 { widths[widest] = max(natural[widest] - excess, min(natural[widest], 8)) }
        return widths
    }

    private func line(
        _ cells: [Cell],
        widths: [Int],
        separator: String,
        style: Style
    ) -> String {
        let lastVisible = cells.lastIndex { !$0.text.isEmpty } ?? -1
        return cells.indices.prefix(lastVisible + 1).map { column in
            let cell = cells[column]
            let whole = style.isUnicode ? cell.text : cell.shaded ?? cell.text
            let text = truncated(whole, columns: widths[column])
            let padding = String(repeating: " ", count: widths[column] - displayWidth(text))
            let styled = style.apply(cell.emphasis, to: text)
            if columns[column].alignment == .right { return padding + styled }
            return column == lastVisible ? styled : styled + padding
        }.joined(separator: separator)
    }
}
