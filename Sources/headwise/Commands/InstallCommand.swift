import ArgumentParser
import Platform

struct InstallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Install the manual and the shell's completions for this user.",
        discussion: """
            Puts the pages of the manual and the completion script into your home folder, where \
            'man' and your shell look for them, and replaces those of an earlier version. Where \
            they do not look there yet, a line in the shell's start-up file says so. The program \
            itself stays where it is. Example:
              headwise install && man headwise-run
            """
    )

    @Option(help: "bash, zsh or fish. Default: the one that SHELL names.")
    var shell: Shell?

    func run() throws {
        let interruption = try Interruption()
        let shell = try Shell.chosen(shell)
        let folders = try UserFolders()
        let pages = try ManualPage.all()
        // The next steps are done completely: without its line, nothing would be found.
        try interruption.check()
        let manual = ManualFolder(folders)
        let first = try manual.write(pages)
        Output.note("manual: \(first) and \(pages.count - 1) more pages")
        if !manual.isFound {
            try shell.addLine(shell.manualLine(manual.path), folders, for: "manual")
        }
        try shell.installCompletions(folders)
        Output.note("start a new \(shell.rawValue) to use them")
    }
}
