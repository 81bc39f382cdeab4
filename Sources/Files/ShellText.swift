import FoundationEssentials

/// The text as one word of a shell.
package func shellQuoted(_ text: String) -> String {
    let isPlain = text.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:,=+".contains($0))
    }
    if isPlain && !text.isEmpty { return text }
    return "'\(text.replacing("'", with: "'\\''"))'"
}
