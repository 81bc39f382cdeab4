import FoundationEssentials
import TestSupport
import Testing

/// The pages that `man` shows, and the command that installs them.
struct ManualTests {
    private func run(
        _ arguments: [String],
        in folder: borrowing TemporaryFolder,
        environment: [String: String] = [:]
    ) throws -> Ending {
        let own = [
            "HOME": folder.path, "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": "", "ZDOTDIR": "",
            "BASH_COMPLETION_USER_DIR": "", "MANPATH": "",
        ]
        return try Headwise.run(
            arguments,
            in: folder,
            environment: own.merging(environment) { $1 }
        )
    }

    /// The commands that the program shows.
    private func commands(in folder: borrowing TemporaryFolder) throws -> [JSONValue] {
        let ending = try Headwise.run(["--experimental-dump-help"], in: folder)
        let root = try #require(try JSONValue(ending.outputBytes)["command"])
        return (root["subcommands"]?.list ?? []).filter {
            $0["shouldDisplay"] == .boolean(true) && $0["commandName"] != .text("help")
        }
    }

    @Test func `one command installs a page for every command, and the completions`() throws {
        let folder = try TemporaryFolder()
        for _ in 0..<2 {
            let ending = try run(["install"], in: folder)
            #expect(ending.kind == .exited(0), ending.summary)
        }
        let pages = try TemporaryFolder.names(in: folder.file(".local/share/man/man1"))
        let names = try commands(in: folder).compactMap { $0["commandName"]?.text }
        #expect(names.count > 10)
        let expected = ["headwise.1", "headwise-live.1"] + names.map { "headwise-\($0).1" }
        #expect(Set(pages) == Set(expected))
        let script = ".local/share/bash-completion/completions/headwise"
        #expect(try !folder.bytes(script).isEmpty)
        // The line that man needs is there once.
        let lines = String(decoding: try folder.bytes(".bashrc"), as: UTF8.self)
            .split(separator: "\n").filter { $0.contains("MANPATH") }
        #expect(lines.count == 1, "\(lines)")
        let found = try Headwise.runShell(
            "source .bashrc; echo \"$MANPATH\"",
            in: folder,
            environment: ["HOME": folder.path, "MANPATH": "/mine"]
        )
        #expect(found.output.contains("\(folder.path)/.local/share/man:/mine\n"), found.summary)
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `a shell gets no line where man looks there already`(_ shell: String) throws {
        let folder = try TemporaryFolder()
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        for environment in [
            ["PATH": "\(path):\(folder.path)/.local/bin"],
            ["MANPATH": "/usr/share/man:\(folder.path)/.local/share/man"],
        ] {
            let ending = try run(
                ["install", "--shell", shell],
                in: folder,
                environment: environment
            )
            #expect(ending.kind == .exited(0), ending.summary)
            #expect(!ending.errors.contains("export MANPATH"), ending.summary)
            #expect(!ending.errors.contains("set -gx MANPATH"), ending.summary)
        }
        let other = try run(["install", "--shell", shell], in: folder)
        #expect(other.errors.contains("MANPATH"), other.summary)
    }

    @Test func `XDG_DATA_HOME moves the pages`() throws {
        let folder = try TemporaryFolder()
        let ending = try run(
            ["install"],
            in: folder,
            environment: ["XDG_DATA_HOME": folder.file("data")]
        )
        #expect(ending.kind == .exited(0), ending.summary)
        #expect(try !folder.bytes("data/man/man1/headwise-run.1").isEmpty)
    }

    @Test func `every flag and value is on the page of its command`() throws {
        let folder = try TemporaryFolder()
        for command in try commands(in: folder) {
            let name = try #require(command["commandName"]?.text)
            let page = try run(["manual", name], in: folder)
            #expect(page.kind == .exited(0), page.summary)
            for argument in command["arguments"]?.list ?? []
            where argument["shouldDisplay"] == .boolean(true) {
                for flag in argument["names"]?.list ?? []
                where flag["kind"] == .text("long") {
                    let escaped = (flag["name"]?.text ?? "").replacing("-", with: "\\-")
                    #expect(page.output.contains("\\-\\-\(escaped)"), "\(name): \(escaped)")
                }
            }
            // Hidden flags are for tests.
            #expect(!page.output.contains("inject\\-fault"), "\(name)")
        }
    }

    /// The path of groff, which the program man needs.
    private static let formatter = ["/usr/bin/groff", "/usr/local/bin/groff"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(.enabled(if: formatter != nil))
    func `pages are formatted without a complaint and fit 80 columns`() throws {
        let formatter = try #require(Self.formatter)
        let folder = try TemporaryFolder()
        let names = try commands(in: folder).compactMap { $0["commandName"]?.text }
        for name in names + ["", "live"] {
            let page = try Headwise.runShell(
                "headwise manual \(name) | \(formatter) -man -Kutf8 -Tutf8 -ww -rLL=78n -P-cbou",
                in: folder
            )
            #expect(page.kind == .exited(0), page.summary)
            #expect(page.errors.isEmpty, page.summary)
            for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SEE ALSO"] {
                #expect(page.output.contains("\n\(heading)\n"), page.summary)
            }
            let lines = page.output.split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= 80 }, "\(name)")
            // An escape that is none would be printed.
            for escape in ["\\f", "\\-", "\\&", "\\e"] {
                #expect(!page.output.contains(escape), "\(name): \(escape)")
            }
        }
    }

    @Test func `what completions refuse, install refuses, too, and leaves nothing`() throws {
        let folder = try TemporaryFolder()
        let other = try run(["install"], in: folder, environment: ["SHELL": "/bin/dash"])
        #expect(other.kind == .exited(64), other.summary)
        expectOneSentence(other, naming: ["/bin/dash", "bash", "zsh", "fish", "--shell"])
        let homeless = try run(["install"], in: folder, environment: ["HOME": ""])
        #expect(homeless.kind == .exited(40), homeless.summary)
        expectOneSentence(homeless, naming: ["HOME"])
        let nowhere = try run(["install"], in: folder, environment: ["HOME": "/proc/none"])
        #expect(nowhere.kind == .exited(40), nowhere.summary)
        expectOneSentence(nowhere, naming: ["/proc/none"])
        let unknown = try run(["manual", "walk"], in: folder)
        #expect(unknown.kind == .exited(64), unknown.summary)
        expectOneSentence(unknown, naming: ["walk", "run", "scale"])
        #expect(try folder.names.isEmpty)
    }
}
