import ArgumentParser
import Keys
import Plan
import Work

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make the keys by which coordinator and workers know each other.",
        discussion: """
            Example:
              headwise keys new keys --workers 8
            """,
        subcommands: [New.self]
    )

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "new",
            abstract: "Make a folder of new keys, which only you can enter.",
            discussion: """
                The folder has two files for the coordinator and two for each worker: NAME.public, \
                which is no secret, and NAME.secret, which only NAME's machine needs. Each says what \
                it is for. Where all hosts see the folder, nothing is copied. A host that does not \
                see it needs coordinator.public and the secrets of its own workers. Examples:
                  headwise keys new keys
                  headwise keys new keys --workers 64
                """
        )

        @Argument(
            help: ArgumentHelp("The new folder.", valueName: "folder"),
            completion: .directory
        )
        var folder: String

        @Option(
            .whole(1...RunPlan.largestWorkerCount),
            help: "For how many workers. More than a run has do no harm."
        )
        var workers = 16

        func run() throws {
            let fingerprint = try KeyFolder.make(folder, workerCount: workers)
            Output.print(
                "\(folder): keys of a coordinator (fingerprint \(fingerprint)) and "
                    + "\(counted(workers, "worker"))"
            )
        }
    }
}
