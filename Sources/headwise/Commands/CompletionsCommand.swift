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

    /// The shells that have scripts.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish

        var script: String {
            switch self {
            case .bash: Headwise.completionScript(for: .bash)
            case .zsh: Headwise.completionScript(for: .zsh)
            case .fish: Headwise.completionScript(for: .fish)
            }
        }

        /// Where the shell looks for the scripts of its user.
        func path(_ environment: CompletionFolders) -> String {
            switch self {
            case .bash: "\(environment.bash)/completions/headwise"
            case .zsh: "\(environment.zsh)/.zfunc/_headwise"
            case .fish: "\(environment.fish)/completions/headwise.fish"
            }
        }

        /// The line that a start-up file needs so that the shell finds the script, if any.
        func startUp(_ environment: CompletionFolders, path: String) -> (
            file: String, line: String
        )? {
            switch self {
            case .bash:
                // With the package bash-completion, the shell finds the script by its name.
                environment.hasBashCompletion
                    ? nil : ("\(environment.home)/.bashrc", "source \(shellQuoted(path))")
            case .zsh:
                (
                    "\(environment.zsh)/.zshrc",
                    "fpath=(\(shellQuoted(environment.zsh + "/.zfunc")) $fpath); "
                        + "autoload -Uz compinit && compinit"
                )
            case .fish: nil
            }
        }
    }
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

/// The folders of this user in which shells look.
struct CompletionFolders {
    var home: String
    var bash: String
    var zsh: String
    var fish: String
    var hasBashCompletion: Bool

    init() throws {
        let environment = ProcessInfo.processInfo.environment
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let home = variable("HOME") else {
            throw ExperimentError(
                .environment,
                "HOME",
                "is not set",
                expected: "your home folder, where shells look for completions",
                remedy: "set HOME, or save the output of 'headwise completions print' yourself"
            )
        }
        self.home = home
        bash =
            variable("BASH_COMPLETION_USER_DIR")
            ?? (variable("XDG_DATA_HOME") ?? "\(home)/.local/share") + "/bash-completion"
        zsh = variable("ZDOTDIR") ?? home
        fish = (variable("XDG_CONFIG_HOME") ?? "\(home)/.config") + "/fish"
        hasBashCompletion = [
            "/usr/share/bash-completion/bash_completion", "/etc/bash_completion",
        ].contains { FileManager.default.fileExists(atPath: $0) }
    }
}

/// The text as one word of a shell.
private func shellQuoted(_ text: String) -> String {
    let isPlain = text.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || "/._-".contains($0))
    }
    if isPlain { return text }
    let parts = text.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.joined(separator: "'\\''") + "'"
}
