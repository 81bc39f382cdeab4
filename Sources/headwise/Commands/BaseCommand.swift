import ArgumentParser
import Measuring
import Plan

/// One base case; `run` and `scale` start these themselves.
struct BaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base",
        abstract: "Compute a base case on request; 'run' and 'scale' start these themselves.",
        shouldDisplay: false
    )

    @Option(.whole(1...RunPlan.largestWorkerCount), help: "Compute threads.")
    var threads = 1

    @OptionGroup var started: StartedOptions

    func run() throws {
        var server = BaseCaseServer(
            threads: threads,
            processors: try started.processors(startedBy: "run"),
            parent: started.parent
        )
        try server.serve()
    }
}
