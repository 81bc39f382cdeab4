/// The text with every control character written as its code: `\u{1b}`.
///
/// A record, a path or a host's name may hold characters that move the cursor, change a colour or
/// reverse a line. A terminal or a page must show them and never obey them. Letters of any script
/// stay as they are. With `keepingLines`, line ends and tabs stay, too.
package func visible(_ text: String, keepingLines: Bool = false) -> String {
    guard text.unicodeScalars.contains(where: { isObeyed($0, keepingLines) }) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
        if isObeyed(scalar, keepingLines) {
            shown += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

private func isObeyed(_ scalar: Unicode.Scalar, _ keepingLines: Bool) -> Bool {
    switch scalar.value {
    case 0x0A, 0x09: !keepingLines
    // C0, DEL and C1; some terminals read C1 as an escape and a letter.
    case 0x00..<0x20, 0x7F..<0xA0: true
    case ..<0x7F: false
    // Line and paragraph separators, and characters that change the direction of writing.
    case 0x2028, 0x2029: true
    default: scalar.properties.isBidiControl
    }
}
