import ArgumentParser
import Files
import Record

struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print a page of the manual, as 'man' reads it.",
        discussion: """
            'headwise install' puts all pages where 'man' finds them; this command is for reading \
            one without that, and for packages. Examples:
              headwise manual run | man -l -
              headwise manual > headwise.1
            """
    )

    @Argument(
        help: ArgumentHelp(
            "The command of the page, or live for headwise-live. Default: the program.",
            valueName: "command"
        )
    )
    var command: String?

    func run() throws {
        let pages = try ManualPage.all()
        let name = command.map { "headwise-\($0)" } ?? "headwise"
        guard let page = pages.first(where: { $0.name == name }) else {
            throw ExperimentError.unknownValue(
                "manual",
                command ?? "",
                known: pages.dropFirst().map { String($0.name.dropFirst("headwise-".count)) }
            )
        }
        Output.print(page.source, terminator: "")
    }
}

extension ManualPage {
    /// All pages of this program, made today.
    static func all() throws(ExperimentError) -> [ManualPage] {
        try all(
            help: Headwise._dumpHelp(),
            live: LiveProgram()?.help(),
            date: String(UTCTime.now.text.prefix(10)),
            version: Headwise.configuration.version
        )
    }
}
