import ArgumentParser
import Cluster
import Files
import Keys
import Plan
import Platform

struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Compute shards for a coordinator; 'run' and 'scale' start these themselves.",
        discussion: """
            A worker reads the run's token from an inherited descriptor, and shows with it that it \
            belongs to the run. It ends when that descriptor ends. A coordinator starts it as:
              headwise worker --connect ipc:///tmp/hw/coordinator --rank 0 \\
                --token-descriptor 3
            Without that descriptor, it shows its key, and ends after 15 s without a connection:
              headwise worker --connect tcp://10.0.0.1:5555 --keys keys --rank 3
            """
    )

    @Option(help: "The coordinator's endpoint, ipc://… or tcp://….")
    var connect: String

    @Option(
        .checkedLater(0...RunPlan.largestWorkerCount),
        help: "The worker's number in the run, from 0. Default: 0, or that of the only key here."
    )
    var rank: Int?

    @Option(
        help: "The descriptor that holds the token. The worker stops when it ends.",
        transform: { try Expectation.checkedLater(0...Int32.max).value(of: $0) }
    )
    var tokenDescriptor: Int32?

    @Option(
        help: ArgumentHelp(
            "The folder of keys with which it connects, from 'headwise keys new'.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var keys: String?

    @Option(
        help: "The descriptor of the memory for outputs that another worker was given before.",
        transform: { try Expectation.checkedLater(0...Int32.max).value(of: $0) }
    )
    var outputDescriptor: Int32?

    @Option(
        help: "The descriptor of the memory in which all outputs are gathered.",
        transform: { try Expectation.checkedLater(0...Int32.max).value(of: $0) }
    )
    var gatheredDescriptor: Int32?

    @Option(
        help: "The descriptor of the memory that holds the inputs.",
        transform: { try Expectation.checkedLater(0...Int32.max).value(of: $0) }
    )
    var inputDescriptor: Int32?

    @Option(.checkedLater(1...Int.max), help: "Compute threads.")
    var threads = 1

    @Option(
        .checkedLater(1...Int.max),
        help: "Shards the worker may hold: the one it computes and those that wait."
    )
    var credit = 2

    @OptionGroup var started: StartedOptions

    @Option(
        help: ArgumentHelp(
            "KIND:N with KIND \(InjectedFault.kinds).",
            visibility: .hidden
        )
    )
    var fault: String?

    func run() throws {
        let processors = try started.processors(startedBy: "run")
        for (flag, value, range) in [
            ("--rank", rank ?? 0, 0...RunPlan.largestWorkerCount),
            ("--threads", threads, 1...RunPlan.largestWorkerCount),
            ("--credit", credit, 1...RunPlan.largestCredit),
            ("--token-descriptor", Int(tokenDescriptor ?? 0), 0...Int(Int32.max)),
            ("--output-descriptor", Int(outputDescriptor ?? 0), 0...Int(Int32.max)),
            ("--gathered-descriptor", Int(gatheredDescriptor ?? 0), 0...Int(Int32.max)),
            ("--input-descriptor", Int(inputDescriptor ?? 0), 0...Int(Int32.max)),
        ] {
            try require(flag, value, in: range, remedy: Self.remedy)
        }
        guard ["ipc://", "tcp://"].contains(where: connect.hasPrefix) else {
            throw refusal(
                "--connect \(connect)",
                "is not an endpoint",
                expected: "ipc://… or tcp://…"
            )
        }
        if let fault, InjectedFault(fault) == nil {
            throw refusal(
                "--fault \(fault)",
                "is not a known fault",
                expected: "KIND:N with KIND \(InjectedFault.kinds)"
            )
        }
        let seat = try findSeat()
        let options = WorkerOptions(
            endpoint: connect,
            rank: seat.rank,
            pass: seat.pass,
            lifeline: tokenDescriptor,
            memory: WorkerMemory(
                output: outputDescriptor,
                gathered: gatheredDescriptor,
                inputs: inputDescriptor
            ),
            parent: started.parent,
            threads: threads,
            credit: credit,
            processors: processors,
            fault: fault.flatMap(InjectedFault.init)
        )
        let ending = try telling { () throws(RunError) in try Worker(options).work() }
        if ending != .parentGone { tell("\(ending)", isError: ending.code != 0) }
        throw ExitStatusRequest(code: ending.code)
    }

    /// Which worker it is, and what it shows to the coordinator: its key, if it has one.
    private func findSeat() throws -> (rank: Int, pass: WorkerPass) {
        // Whoever reads the descriptor afterwards sees its end alone.
        let token = try tokenDescriptor.map(WorkerOptions.token)
        if let keys {
            let folder = KeyFolder(keys)
            return try telling { () throws(RunError) in
                try RunError.environment { () throws(ExperimentError) in
                    let own: Int
                    if let rank { own = rank } else { own = try folder.onlyRank() }
                    return (own, .keys(try folder.workerKeys(rank: own)))
                }
            }
        }
        guard let token else {
            throw refusal(
                "worker",
                "has neither a token nor keys",
                expected: "--token-descriptor N or --keys FOLDER"
            )
        }
        return (rank ?? 0, .token(token))
    }

    /// Does the worker's work; tells why it cannot.
    private func telling<Ending>(_ work: () throws(RunError) -> Ending) throws -> Ending {
        do throws(RunError) {
            return try work()
        } catch {
            tell(error.description, isError: true)
            throw ExitStatusRequest(code: error.exitCode)
        }
    }

    /// Tells the coordinator, which reports it, or else the user.
    private func tell(_ reason: String, isError: Bool) {
        if let tokenDescriptor, ParentProcess.tell(reason, over: tokenDescriptor) { return }
        guard isError else { return }
        Output.error("worker: \(reason)")
    }

    private static let remedy =
        "let 'headwise run' and 'headwise scale' start the workers of this host; on another host, "
        + "give --connect, --keys and --rank"

    private func refusal(_ subject: String, _ problem: String, expected: String) -> ExperimentError
    {
        ExperimentError(
            .usage,
            subject,
            problem,
            expected: expected,
            remedy: Self.remedy
        )
    }
}
