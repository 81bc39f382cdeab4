import ArgumentParser
import Files
import Measuring
import Plan
import Platform

/// One base case; `run` and `scale` start these themselves.
struct BaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base",
        abstract: "Compute a base case on request; 'run' and 'scale' start these themselves.",
        shouldDisplay: false
    )

    @Option(.whole(1...RunPlan.largestWorkerCount), help: "Compute threads.")
    var threads = 1

    @Option(help: "Processors to pin the threads to, joined by commas.")
    var cpus: String?

    @Option(
        .whole(1...Int32.max),
        help: ArgumentHelp("End when this process ends.", visibility: .hidden)
    )
    var parent: Int32?

    func run() throws {
        let processors = try cpus.map { text throws(ExperimentError) in
            try numbers("--cpus", text)
        }
        for processor in processors ?? [] {
            try require(
                "--cpus",
                processor,
                in: 0...Affinity.largestProcessor,
                remedy: "let 'headwise run' start this process"
            )
        }
        var server = BaseCaseServer(
            threads: threads,
            processors: processors ?? [],
            parent: parent
        )
        try server.serve()
    }
}
