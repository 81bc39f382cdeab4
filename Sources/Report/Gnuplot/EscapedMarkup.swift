import Tables

/// Text without any meaning in markup and its attributes, so that browsers only show it.
func escapedMarkup(_ text: String) -> String {
    var escaped = ""
    for scalar in visible(text).unicodeScalars {
        switch scalar {
        case "&": escaped += "&amp;"
        case "<": escaped += "&lt;"
        case ">": escaped += "&gt;"
        case "\"": escaped += "&quot;"
        case "'": escaped += "&#39;"
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}
