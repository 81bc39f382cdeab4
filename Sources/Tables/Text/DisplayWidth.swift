/// The number of terminal columns of a text, which differs from its bytes and its characters.
package func displayWidth(_ text: some StringProtocol) -> Int {
    text.reduce(0) { $0 + displayWidth($1) }
}

/// The text cut to a number of columns; if something is missing, the last column is an ellipsis.
package func truncated(_ text: String, columns: Int) -> String {
    guard displayWidth(text) > columns else { return text }
    var kept = ""
    var width = 1
    for character in text {
        width += displayWidth(character)
        if width > columns { break }
        kept.append(character)
    }
    return columns > 0 ? kept + "…" : ""
}

/// The text in lines of at most this many columns, broken at spaces.
///
/// A longer word gets its own line. A number and the unit or noun after it stay together. Control
/// characters are shown, not sent.
package func wrapped(_ text: String, columns: Int = 80, indent: String = "  ") -> String {
    var lines: [String] = []
    var line = ""
    var words: [String] = []
    for word in visible(text).split(separator: " ") {
        if let last = words.last?.last, last.isNumber {
            words[words.count - 1] += " " + word
        } else {
            words.append(String(word))
        }
    }
    for word in words {
        let joined = line.isEmpty ? word : line + " " + word
        if displayWidth(joined) > columns && !line.isEmpty && line != indent {
            lines.append(line)
            line = indent + word
        } else {
            line = joined
        }
    }
    return (lines + [line]).joined(separator: "\n")
}

private func displayWidth(_ character: Character) -> Int {
    // A character is as wide as its widest part: combining marks are drawn over their base.
    character.unicodeScalars.map(displayWidth).max() ?? 0
}

private func displayWidth(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    // The East Asian Wide and Fullwidth blocks, coarsely.
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
        return 2
    default: return 1
    }
}
