#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Whether and how words are emphasised, and how wide the text may be.
package struct Style: Hashable, Sendable {
    package var isColored: Bool
    /// The width of paragraphs, up to a readable limit, and on a terminal that of tables.
    package var columns = Terminal.standardColumns
    /// Whether tables must fit into `columns`, as on a terminal.
    ///
    /// A table that is too wide then leaves out its least important columns and cuts words. A file
    /// or a pipe gets the whole table.
    package var isNarrowing = false
    /// Whether letters beyond ASCII are shown; without, shades of ASCII take the place of bars.
    package var isUnicode = true

    /// The colours of pictures; words need fewer.
    package var colorDepth = ColorDepth.none

    package enum Emphasis: Hashable, Sendable {
        case none
        case strong
        case good
        case bad
    }

    package init(isColored: Bool) {
        self.isColored = isColored
    }

    /// Colour is for people at a terminal who have not declined it: `NO_COLOR` with any value but
    /// the empty one, or a terminal that calls itself dumb.
    package init(isTerminal: Bool, environment: (String) -> String?) {
        isColored =
            isTerminal && (environment("NO_COLOR") ?? "").isEmpty && environment("TERM") != "dumb"
        // A file is UTF-8 whatever the terminal is.
        isUnicode = !isTerminal || Self.isUnicode(environment)
        guard isColored else { return }
        if ["truecolor", "24bit"].contains(environment("COLORTERM")) {
            colorDepth = .full
        } else if environment("TERM")?.contains("256color") == true {
            colorDepth = .cube
        }
    }

    /// Whether the locale's encoding is UTF-8; the first of its variables that is set decides.
    ///
    /// Without any, a terminal of today shows UTF-8 all the same.
    private static func isUnicode(_ environment: (String) -> String?) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap(environment).first { !$0.isEmpty }
        guard let locale = locale?.lowercased() else { return true }
        return locale.contains("utf-8") || locale.contains("utf8")
    }

    package static let plain = Style(isColored: false)

    /// The style of standard output.
    package static var standardOutput: Style {
        var style = Style(isTerminal: isatty(STDOUT_FILENO) == 1, environment: environmentVariable)
        if let width = Terminal.width(of: STDOUT_FILENO) {
            style.columns = width
            style.isNarrowing = true
        }
        return style
    }

    /// Lines longer than a hundred letters are hard to read.
    var textColumns: Int { min(columns, 100) }

    package func apply(_ emphasis: Emphasis, to text: String) -> String {
        guard isColored, emphasis != .none, !text.isEmpty else { return text }
        return "\u{1B}[\(Self.code(emphasis))m\(text)\u{1B}[0m"
    }

    private static func code(_ emphasis: Emphasis) -> String {
        switch emphasis {
        case .none: "0"
        case .strong: "1"
        case .good: "32"
        case .bad: "1;31"
        }
    }
}

/// The value of an environment variable; nil when it is not set.
func environmentVariable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}
