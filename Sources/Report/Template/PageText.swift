import Mustache

/// How the template puts a text into the page.
///
/// The library's own escaping works on whole characters: it does not recognise a quotation mark
/// with an accent on it, but a browser does. It also lets control characters pass.
struct PageText: MustacheContentType {
    static let name = "PAGE"

    func escapeText(_ text: String) -> String { escapedMarkup(text) }
}
