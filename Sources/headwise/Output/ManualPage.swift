import Files
import Tables

/// A page of the manual, for the program `man`: one for the program, one for each command, and one for
/// headwise-live.
///
/// It is made of what the help says, so the two never differ.
struct ManualPage {
    /// `headwise`, `headwise-run`: its file is this with `.1`.
    let name: String
    /// In the macros of man(7), which every `man` can read.
    let source: String

    /// All pages, that of the program first.
    ///
    /// `help` is the parser's description in JSON, `live` that of headwise-live if it is there, and
    /// `date` the day the pages are made, `2025-11-21`.
    static func all(
        help: String,
        live: String?,
        date: String,
        version: String
    ) throws(ExperimentError) -> [ManualPage] {
        let program = try CommandDescription.program(in: help)
        let commands = program.shownCommands
        let live = try live.map { json throws(ExperimentError) in
            try CommandDescription.program(in: json)
        }
        let names =
            ["headwise"] + commands.map { "headwise-\($0.commandName)" }
            + (live.map { [$0.commandName] } ?? [])
        func page(_ command: CommandDescription, _ words: [String]) -> ManualPage {
            let name = words.joined(separator: "-")
            var writer = ManualWriter()
            writer.title([name.uppercased(), "1", date, version, "Headwise manual"])
            writer.add(command, words)
            if words == ["headwise"] { writer.add(programOf: commands) }
            writer.heading("SEE ALSO")
            writer.references(names.filter { $0 != name })
            return ManualPage(name: name, source: writer.text)
        }
        return [page(program, ["headwise"])]
            + commands.map { page($0, ["headwise", $0.commandName]) }
            + (live.map { [page($0, [$0.commandName])] } ?? [])
    }
}

/// The text of a page, in the macros of man(7).
private struct ManualWriter {
    private(set) var text = ""
    /// Whether the next words begin a paragraph.
    private var isBetween = false

    /// The parts of a command's discussion.
    private struct Discussion {
        var paragraphs: [[Line]] = []
        var examples: [String] = []
        var exitCodes: [String] = []

        enum Line {
            case words(String)
            case example(String)
        }

        init(_ text: String) {
            var isExample = false
            for paragraph in text.split(separator: "\n\n") {
                var lines: [Line] = []
                for line in paragraph.split(separator: "\n") {
                    if line.hasPrefix("  ") {
                        if isExample {
                            examples.append(String(line.dropFirst(2)))
                        } else {
                            lines.append(.example(String(line.dropFirst(2))))
                        }
                        continue
                    }
                    var words = String(line)
                    isExample = false
                    for start in ["Examples:", "Example:"] where words.hasSuffix(start) {
                        words = String(words.dropLast(start.count))
                        isExample = true
                    }
                    if words.hasPrefix("Exit codes: ") {
                        exitCodes.append(String(words.dropFirst("Exit codes: ".count)))
                    } else if words.contains(where: { $0 != " " }) {
                        lines.append(.words(words))
                    }
                }
                if !lines.isEmpty { paragraphs.append(lines) }
            }
        }
    }

    mutating func add(_ command: CommandDescription, _ words: [String]) {
        let discussion = Discussion(command.discussion ?? "")
        heading("NAME")
        let abstract = command.abstract ?? ""
        let about = abstract.hasSuffix(".") ? String(abstract.dropLast()) : abstract
        line("\(escaped(words.joined(separator: "-"))) \\- \(escaped(about))")
        heading("SYNOPSIS")
        synopsis(command, words)
        heading("DESCRIPTION")
        for lines in discussion.paragraphs {
            add(lines)
            isBetween = true
        }
        if discussion.paragraphs.isEmpty { prose(abstract) }
        options(command, heading: "OPTIONS")
        if words.count > 1, !command.shownCommands.isEmpty {
            heading("COMMANDS")
            for own in command.shownCommands {
                self.command("SS", [own.commandName])
                prose(own.abstract ?? "")
                for argument in own.shownArguments { option(argument) }
            }
        }
        if !discussion.exitCodes.isEmpty {
            heading("EXIT STATUS")
            for codes in discussion.exitCodes { prose(codes) }
        }
        guard !discussion.examples.isEmpty else { return }
        heading("EXAMPLES")
        literal(discussion.examples)
    }

    /// What only the page of the program has.
    mutating func add(programOf commands: [CommandDescription]) {
        heading("COMMANDS")
        prose("Each command has a page of its own.")
        for own in commands {
            command("TP")
            line("\\fBheadwise\\-\(escaped(own.commandName))\\fR(1)")
            prose(own.abstract ?? "")
        }
    }

    mutating func references(_ names: [String]) {
        for (index, name) in names.enumerated() {
            line("\\fB\(escaped(name))\\fR(1)" + (index < names.count - 1 ? "," : ""))
        }
    }

