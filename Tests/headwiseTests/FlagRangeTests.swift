import FoundationEssentials
import TestSupport
import Testing

/// Every flag that takes a whole number, of every command, whoever checks its range.
struct FlagRangeTests {
    /// What a command needs before it looks at a flag.
    private static let needs = [
        "compare": ["a.json", "b.json"], "compare-rates": ["outcomes"], "example": ["video"],
        "report": ["r.json"], "trials": ["--plan=p.json"],
        "worker": ["--connect=ipc:///x", "--token-descriptor=0"],
    ]

    @Test func `a whole number just out of a flag's range is refused`() throws {
        let folder = try TemporaryFolder()
        var flags = try Self.flags(in: folder)
        if !isThorough {
            // Commands share most flags, so each is tried with one of its commands.
            var names: Set<String> = []
            flags = flags.shuffled().filter { names.insert($0.name).inserted }
        }
        let checked = try flags.filter { try Self.check($0, in: folder) }.map(\.name)
        // Else the flags or their ranges were not found. A flag may take numbers in one command and a
        // list in another.
        #expect(checked.contains("--last") && checked.count >= 20, "\(checked)")
    }

    /// Tries the numbers on both sides of the range that a refusal names; false if it names none.
    private static func check(_ flag: Flag, in folder: borrowing TemporaryFolder) throws -> Bool {
        // A flag that takes any text is followed by one that nothing takes.
        let refusal = try run(flag, "x", "--bogus", in: folder).errors
        guard let range = refusal.firstMatch(of: /whole number from (\d+) to (\d+)/),
            let lower = Int128(range.1), let upper = Int128(range.2)
        else { return false }
        for number in [lower - 1, upper + 1] {
            let ending = try run(flag, "\(number)", in: folder)
            #expect(ending.kind == .exited(64), "\(flag): \(ending.summary)")
            // What other programs start answers them on standard output.
            let answer = ending.errors + ending.output
            #expect(answer.contains(flag.name), "\(flag): \(answer)")
            #expect(answer.contains("\(number)"), "\(flag): \(answer)")
        }
        return true
    }

    private static func run(
        _ flag: Flag,
        _ value: String,
        _ last: String...,
        in folder: borrowing TemporaryFolder
    ) throws -> Ending {
        let own = (needs[flag.command] ?? []).filter { !$0.hasPrefix("\(flag.name)=") }
        let words = [flag.command] + own + ["\(flag.name)=\(value)"] + last
        return try Headwise.start(words, in: folder).finish(within: .seconds(60))
    }

    private struct Flag: Equatable {
        var command: String
        var name: String
    }

    /// All flags with a value, of all commands, hidden ones included.
    private static func flags(in folder: borrowing TemporaryFolder) throws -> [Flag] {
        struct Help: Decodable {
            var command: Command
        }
        struct Command: Decodable {
            var commandName: String
            var arguments: [Argument]?
            var subcommands: [Command]?
        }
        struct Argument: Decodable {
            struct Name: Decodable {
                var name: String
            }
            var kind: String
            var preferredName: Name?
        }
        let ending = try Headwise.run(["--experimental-dump-help"], in: folder)
        let help = try JSONDecoder().decode(Help.self, from: Data(ending.outputBytes))
        return (help.command.subcommands ?? []).flatMap { command in
            (command.arguments ?? []).filter { $0.kind == "option" }.compactMap(\.preferredName)
                .map { Flag(command: command.commandName, name: "--\($0.name)") }
        }
    }
}
