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
            A worker of this machine reads the run's token from an inherited descriptor, and shows with \
            it that it belongs to the run. It ends when that descriptor ends. A coordinator starts it as:
              headwise worker --connect ipc:///tmp/hw/coordinator --rank 0 \\
                --token-descriptor 3
            A worker that another program starts (run --launch) finds all it needs in a folder, which \
            --join or HEADWISE_JOIN names, or connects with its key:
              headwise worker --connect tcp://10.0.0.1:5555 --keys keys
            Its rank is that of --rank, HEADWISE_RANK, Open MPI, PMIx or a Slurm step, in this order, \
            else that of the only key here, or the coordinator gives it one. With a folder it ends with \
            its connection, with a key 15 s later.
            """
    )

    @Option(help: "The coordinator's endpoint, ipc://… or tcp://….")
    var connect: String?

    @Option(
        help: ArgumentHelp(
            "The folder that holds what a worker needs to join a run. Default: that of HEADWISE_JOIN.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var join: String?

    @Option(
        .checkedLater(0...RunPlan.largestWorkerCount),
        help: "The worker's number in the run, from 0. Default: what started the worker says."
    )
    var rank: Int?

    @Option(
        .checkedLater(1...RunPlan.largestWorkerCount),
        help: """
            Workers of this process, with the ranks from --rank on. Several only answer emulated tasks. \
            Default: 1.
            """
    )
    var workers: Int?

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
        help: """
            The descriptor of the memory for outputs that another worker was given before; of several \
            workers, the first of as many.
            """,
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

    @Option(.checkedLater(1...Int.max), help: "Compute threads. Default: 1, or what the run says.")
    var threads: Int?

    @Option(
        .checkedLater(1...Int.max),
        help: """
            Shards the worker may hold: the one it computes and those that wait. Default: 2, or what the \
            run says.
            """
    )
    var credit: Int?

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
            ("--workers", workers ?? 1, 1...RunPlan.largestWorkerCount),
            ("--threads", threads ?? 1, 1...RunPlan.largestWorkerCount),
            ("--credit", credit ?? 1, 1...RunPlan.largestCredit),
            ("--token-descriptor", Int(tokenDescriptor ?? 0), 0...Int(Int32.max)),
            ("--output-descriptor", Int(outputDescriptor ?? 0), 0...Int(Int32.max)),
            ("--gathered-descriptor", Int(gatheredDescriptor ?? 0), 0...Int(Int32.max)),
            ("--input-descriptor", Int(inputDescriptor ?? 0), 0...Int(Int32.max)),
        ] {
            try require(flag, value, in: range, remedy: Self.remedy)
        }
        if let fault, InjectedFault(fault) == nil {
            throw refusal(
                "--fault \(fault)",
                "is not a known fault",
                expected: "KIND:N with KIND \(InjectedFault.kinds)"
            )
        }
        if let connect {
            guard join == nil else {
                throw refusal(
                    "--connect \(connect)",
                    "contradicts --join",
                    expected: "one of the two"
                )
            }
            guard ["ipc://", "tcp://"].contains(where: connect.hasPrefix) else {
                throw refusal(
                    "--connect \(connect)",
                    "is not an endpoint",
                    expected: "ipc://… or tcp://…"
                )
            }
            if let tokenDescriptor {
                try work(try ownOptions(connect, tokenDescriptor, processors))
            } else {
                try work([try keyedOptions(connect, processors)])
            }
        } else if let folder = join ?? environmentValue("HEADWISE_JOIN") {
            try work([try farOptions(folder, processors)])
        } else {
            throw refusal(
                "a worker",
                "has neither --connect nor --join",
                expected: "--join FOLDER, or HEADWISE_JOIN, for a worker that you start"
            )
        }
    }

    // MARK: Workers that a run starts itself

    /// How the workers of this process are to work, which inherit what they need.
    private func ownOptions(
        _ endpoint: String,
        _ tokenDescriptor: Int32,
        _ processors: [Int]
    ) throws -> [WorkerOptions] {
        // Whoever reads the descriptor afterwards sees its end alone.
        let token = try WorkerOptions.token(from: tokenDescriptor)
        let count = workers ?? 1
        return try (0..<count).map { place in
            let rank = (rank ?? 0) + place
            var options = WorkerOptions(
                endpoint: endpoint,
                rank: rank,
                pass: try keys.map { WorkerPass.keys(try workerKeys($0, rank: rank)) }
                    ?? .token(token),
                lifeline: tokenDescriptor,
                memory: WorkerMemory(
                    output: outputDescriptor.map { $0 + Int32(place) },
                    gathered: gatheredDescriptor,
                    inputs: inputDescriptor
                ),
                parent: started.parent,
                threads: threads ?? 1,
                credit: credit ?? 2,
                processors: processors,
                fault: fault.flatMap(InjectedFault.init)
            )
            options.sharesProcess = count > 1
            return options
        }
    }

    // MARK: Workers that another program starts

    /// How a worker that finds what it needs in a folder is to work; says where its rank comes from.
    private func farOptions(_ folder: String, _ processors: [Int]) throws -> WorkerOptions {
        for (flag, isGiven) in [
            ("--token-descriptor", tokenDescriptor != nil), ("--threads", threads != nil),
            ("--output-descriptor", outputDescriptor != nil), ("--credit", credit != nil),
            ("--gathered-descriptor", gatheredDescriptor != nil), ("--fault", fault != nil),
            ("--input-descriptor", inputDescriptor != nil), ("--parent", started.parent != nil),
            ("--workers", workers != nil),
        ] where isGiven {
            throw ExperimentError(
                .usage,
                flag,
                "has no meaning beside the join folder \(folder)",
                expected: "--rank or --cpus at most",
                remedy: "leave \(flag) out: the run says what all its workers are to do"
            )
        }
        guard keys == nil else {
            throw refusal(
                "--keys",
                "contradicts the join folder \(folder)",
                expected: "one of the two"
            )
        }
        // Before any thread starts: all threads leave the signals to one.
        let interruption = try Interruption()
        let origin = try rankOrigin()
        let options = try WorkerOptions(
            joining: folder,
            rank: origin?.rank,
            processors: processors,
            interruption: interruption
        )
        say(origin)
        return options
    }

    /// How a worker that shows its key is to work; says where its rank comes from.
    private func keyedOptions(_ endpoint: String, _ processors: [Int]) throws -> WorkerOptions {
        guard workers == nil else {
            throw refusal(
                "--workers",
                "needs --token-descriptor",
                expected: "one worker in a process that you start"
            )
        }
        guard let keys else {
            throw refusal(
                "--connect \(endpoint)",
                "has neither a token nor keys",
                expected: "--keys FOLDER"
            )
        }
        // Before any thread starts: all threads leave the signals to one.
        let interruption = try Interruption()
        let origin: (rank: Int, name: String)
        if let given = try rankOrigin() {
            origin = given
        } else {
            let only = try telling { () throws(RunError) in
                try RunError.environment { () throws(ExperimentError) in
                    try KeyFolder(keys).onlyRank()
                }
            }
            origin = (only, "the only key in \(keys)")
        }
        say(origin)
        return WorkerOptions(
            endpoint: endpoint,
            rank: origin.rank,
            pass: .keys(try workerKeys(keys, rank: origin.rank)),
            threads: threads ?? 1,
            credit: credit ?? 2,
            processors: processors,
            fault: fault.flatMap(InjectedFault.init),
            interruption: interruption
        )
    }

    /// The rank that the worker was given, and by what; nil if by nothing.
    private func rankOrigin() throws -> (rank: Int, name: String)? {
        if let rank { return (rank, "--rank") }
        return try GivenRank.find().map { ($0.rank, $0.variable) }
    }

    private func say(_ origin: (rank: Int, name: String)?) {
        let words =
            origin.map { "rank \($0.rank), from \($0.name)" } ?? "the coordinator gives the rank"
        Output.note("headwise: worker: \(words)")
    }

    /// The keys of a worker in a folder.
    private func workerKeys(_ folder: String, rank: Int) throws -> WorkerKeys {
        try telling { () throws(RunError) in
            try RunError.environment { () throws(ExperimentError) in
                try KeyFolder(folder).workerKeys(rank: rank)
            }
        }
    }

    // MARK: Work

    private func work(_ options: [WorkerOptions]) throws {
        let ending = try telling { () throws(RunError) in try WorkerProcess(options).work() }
        if ending != .parentGone { tell("\(ending)", isError: ending.code != 0) }
        throw ExitStatusRequest(code: ending.code)
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
        if isError { Output.error("worker: \(reason)") }
    }

    private static let remedy =
        "let 'headwise run' and 'headwise scale' start their workers; one that you start needs --join "
        + "alone, or --connect and --keys"

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
