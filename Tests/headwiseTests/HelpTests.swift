import TestSupport
import Testing

/// The help of every command, and the errors of its flags.
struct HelpTests {
    private struct Command {
        /// The words that call it; none for the program itself.
        var words: [String]
        var discussion: String
        /// The names of the flags that take a value.
        var options: [String]
    }

    /// Every command, shown or hidden, as the program describes itself.
    private func commands(in folder: borrowing TemporaryFolder) throws -> [Command] {
        let ending = try Headwise.run(["--experimental-dump-help"], in: folder)
        try #require(ending.kind == .exited(0), ending.summary)
        let root = try #require(try JSONValue(ending.outputBytes)["command"])
        return commands(root, words: [])
    }

    private func commands(_ value: JSONValue, words: [String]) -> [Command] {
        let options = (value["arguments"]?.list ?? []).compactMap { argument -> String? in
            guard argument["kind"]?.text == "option" else { return nil }
            return argument["names"]?.list?.first { $0["kind"]?.text == "long" }?["name"]?.text
        }
        let command = Command(
            words: words,
            discussion: value["discussion"]?.text ?? "",
            options: options
        )
        let below = (value["subcommands"]?.list ?? []).flatMap { subcommand -> [Command] in
            guard let name = subcommand["commandName"]?.text, name != "help" else { return [] }
            return commands(subcommand, words: words + [name])
        }
        return [command] + below
    }

    @Test func `every example fits a screen of 80 columns`() throws {
        let folder = try TemporaryFolder()
        var examples = 0
        for command in try commands(in: folder) {
            let help = try Headwise.run(
                command.words + ["--help"],
                in: folder,
                environment: ["COLUMNS": "80"]
            )
            #expect(help.kind == .exited(0), help.summary)
            let lines = Set(help.output.split(separator: "\n"))
            for line in command.discussion.split(separator: "\n") where line.hasPrefix("  ") {
                examples += 1
                #expect(line.count <= 78, "\(command.words): \(line)")
                #expect(lines.contains(line), "\(command.words): \(line)")
            }
        }
        #expect(examples > 20)
    }

    @Test func `every flag says which values it expects`() throws {
        let folder = try TemporaryFolder()
        var refusals = 0
        for command in try commands(in: folder) {
            for option in command.options {
                // The unknown flag ends every command that accepts the value.
                let ending = try Headwise.run(
                    command.words + ["--\(option)=x1", "--no-such-flag"],
                    in: folder
                )
                #expect(ending.kind == .exited(64), ending.summary)
                expectOneSentence(ending, naming: [])
                guard ending.errors.contains("is invalid for") else { continue }
                refusals += 1
                expectOneSentence(
                    ending,
                    naming: ["'x1'", "--\(option)", ": expected ", "'headwise "]
                )
                #expect(!ending.errors.contains(".;"), ending.summary)
            }
        }
        // run, scale, verify, kernel and compare alone have about 50 such flags.
        #expect(refusals > 50)
    }

    @Test(arguments: [
        BadInput(
            "run --workers 1,2",
            names: "'1,2'",
            "--workers",
            "1024",
            "headwise scale"
        ),
        BadInput("run --workers abc", names: "'abc'"),
        BadInput(
            "run --length 99999999999999999999",
            names: "9223372036854775807"
        ),
        BadInput("run --seed -1", names: "18446744"),
        BadInput("run --head-dimension 1.5", names: "512"),
        BadInput("run --score-scale x", names: "0.125"),
        BadInput("compare a b --threshold x", names: "2.0"),
        BadInput("kernel --budget x", names: "0.4"),
        BadInput(
            "run --format xml",
            names: "'table'",
            "'json'",
            "'markdown'",
            "'csv'"
        ),
        BadInput("host --format xml", names: "'table'", "'json'"),
        BadInput("run --lenght 3", names: "'--lenght'", "'--length'"),
    ])
    func `the refusal of a value names the expected values`(_ input: BadInput) throws {
        try input.check()
    }

    @Test(arguments: [
        ("verify", "--cases <cases>", "200"), ("kernel", "--budget <seconds>", "0.4"),
        ("compare", "--threshold <threshold>", "2.0"), ("kernel", "--seed <seed>", "1"),
    ])
    func `help names the default of a flag`(command: String, flag: String, number: String) throws {
        let folder = try TemporaryFolder()
        let help = try Headwise.run(["help", command], in: folder)
        let rest = try #require(help.output.split(separator: "  \(flag)").dropFirst().first)
        // Up to the next flag.
        let own = rest.split(separator: "\n  --")[0]
        let numbers = own.split { !$0.isNumber && $0 != "." }.map { String($0) }
        #expect(numbers.contains { $0 == number || $0 == number + "." }, help.summary)
    }
}
