import ArgumentParser
import Files
import FoundationEssentials
import Platform
import Report

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Let the shell complete commands and flags.",
        discussion: """
            This command sets it up, for every shell that starts later:
              headwise completions install
            """,
        subcommands: [Install.self, Print.self]
    )
}

extension CompletionsCommand {
    struct Install: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "install",
            abstract: "Put the completion script where the shell finds it."
        )

        @Option(help: "bash, zsh or fish. Default: the one that SHELL names.")
        var shell: Shell?

        func run() throws {
            let interruption = try Interruption()
            let shell = try self.shell ?? named()
            let folders = try CompletionFolders()
            let path = shell.path(folders)
            let script = shell.script
            // The next steps are done completely: without its line, the script would never be
            // found.
            try interruption.check()
            try TextOutput.renew(path: path).write(script)
            Output.note("completions: \(path)")
            if let (file, line) = shell.startUp(folders, path: path),
                try TextOutput.add(line: line, to: file)
            {
                Output.note("completions: \(file) now holds '\(line)'")
            }
            Output.note("start a new \(shell.rawValue) to use them")
        }

        private func named() throws -> Shell {
            let path = ProcessInfo.processInfo.environment["SHELL"] ?? ""
            let name = path.split(separator: "/").last.map(String.init) ?? ""
            if let shell = Shell(rawValue: name) { return shell }
            throw ExperimentError(
                .usage,
                "SHELL=\(path)",
                "is not a shell that headwise has completions for",
                expected: Shell.allCases.map(\.rawValue).joined(separator: ", "),
                remedy: "give one with --shell"
            )
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "print",
            abstract: "Print the completion script, so that you can put it elsewhere."
        )

        @Option(help: "bash, zsh or fish.")
        var shell: Shell

        func run() {
            Output.print(shell.script)
        }
    }
}

extension Shell {
    fileprivate var script: String {
        switch self {
        case .bash: Headwise.completionScript(for: .bash)
        case .zsh: Headwise.completionScript(for: .zsh)
        case .fish: Headwise.completionScript(for: .fish)
        }
    }
}
