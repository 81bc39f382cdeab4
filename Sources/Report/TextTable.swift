/// A table of text in aligned columns, no wider than a terminal.
///
/// Columns stand two spaces apart, or one where the table would be too wide; if that is not
/// enough, the widest column of words is cut. Numbers are never cut: a wrong number is worse than
/// a long line.
package struct TextTable {
    package enum Alignment: Hashable, Sendable {
        /// Words.
        case left
        /// Numbers.
        case right
    }

    package struct Column: Sendable {
        /// May hold line breaks; the lines stand at the bottom.
        package var title: String
        package var alignment: Alignment

        package static func words(_ title: String) -> Column {
            Column(title: title, alignment: .left)
        }

        package static func number(_ title: String) -> Column {
            Column(title: title, alignment: .right)
        }
    }

    package struct Cell: Sendable, ExpressibleByStringInterpolation {
        package var text: String
        package var emphasis: Style.Emphasis

        package init(_ text: String, _ emphasis: Style.Emphasis = .none) {
            self.text = text
            self.emphasis = emphasis
        }

        package init(stringLiteral text: String) {
            self.init(text)
        }

        /// What stands where a number does not exist.
        package static let absent: Cell = "–"
    }

    private var columns: [Column]
    private var rows: [[Cell]] = []

    package init(_ columns: [Column]) {
        self.columns = columns
    }

    package mutating func addRow(_ cells: [Cell]) {
        precondition(cells.count == columns.count, "a row has one cell per column")
        rows.append(cells.map { Cell(visible($0.text), $0.emphasis) })
    }

    /// The header, a rule and the rows; every line ends without blanks and with a line break.
    package func rendered(style: Style = .plain, maximumColumns: Int? = nil) -> String {
        let maximumColumns = maximumColumns ?? style.columns
        let titles = columns.map { $0.title.split(separator: "\n").map(String.init) }
        let titleHeight = titles.map(\.count).max() ?? 0
        let natural = columns.indices.map { column in
            max(
                titles[column].map { displayWidth($0) }.max() ?? 0,
                rows.map { displayWidth($0[column].text) }.max() ?? 0
            )
        }
        let gaps = max(columns.count - 1, 0)
        let gap = natural.reduce(0, +) + 2 * gaps <= maximumColumns ? 2 : 1
        let widths = fitted(natural, columns: maximumColumns - gap * gaps)
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

    /// The same table in GitHub's Markdown.
    package func markdown() -> String {
        let titles = columns.map { column in
            escapedMarkdown(Self.joined(column.title))
        }
        let rules = columns.map { $0.alignment == .right ? "---:" : ":---" }
        let body = rows.map { row in
            row.map { cell in
                let text = escapedMarkdown(cell.text)
                // Emphasis is weight where there is no colour.
                let isBold = (cell.emphasis == .strong || cell.emphasis == .bad) && !text.isEmpty
                return isBold ? "**\(text)**" : text
            }
        }
        return ([titles, rules] + body).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }

    /// A title in one line: a hyphen at a line's end only broke a word.
    private static func joined(_ title: String) -> String {
        title.split(separator: "\n").reduce("") { text, line in
            if text.hasSuffix("-") { return String(text.dropLast() + line) }
            return text.isEmpty ? String(line) : "\(text) \(line)"
        }
    }

    private func fitted(_ natural: [Int], columns available: Int) -> [Int] {
        var widths = natural
        let wordColumns = columns.indices.filter { columns[$0].alignment == .left }
        guard let widest = wordColumns.max(by: { natural[$0] < natural[$1] }) else { return widths }
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
            let text = truncated(cells[column].text, columns: widths[column])
            let padding = String(repeating: " ", count: widths[column] - displayWidth(text))
            let styled = style.apply(cells[column].emphasis, to: text)
            if columns[column].alignment == .right { return padding + styled }
            return column == lastVisible ? styled : styled + padding
        }.joined(separator: separator)
    }
}

/// Text that means only itself in Markdown, within a table too.
func escapedMarkdown(_ text: String) -> String {
    visible(text, keepingLines: true).map { character -> String in
        if character.isNewline { return " " }
        return "\\`*_{}[]<>#|~".contains(character) ? "\\\(character)" : String(character)
    }.joined()
}
