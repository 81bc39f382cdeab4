/// A small reader of markup that finds the faults of a page.
struct Markup {
    struct Tag {
        var name: String
        var attributes: [String: String]
    }

    private static let void: Set = ["meta", "br", "img", "link", "input", "hr"]

    var tags: [Tag] = []
    /// Tags that are closed in a wrong order or never.
    var faults: [String] = []

    init(_ text: String) {
        var open: [String] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: "<") {
            guard let end = rest[start...].firstIndex(of: ">") else {
                faults.append("a tag that does not end")
                return
            }
            var inside = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if inside.hasPrefix("!") || inside.hasPrefix("?") { continue }
            if inside.hasPrefix("/") {
                let name = String(inside.dropFirst())
                if open.popLast() != name { faults.append("</\(name)> closes another") }
                continue
            }
            let isClosed = inside.hasSuffix("/")
            if isClosed { inside = inside.dropLast() }
            let tag = Self.tag(inside)
            tags.append(tag)
            if !isClosed && !Self.void.contains(tag.name) { open.append(tag.name) }
            if tag.name == "style", let closing = rest.firstRange(of: "</style>") {
                rest = rest[closing.lowerBound...]
            }
        }
        faults += open.map { "<\($0)> is never closed" }
    }

    private static func tag(_ inside: Substring) -> Tag {
        let name = inside.prefix { !$0.isWhitespace }
        var attributes: [String: String] = [:]
        var rest = inside.dropFirst(name.count)
        while let equals = rest.firstIndex(of: "=") {
            let key = rest[..<equals].filter { !$0.isWhitespace }
            let behind = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
            guard let quote = behind.first, quote == "\"" || quote == "'",
                let end = behind.dropFirst().firstIndex(of: quote)
            else { break }
            attributes[String(key)] = String(behind[behind.index(after: behind.startIndex)..<end])
            rest = behind[behind.index(after: end)...]
        }
        return Tag(name: String(name), attributes: attributes)
    }

    var identifiers: [String] { tags.compactMap { $0.attributes["id"] } }
}
