/// A gnuplot picture made fit for a page.
///
/// Its colours become the page's, and parts that only gnuplot needs are removed.
struct VectorPicture: Sendable {
    /// From `<svg` to `</svg>`.
    let markup: String

    /// Nil if the text is not a complete picture.
    ///
    /// `identifier` makes the names in the picture unique: a page holds many pictures, and gnuplot
    /// gives the same names to all. Screen readers read `label` aloud.
    init?(gnuplot text: String, identifier: String, label: String) {
        let lines = text.split(separator: "\n").map { $0.drop { $0 == " " || $0 == "\t" } }
        guard let start = lines.firstIndex(where: { $0.hasPrefix("<svg") }),
            let end = lines.lastIndex(where: { $0.hasPrefix("</svg>") }), start < end
        else { return nil }
        var kept: [String] = []
        var isFilter = false
        var colors: [Substring: String] = [:]
        var run: MarkRun?
        for line in lines[start...end] {
            if run?.take(line) == true { continue }
            if let marks = run { kept.append(marks.markup(Self.pageColor)) }
            run = MarkRun(line)
            if run != nil { continue }
            if let mark = Self.mark(line, identifier: identifier, &colors) {
                kept.append(mark)
                continue
            }
            if line.hasPrefix("<filter") { isFilter = true }
            defer { if line.hasPrefix("</filter>") { isFilter = false } }
            if isFilter || line.hasPrefix("<desc>") || line.hasPrefix("<title>") { continue }
            // A group without content sets a pen that draws nothing.
            if line == "</g>", kept.last?.hasPrefix("<g fill=\"none\"") == true,
                kept.last?.hasSuffix("\">") == true
            {
                kept.removeLast()
                continue
            }
            kept.append(Self.rewritten(line, identifier: identifier))
        }
        guard let opening = kept.firstIndex(where: { $0.hasSuffix(">") }) else { return nil }
        let name = escapedMarkup(label)
        kept[opening] = "role=\"img\" aria-label=\"\(name)\">"
        markup = Self.withoutUnusedMarks(kept).joined(separator: "\n")
    }

    /// gnuplot defines the marks of all curves in every picture; most have none of them.
    private static func withoutUnusedMarks(_ lines: [String]) -> [String] {
        func names(_ line: String, after word: String) -> [Substring] {
            line.split(separator: word, omittingEmptySubsequences: false).dropFirst()
                .map { $0.prefix { $0 != "'" } }
        }
        guard let start = lines.firstIndex(of: "<defs>"),
            let end = lines[start...].firstIndex(of: "</defs>")
        else { return lines }
        var used = Set(lines[end...].flatMap { names($0, after: "href='#") })
        var defined: [String] = []
        // A mark may be made of those above it.
        for line in lines[start + 1..<end].reversed() {
            let own = names(line, after: " id='")
            if !own.isEmpty, used.isDisjoint(with: own) { continue }
            used.formUnion(names(line, after: "href='#"))
            defined.append(line)
        }
        let definitions = defined.isEmpty ? [] : ["<defs>"] + defined.reversed() + ["</defs>"]
        return lines[..<start] + definitions + lines[(end + 1)...]
    }

    /// The picture as a separate file, which also follows the reader's light or dark scheme.
    var standalone: String {
        let style =
            "<style>svg{font-family:sans-serif;color:var(--ink);background:var(--paper);"
            + "\(Palette.lightRules)}"
            + "@media(prefers-color-scheme:dark){svg{\(Palette.darkRules)}}</style>"
        guard let opening = markup.firstIndex(of: ">") else { return markup }
        // A page gives a picture its size; alone it has that of its units.
        let sizes = markup[..<opening].firstRange(of: "viewBox=\"0 0 ").map { start in
            markup[start.upperBound...].prefix { $0 != "\"" }.split(separator: " ")
        }
        let size =
            sizes?.count == 2
            ? zip(["width", "height"], sizes ?? []).map { " \($0)=\"\($1)\"" }.joined() : ""
        let (head, rest) = (markup[..<opening], markup[markup.index(after: opening)...])
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\(head)\(size)>\n\(style)\(rest)\n"
    }

    /// A mark of a curve, of which a picture may have thousands; nil for every other line.
    private static func mark(
        _ line: Substring,
        identifier: String,
        _ colors: inout [Substring: String]
    ) -> String? {
        let parts = line.split(separator: "'", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[0] == "<use xlink:href=", parts[2] == " transform=",
            parts[4] == " color=", parts[1].hasPrefix("#"), parts[5].hasPrefix("rgb(")
        else { return nil }
        let color = colors[parts[5]] ?? colored(String(parts[5]))
        colors[parts[5]] = color
        return "<use xlink:href='#\(identifier)-\(parts[1].dropFirst())' "
            + "transform='\(parts[3])' color='\(color)'/>"
    }

    /// White is what gnuplot draws behind things, and so the page's paper.
    private static func pageColor(_ color: String) -> String {
        color == "white" ? "var(\(Palette.paper.variable))" : colored(color)
    }

    private static func rewritten(_ line: Substring, identifier: String) -> String {
        // Cells of a heat map keep their edges; their bytes are no text.
        if line.hasPrefix("<image ") {
            return "<image style='image-rendering:pixelated' " + line.dropFirst("<image ".count)
        }
        var text = String(line)
        if text.contains("<title>") {
            // gnuplot's own words would appear at the pointer everywhere.
            text = replaced(text, from: "<title>", through: "</title>", by: "")
        }
        text = text.replacing("id=\"gnuplot_", with: "id=\"\(identifier)-")
        text = text.replacing("id='", with: "id='\(identifier)-")
        text = text.replacing("href='#", with: "href='#\(identifier)-")
        text = text.replacing(" font-family=\"sans-serif\"", with: "")
        text = text.replacing("color='white'", with: "color='var(--paper)'")
        return colored(text)
    }

    /// `rgb(  0, 114, 178)` becomes `var(--blue)`.
    private static func colored(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let opening = rest.firstRange(of: "rgb("),
            let closing = rest[opening.upperBound...]
                .firstIndex(of: ")")
        {
            result += rest[..<opening.lowerBound]
            let components = rest[opening.upperBound..<closing].split(separator: ",").map { part in
                Int(part.drop { $0 == " " }) ?? -1
            }
            let color = Palette.allCases.first { $0.components == components }
            result +=
                color.map { "var(\($0.variable),\($0.marker))" }
                ?? String(rest[opening.lowerBound...closing])
            rest = rest[rest.index(after: closing)...]
        }
        return result + rest
    }

    private static func replaced(
        _ text: String,
        from opening: String,
        through closing: String,
        by replacement: String
    ) -> String {
        guard let start = text.firstRange(of: opening),
            let end = text[start.upperBound...].firstRange(of: closing)
        else { return text }
        return text[..<start.lowerBound] + replacement + text[end.upperBound...]
    }
}
