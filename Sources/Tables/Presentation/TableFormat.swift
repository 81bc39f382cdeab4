extension PresentedRecord {
    /// The record for a terminal: its parts with empty lines between them, last the sentence.
    package func table(_ style: Style = .plain) -> String {
        let shown = presentation
        let columns = style.textColumns
        func paragraph(_ lines: [String]) -> String {
            lines.map { wrapped($0, columns: columns) + "\n" }.joined()
        }
        let tables = shown.tables.map { part in
            (part.title.map { $0 + "\n" } ?? "") + part.table.rendered(style: style)
                + paragraph(part.footnotes)
        }
        let ending = warningLines + (unfinished.map { [$0] } ?? [])
        let notes = shown.notes.dropLast() + [(shown.notes.last ?? []) + ending]
        let failures = shown.failures.map { failure in
            let reasons = failure.reasons.map {
                "  " + wrapped($0, columns: columns - 2, indent: "  ") + "\n"
            }
            // The command is not wrapped, so that users can copy it.
            return style.apply(.bad, to: visible(failure.what)) + "\n" + reasons.joined()
                + "  repeat: \(visible(failure.command))\n"
        }
        let last = style.apply(.strong, to: wrapped(sentence, columns: columns, indent: ""))
        let parts =
            [paragraph(shown.headlines)]
            + (shown.picture.map { [TerminalMap.text($0, style: style)] } ?? []) + tables
            + notes.map(paragraph)
            + [failures.joined(), last + "\n"]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
