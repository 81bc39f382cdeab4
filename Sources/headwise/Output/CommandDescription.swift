import Files

/// A command as the parser describes it: what its help says, for the manual.
struct CommandDescription: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            /// `long`, `short` or `longWithSingleDash`.
            var kind: String
            var name: String

            /// `--length`, `-o`.
            var flag: String { (kind == "long" ? "--" : "-") + name }
        }

        /// `positional`, `option` or `flag`.
        var kind: String
        var shouldDisplay: Bool
        var sectionTitle: String?
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var valueName: String?
        var defaultValue: String?
        var abstract: String?
    }

    var commandName: String
    var abstract: String?
    var discussion: String?
    var shouldDisplay: Bool
    var arguments: [Argument]?
    var subcommands: [CommandDescription]?

    /// The program with all its commands, from the parser's description in JSON.
    static func program(in json: String) throws(ExperimentError) -> CommandDescription {
        /// The parser's own frame around the commands.
        struct Frame: Decodable {
            var command: CommandDescription
        }
        return try JSONText.decode(
            Frame.self,
            from: Array(json.utf8),
            source: "the parser's description",
            noun: "description"
        ).command
    }

    var shownArguments: [Argument] {
        // All commands have these two; the manual says so once.
        (arguments ?? []).filter { argument in
            argument.shouldDisplay
                && !(argument.names ?? []).contains { ["help", "version"].contains($0.name) }
        }
    }

    var shownCommands: [CommandDescription] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }
}
