import TestSupport
import Testing

/// Shells that complete commands and flags.
struct CompletionsTests {
    private func install(
        _ arguments: [String],
        in folder: borrowing TemporaryFolder,
        environment: [String: String] = [:]
    ) throws -> Ending {
        let own = [
            "HOME": folder.path, "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "ZDOTDIR": "",
            "BASH_COMPLETION_USER_DIR": "",
        ]
        return try Headwise.run(
            ["completions", "install"] + arguments,
            in: folder,
            environment: own.merging(environment) { $1 }
        )
    }

    @Test func `bash completes after one installation and after a second`() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let ending = try install([], in: folder)
            #expect(ending.kind == .exited(0), ending.summary)
        }
        let script = ".local/share/bash-completion/completions/headwise"
        let shown = try Headwise.runShell("source \(script) && complete -p headwise", in: folder)
        #expect(shown.kind == .exited(0), shown.summary)
        #expect(shown.output.hasPrefix("complete ") && shown.output.hasSuffix(" headwise\n"))
        let words = try Headwise.runShell(
            """
            source \(script); COMP_WORDS=(headwise rep); COMP_CWORD=1; COMP_LINE='headwise rep'
            COMP_POINT=12; _headwise headwise rep headwise; echo "${COMPREPLY[@]}"
            """,
            in: folder
        )
        #expect(words.output.contains("report"), words.summary)
        let live = try Headwise.runShell(
            "source \(script)-live && complete -p headwise-live",
            in: folder
        )
        #expect(live.output.hasSuffix(" headwise-live\n"), live.summary)
        // Without the package bash-completion, .bashrc has one line for each program.
        if try folder.names.contains(".bashrc") {
            let lines = String(decoding: try folder.bytes(".bashrc"), as: UTF8.self)
                .split(separator: "\n")
            #expect(lines.count == 2 && lines[0] != lines[1], "\(lines)")
        }
    }

    /// Words, and what the last of them is completed to.
    @Test(arguments: [
        (["run", "--plane", "co"], "copied"), (["run", "--scoring", "add"], "additive"),
        (["example", "transl"], "translation"), (["weights", "--from", "w.safe"], "w.safetensors"),
        (["report", "rec"], "record.json"), (["history", "resu"], "results"),
        (["run", "--plan", "rec"], "record.json"),
    ])
    func `bash completes values, examples and files`(words: [String], expected: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("w.safetensors", "")
        try folder.write("record.json", "")
        try folder.write("results/a", "")
        let printed = try Headwise.run(["completions", "print", "--shell", "bash"], in: folder)
        try folder.write("script", printed.output)
        let line = (["headwise"] + words).joined(separator: " ")
        let shown = try Headwise.runShell(
            """
            source ./script; COMP_WORDS=(\(line)); COMP_CWORD=\(words.count); COMP_LINE='\(line)'
            COMP_POINT=\(line.count); _headwise headwise \(words.last ?? "") \(words.dropLast().last ?? "")
            echo "${COMPREPLY[@]}"
            """,
            in: folder
        )
        #expect(shown.output.contains(expected), shown.summary)
    }

    @Test(arguments: [
        ("zsh", ".zfunc/_headwise", "#compdef headwise"),
        ("fish", ".config/fish/completions/headwise.fish", "complete -c 'headwise'"),
    ])
    func `zsh and fish find their script`(
        shell: String,
        path: String,
        part: String
    ) throws {
        let folder = try TemporaryFolder()
        try folder.write(".zshrc", "# mine\n")
        let ending = try install(["--shell", shell], in: folder)
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(String(decoding: try folder.bytes(path), as: UTF8.self).contains(part))
        #expect(String(decoding: try folder.bytes(".zshrc"), as: UTF8.self).hasPrefix("# mine\n"))
        let printed = try Headwise.run(["completions", "print", "--shell", shell], in: folder)
        #expect(printed.output.contains(part), printed.summary)
    }

    @Test func `an unknown shell or an impossible home folder is refused`() throws {
        let folder = try TemporaryFolder()
        let other = try install([], in: folder, environment: ["SHELL": "/bin/dash"])
        #expect(other.kind == .exited(64), other.summary)
        expectOneSentence(other, naming: ["/bin/dash", "bash", "zsh", "fish", "--shell"])
        let nowhere = try install([], in: folder, environment: ["HOME": "/proc/none"])
        #expect(nowhere.kind == .exited(40), nowhere.summary)
        expectOneSentence(nowhere, naming: ["/proc/none"])
        let homeless = try install([], in: folder, environment: ["HOME": ""])
        #expect(homeless.kind == .exited(40), homeless.summary)
        expectOneSentence(homeless, naming: ["HOME"])
        #expect(try folder.names.isEmpty)
    }
}
