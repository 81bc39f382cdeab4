import ArgumentParser
import Files
import FoundationEssentials

/// The shells that have scripts.
enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish

    /// Where the shell looks for its user's script of a program.
    func path(_ environment: UserFolders, _ program: String) -> String {
        switch self {
        case .bash: "\(environment.bash)/completions/\(program)"
        case .zsh: "\(environment.zsh)/.zfunc/_\(program)"
        case .fish: "\(environment.fish)/completions/\(program).fish"
        }
    }

    /// The file that the shell reads when it starts.
    func startUpFile(_ environment: UserFolders) -> String {
        switch self {
        case .bash: "\(environment.home)/.bashrc"
        case .zsh: "\(environment.zsh)/.zshrc"
        case .fish: "\(environment.fish)/config.fish"
        }
    }

    /// The line of that file without which the shell does not find the script, if any.
    func completionLine(_ environment: UserFolders, path: String) -> String? {
        switch self {
        case .bash:
            // With the package bash-completion, the shell finds the script by its name.
            environment.hasBashCompletion ? nil : "source \(shellQuoted(path))"
        case .zsh:
            "fpath=(\(shellQuoted(environment.zsh + "/.zfunc")) $fpath); "
                + "autoload -Uz compinit && compinit"
        case .fish: nil
        }
    }

    /// The line that makes `man` look into a folder of pages; an empty part of MANPATH stands for
    /// the system's folders.
    func manualLine(_ folder: String) -> String {
        let folder = shellQuoted(folder)
        return switch self {
        case .bash, .zsh: "export MANPATH=\(folder):$MANPATH"
        case .fish: "set -q MANPATH; or set MANPATH ''; set -gx MANPATH \(folder) $MANPATH"
        }
    }
}

/// The folders of this user in which shells and `man` look.
struct UserFolders {
    var home: String
    /// For what programs install.
    var data: String
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
                expected: "your home folder, where shells look for completions and man for pages",
                remedy: "set HOME, or save the output of 'headwise completions print' and "
                    + "'headwise manual' yourself"
            )
        }
        self.home = home
        data = variable("XDG_DATA_HOME") ?? "\(home)/.local/share"
        bash = variable("BASH_COMPLETION_USER_DIR") ?? "\(data)/bash-completion"
        zsh = variable("ZDOTDIR") ?? home
        fish = (variable("XDG_CONFIG_HOME") ?? "\(home)/.config") + "/fish"
        hasBashCompletion = [
            "/usr/share/bash-completion/bash_completion", "/etc/bash_completion",
        ].contains { FileManager.default.fileExists(atPath: $0) }
    }
}
