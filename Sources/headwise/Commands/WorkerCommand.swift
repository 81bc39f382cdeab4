import ArgumentParser
import Cluster
import Experiment

struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Compute shards for a coordinator; 'run' and 'scale' start these themselves.",
        discussion: """
            A worker proves with the run's token, which it reads from an inherited descriptor, that \
            it belongs to the run, and ends when that descriptor does. Started by a coordinator as:
              headwise worker --connect ipc:///tmp/hw/coordinator --token-descriptor 3
            """
    )

    @Option(help: "The coordinator's endpoint, ipc://… or tcp://….")
    var connect: String

    @Option(
        help: "The descriptor that holds the token and whose end means: stop.",
        transform: { try Expectation.whole(0...Int32.max).value(of: $0) }
    )
    var tokenDescriptor: Int32

    @Option(.whole(1...Int.max), help: "Compute threads.")
    var threads = 1

    @Option(.whole(1...Int.max), help: "Shards held at a time.")
    var credit = 2

    @Option(help: "Processors to pin to, joined by commas.")
    var cpus: String?

    @Option(
        .whole(1...Int32.max),
        help: ArgumentHelp("The process to end with.", visibility: .hidden)
    )
    var parent: Int32?

    @Option(
        help: ArgumentHelp(
            "die:N, wedge:N, corrupt:N, stale:N or slow:PERCENT.",
            visibility: .hidden
        )
    )
    var fault: String?

    func run() throws {
        guard threads >= 1, credit >= 1, tokenDescriptor >= 0 else {
            throw ExperimentError(
                .usage,
                "--threads \(threads) --credit \(credit) --token-descriptor \(tokenDescriptor)",
                "is out of range",
                expected: "threads and credit of at least 1, a descriptor of at least 0",
                remedy: "let 'headwise run' start the workers"
            )
        }
        let worker = try Worker(
            WorkerOptions(
                endpoint: connect,
                token: try WorkerOptions.token(from: tokenDescriptor),
                lifeline: tokenDescriptor,
                parent: parent,
                threads: threads,
                credit: credit,
                processors: try cpus.map { text throws(ExperimentError) in
                    try numbers("--cpus", text)
                } ?? [],
                fault: fault.flatMap(InjectedFault.init)
            )
        )
        let ending = try worker.work()
        if ending.code != 0, ending != .parentGone {
            Output.error("worker: \(ending)")
        }
        throw ExitStatusRequest(code: Int32(ending.code))
    }
}
