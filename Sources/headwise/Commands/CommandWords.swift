import ArgumentParser

/// The words of a command line, examined beside the parser.
struct CommandWords {
    /// Without the program's name.
    let words: [String]

    init(_ words: some Sequence<String>) {
        self.words = Array(words)
    }

    /// The words as the parser understands them.
    ///
    /// The parser takes a negative number for a flag and reports the value of the flag before it as
    /// missing. So the number is joined to the flag: `--trials -3` becomes `--trials=-3`.
    var parsable: [String] {
        var joined: [String] = []
        for (index, word) in words.enumerated() {
            // After this word, nothing is a flag.
            if word == "--" { return joined + words[index...] }
            if let last = joined.last, last.hasPrefix("--"), !last.contains("="),
                Self.isNegativeNumber(word)
            {
                joined[joined.count - 1] = "\(last)=\(word)"
            } else {
                joined.append(word)
            }
        }
        return joined
    }

    /// A number or a list that begins with one.
    private static func isNegativeNumber(_ word: String) -> Bool {
        guard word.hasPrefix("-") else { return false }
        return word.dropFirst().first?.isNumber == true || Double(word) != nil
    }

    /// The first word where a command should be named, if it names none, and what could be there.
    ///
    /// The parser takes such a word for an argument of the default command.
    var unknownCommand: (word: String, known: [String])? {
        var commands = Headwise.configuration.subcommands
        for word in words.first == "help" ? words.dropFirst() : words[...] {
            guard !commands.isEmpty, !word.hasPrefix("-") else { return nil }
            guard let command = commands.first(where: { $0.configuration.commandName == word })
            else {
                let known = commands.map { $0.configuration }.filter(\.shouldDisplay)
                return (word, known.compactMap(\.commandName))
            }
            commands = command.configuration.subcommands
        }
        return nil
    }

    /// The command whose help describes these words, as `headwise help` takes it; empty for the
    /// program itself.
    var command: String {
        var names: [String] = []
        var commands = Headwise.configuration.subcommands
        for word in words {
            guard let command = commands.first(where: { $0.configuration.commandName == word })
            else { break }
            names.append(word)
            commands = command.configuration.subcommands
        }
        return names.joined(separator: " ")
    }
}
