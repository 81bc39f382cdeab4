import ArgumentParser
import Files
import FoundationEssentials

/// The shells that have scripts.
enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

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
