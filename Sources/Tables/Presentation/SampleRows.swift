/// The samples of a record, one row each, for a spreadsheet or a script.
package struct SampleRows: Sendable {
    /// Columns keep their names and their order; new ones come last.
    package let columns: [String]
    /// A value that does not exist is empty.
    package let rows: [[String]]

    /// The format of RFC 4180: a header, lines that end in a carriage return and a line feed,
    /// quotes around a field with a comma or a quote.
    ///
    /// A control character is shown as `\u{a}`, so that every row is one line.
    package var csv: String {
        ([columns] + rows).map { $0.map(Self.field).joined(separator: ",") + "\r\n" }.joined()
    }

    private static func field(_ text: String) -> String {
        // Most fields are numbers, and a record may have millions of them.
        let isPlain = text.utf8.allSatisfy { byte in
            byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "\"")
        }
        guard !isPlain else { return text }
        let text = visible(text)
        guard text.contains(where: { $0 == "," || $0 == "\"" }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}

/// A field for a value that may not exist.
func field(_ value: (some CustomStringConvertible)?) -> String {
    value.map { "\($0)" } ?? ""
}
