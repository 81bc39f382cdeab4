extension PresentedRecord {
    /// The record as GitHub's Markdown, for an issue or a README: the tables of the screen.
    ///
    /// The sentence comes first, because nobody reads an issue to its end.
    package var markdown: String {
        let shown = presentation
        func list(_ lines: [String]) -> String {
            lines.map { "- \(escapedMarkdown($0))\n" }.joined()
        }
        func bold(_ line: String) -> String { "**\(escapedMarkdown(line))**\n" }
        let failures = shown.failures.map { failure in
            let command = visible(failure.command).replacing("`", with: "'")
            return "- \(bold(failure.what))"
                + failure.reasons.map { "  - \(escapedMarkdown($0))\n" }.joined()
                + "  - repeat: `\(command)`\n"
        }
        let tables = shown.tables.flatMap { part in
            [
                part.title.map { escapedMarkdown($0) + "\n" } ?? "", part.table.markdown(),
                part.footnotes.map { escapedMarkdown($0) + "\n" }.joined(),
            ]
        }
        // Shades survive in a block of code, colours do not.
        let picture = shown.picture.map { "```\n\(TerminalMap.text($0, style: .plain))```\n" }
        let parts =
            [unfinished.map(bold) ?? "", bold(sentence), list(shown.headlines), picture ?? ""]
            + tables
            + [list(shown.notes.joined() + warningLines) + failures.joined()]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}

extension TextTable {
    /// The same table in GitHub's Markdown.
    package func markdown() -> String {
        let table = shown()
        let titles = table.columns.map { escapedMarkdown($0.joinedTitle) }
        let rules = table.columns.map { $0.alignment == .right ? "---:" : ":---" }
        let body = table.rows.map { row in
            row.map { cell in
                let text = escapedMarkdown(cell.text)
                // Without colour, emphasis is bold.
                let isBold = (cell.emphasis == .strong || cell.emphasis == .bad) && !text.isEmpty
                return isBold ? "**\(text)**" : text
            }
        }
        return ([titles, rules] + body).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }
}

/// Text without any Markdown meaning, also within a table.
func escapedMarkdown(_ text: String) -> String {
    visible(text, keepingLines: true).map { character -> String in
        if character.isNewline { return " " }
        return "\\`*_{}[]<>#|~".contains(character) ? "\\\(character)" : String(character)
    }.joined()
}