    private mutating func synopsis(_ command: CommandDescription, _ words: [String]) {
        let name = "\\fB\(escaped(words.joined(separator: " ")))\\fR"
        if words == ["headwise"] {
            return line("\(name) [\\fIcommand\\fR] [\\fIoptions\\fR] [\\fIarguments\\fR]")
        }
        // A group of commands alone does nothing.
        if !command.shownCommands.isEmpty {
            for (index, own) in command.shownCommands.enumerated() {
                if index > 0 { self.command("br") }
                synopsis(own, words + [own.commandName])
            }
            return
        }
        let arguments = command.shownArguments
        let positional = arguments.filter { $0.kind == "positional" }.map { argument in
            let name = "\\fI\(escaped(argument.valueName ?? "value"))\\fR"
            let many = name + (argument.isRepeating ? " ..." : "")
            return argument.isOptional ? "[\(many)]" : many
        }
        let hasOptions = arguments.contains { $0.kind != "positional" }
        let parts = [name] + (hasOptions ? ["[\\fIoptions\\fR]"] : []) + positional
        line(parts.joined(separator: " "))
    }

    private mutating func options(_ command: CommandDescription, heading title: String) {
        heading(title)
        var section: String?
        for argument in command.shownArguments {
            if let title = argument.sectionTitle, title != section {
                self.command("SS", [title])
            }
            section = argument.sectionTitle ?? section
            option(argument)
        }
        guard title == "OPTIONS" else { return }
        if section != nil { self.command("SS", ["Help"]) }
        for (flag, meaning) in [
            ("-h, --help", "Show help."), ("--version", "Show the version."),
        ] {
            self.command("TP")
            line("\\fB\(escaped(flag))\\fR")
            prose(meaning)
        }
    }

    private mutating func option(_ argument: CommandDescription.Argument) {
        command("TP")
        let value = "\\fI\(escaped(argument.valueName ?? "value"))\\fR"
        if argument.kind == "positional" {
            line(value + (argument.isRepeating ? " ..." : ""))
        } else {
            let flags = (argument.names ?? []).sorted { $0.flag.count < $1.flag.count }
                .map { "\\fB\(escaped($0.flag))\\fR" }.joined(separator: ", ")
            line(argument.kind == "option" ? "\(flags) \(value)" : flags)
        }
        let help = argument.abstract ?? ""
        let usual = argument.kind == "option" ? argument.defaultValue : nil
        prose(help + (usual.map { " Default: \($0)." } ?? ""))
    }

    // MARK: Macros

    /// The first macro; then text is set without hyphens, which a reader would copy with a flag.
    mutating func title(_ parts: [String]) {
        text += ".TH " + parts.map { "\"\($0)\"" }.joined(separator: " ") + "\n.nh\n.ad l\n"
    }

    mutating func heading(_ title: String) {
        isBetween = false
        command("SH", [title])
    }

    mutating func command(_ name: String, _ arguments: [String] = []) {
        if name == "TP" || name == "SS" { isBetween = false }
        let quoted = arguments.map { argument in
            "\"\(escaped(argument).replacing("\"", with: "\\(dq"))\""
        }
        text += ([".\(name)"] + quoted).joined(separator: " ") + "\n"
    }

    private mutating func add(_ lines: [Discussion.Line]) {
        var examples: [String] = []
        for line in lines {
            switch line {
            case .example(let example): examples.append(example)
            case .words(let words):
                literal(examples)
                examples = []
                prose(words)
            }
        }
        literal(examples)
    }

    /// Lines as they are.
    private mutating func literal(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        isBetween = !text.hasSuffix(".SH \"EXAMPLES\"\n")
        begin()
        command("nf")
        command("RS", ["4n"])
        for line in lines.flatMap(broken) { self.line(escaped(line)) }
        command("RE")
        command("fi")
        isBetween = true
    }

    /// A command in lines that fit a screen, joined by backslashes, so that it can still be copied.
    private func broken(_ line: String) -> [String] {
        guard line.count > Self.longestLine else { return [line] }
        let start = line.prefix(Self.longestLine - 2)
        // Before a flag, so that it stays with its value; the indent of a broken line is no place.
        let places = start.indices.filter { index in
            start[index...].hasPrefix(" -") && start[..<index].contains { $0 != " " }
        }
        guard let end = places.last else { return [line] }
        return ["\(line[..<end]) \\"] + broken("    " + line[end...].dropFirst())
    }

    /// What 80 columns leave beside the two margins.
    private static let longestLine = 67

    private mutating func begin() {
        if isBetween { command("PP") }
        isBetween = false
    }

    /// Words that are filled again, in lines that editors and lint programs like.
    private mutating func prose(_ words: String) {
        guard !words.isEmpty else { return }
        begin()
        for part in wrapped(words, columns: 66, indent: "").split(separator: "\n") {
            line(escaped(String(part)))
        }
    }

    private mutating func line(_ line: String) {
        // At the start of a line, a dot or a quote begins a macro.
        text += (line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" : "") + line + "\n"
    }

    /// Text in which nothing is an escape; a hyphen stays the sign that a shell reads.
    private func escaped(_ text: String) -> String {
        visible(text).replacing("\\", with: "\\e").replacing("-", with: "\\-")
    }
}
