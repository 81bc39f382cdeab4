import Files

extension KeptRecord {
    /// The command that made the record, for a shell.
    ///
    /// What it wrote and how it printed is left out: files that are there would be refused.
    package var repeatedCommand: String {
        (["headwise"] + repeatedWords).map(shellQuoted).joined(separator: " ")
    }

    /// Its words after the name of the program.
    package var repeatedWords: [String] {
        var words: [String] = []
        var rest = commandLine.dropFirst()
        while let word = rest.popFirst() {
            let flag = String(word.prefix { $0 != "=" })
            if Self.flagsOfOutput.contains(flag) {
                // The value is the next word, or follows the sign.
                if flag == word { _ = rest.popFirst() }
            } else if word != "--quiet" {
                words.append(word)
            }
        }
        return words
    }

    /// Each has a value.
    private static var flagsOfOutput: Set<String> {
        ["--record", "--report", "--picture", "--format", "--to"]
    }
}
