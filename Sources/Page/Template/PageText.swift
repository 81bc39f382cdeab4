import Mustache

/// How the template puts a text into the page.
///
/// The library's own escaping looks at characters as people count them: a quotation mark with an
/// accent on it is none to it, and is one to a browser. It lets control characters pass, too.
struct PageText: MustacheContentType {
    static let name = "PAGE"

    func escapeText(_ text: String) -> String { escapedMarkup(text) }
}
