import Mustache
import Report

/// How the template puts a text into the page.
///
/// The library's own escaping looks at characters as people count them: a quotation mark with an
/// accent on it is none to it, and is one to a browser. It lets control characters pass, too.
struct PageText: MustacheContentType {
    static let name = "PAGE"

    func escapeText(_ text: String) -> String { escapedMarkup(text) }
}

/// Text that means only itself within markup and its attributes, and that no browser obeys.
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
