import ArgumentParser
import Files
import FoundationEssentials
import Platform

struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Let the shell complete commands and flags.",
        discussion: """
            This command sets it up, for every shell that starts later; 'headwise install' also \
            installs the manual:
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
            let shell = try Shell.chosen(shell)
            let folders = try UserFolders()
            // The next steps are done completely: without its line, the script would never be
            // found.
            try interruption.check()
            try shell.installCompletions(folders)
            Output.note("start a new \(shell.rawValue) to use them")
        }
    }

    struct Print: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "print",
            abstract: "Print the completion script, so that you can put it elsewhere.",
            discussion: """
                'headwise-live --generate-completion-script bash' prints that of headwise-live.
                """
        )

        @Option(help: "bash, zsh or fish.")
        var shell: Shell

        func run() {
            Output.print(shell.script)
        }
    }
}

extension Shell {
    /// The shell of `--shell`, or else the one that SHELL names.
    static func chosen(_ given: Shell?) throws(ExperimentError) -> Shell {
        if let given { return given }
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

    /// Puts the scripts where the shell finds them, and says so.
    func installCompletions(_ folders: UserFolders) throws(ExperimentError) {
        try install(script, of: "headwise", folders)
        guard let live = LiveProgram() else { return }
        try install(live.completionScript(self), of: LiveProgram.name, folders)
    }

    private func install(
        _ script: String,
        of program: String,
        _ folders: UserFolders
    ) throws(ExperimentError) {
        let path = path(folders, program)
        try TextOutput.renew(path: path).write(script)
        Output.note("completions: \(path)")
        if let line = completionLine(folders, path: path) {
            try addLine(line, folders, for: "completions")
        }
    }

    /// Adds a line to the shell's start-up file, unless it is there.
    func addLine(
        _ line: String,
        _ folders: UserFolders,
        for subject: String
    ) throws(ExperimentError) {
        let file = startUpFile(folders)
        if self == .fish { _ = try TextOutput.renew(path: file) }
        guard try TextOutput.add(line: line, to: file) else { return }
        Output.note("\(subject): \(file) now holds '\(line)'")
    }

    fileprivate var script: String {
        switch self {
        case .bash: Headwise.completionScript(for: .bash)
        case .zsh: Headwise.completionScript(for: .zsh)
        case .fish: Headwise.completionScript(for: .fish)
        }
    }
}
