/// The path of a block layout in a mask's text, where + and , separate other things.
///
/// A path ends where .npy does, before one of these or at the end of the text; a path without .npy ends at
/// the first of them. In quotation marks it is whatever stands between them, with a backslash before such a
/// mark or another backslash.
enum LayoutPath {
    private static let ending = ".npy"

    /// The path that a text begins with, and what follows it; nil where a quotation mark is missing.
    static func first(in text: Substring) -> (path: String, rest: Substring)? {
        if text.first == "\"" { return quoted(in: text) }
        var rest = text
        while let range = rest.firstRange(of: ending) {
            rest = rest[range.upperBound...]
            guard let next = rest.first, !isSeparator(next) else {
                return (String(text[..<range.upperBound]), rest)
            }
        }
        let end = text.firstIndex(where: isSeparator) ?? text.endIndex
        return (String(text[..<end]), text[end...])
    }

    /// The text of a path, which `first` reads as this path.
    static func text(of path: String) -> String {
        if let (found, rest) = first(in: path + ","), found == path, rest == "," { return path }
        let escaped = path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    private static func quoted(in text: Substring) -> (path: String, rest: Substring)? {
        var path = ""
        var isEscaped = false
        for place in text.indices.dropFirst() {
            let letter = text[place]
            if isEscaped {
                path.append(letter)
                isEscaped = false
            } else if letter == "\\" {
                isEscaped = true
            } else if letter == "\"" {
                return (path, text[text.index(after: place)...])
            } else {
                path.append(letter)
            }
        }
        return nil
    }

    private static func isSeparator(_ letter: Character) -> Bool { letter == "+" || letter == "," }
}
