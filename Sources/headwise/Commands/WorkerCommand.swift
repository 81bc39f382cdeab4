import ArgumentParser
import Cluster
import Files
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
            """
    )

    @Option(help: "The coordinator's endpoint, ipc://… or tcp://….")
    var connect: String

    @Option(
        .whole(0...RunPlan.largestWorkerCount),
        help: "The worker's number in the run, from 0."
    )
    var rank = 0

    @Option(
        help: "The descriptor that holds the token. The worker stops when it ends.",
        transform: { try Expectation.whole(0...Int32.max).value(of: $0) }
    )
    var tokenDescriptor: Int32

    @Option(
        help: "The descriptor of the memory from which the coordinator reads outputs.",
        transform: { try Expectation.whole(0...Int32.max).value(of: $0) }
    )
    var outputDescriptor: Int32?

    @Option(.whole(1...Int.max), help: "Compute threads.")
    var threads = 1

    @Option(
        .whole(1...Int.max),
        help: "Shards the worker may hold: the one it computes and those that wait."
    )
    var credit = 2

    @Option(help: "Processors to pin the threads to, joined by commas.")
    var cpus: String?

    @Option(
        .whole(1...Int32.max),
        help: ArgumentHelp("End when this process ends.", visibility: .hidden)
    )
    var parent: Int32?

    @Option(
        help: ArgumentHelp(
            "KIND:N with KIND \(InjectedFault.kinds).",
            visibility: .hidden
        )
    )
    var fault: String?

    func run() throws {
        let processors = try cpus.map { text throws(ExperimentError) in
            try numbers("--cpus", text)
        }
        try require("--rank", "\(rank)", rank, in: 0...RunPlan.largestWorkerCount)
        try require("--threads", "\(threads)", threads, in: 1...RunPlan.largestWorkerCount)
        try require("--credit", "\(credit)", credit, in: 1...RunPlan.largestCredit)
        try require("--token-descriptor", "\(tokenDescriptor)", Int(tokenDescriptor))
        if let outputDescriptor {
            try require("--output-descriptor", "\(outputDescriptor)", Int(outputDescriptor))
        }
        if let parent { try require("--parent", "\(parent)", Int(parent), in: 1...Int(Int32.max)) }
        for processor in processors ?? [] {
            try require("--cpus", cpus ?? "", processor, in: 0...Affinity.largestProcessor)
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
        let worker = try Worker(
            WorkerOptions(
                endpoint: connect,
                rank: rank,
                token: try WorkerOptions.token(from: tokenDescriptor),
                lifeline: tokenDescriptor,
                sharedOutput: outputDescriptor,
                parent: parent,
                threads: threads,
                credit: credit,
                processors: processors ?? [],
                fault: fault.flatMap(InjectedFault.init)
            )
        )
        let ending = try worker.work()
        if ending.code != 0, ending != .parentGone {
            Output.error("worker: \(ending)")
        }
        throw ExitStatusRequest(code: ending.code)
    }

    private func require(
        _ flag: String,
        _ text: String,
        _ value: Int,
        in range: ClosedRange<Int> = 0...Int(Int32.max)
    ) throws(ExperimentError) {
        guard !range.contains(value) else { return }
        throw refusal(
            "\(flag) \(text)",
            "is out of range",
            expected: "\(range.lowerBound) to \(range.upperBound)"
        )
    }

    private func refusal(_ subject: String, _ problem: String, expected: String) -> ExperimentError
    {
        ExperimentError(
            .usage,
            subject,
            problem,
            expected: expected,
            remedy: "let 'headwise run' start the workers"
        )
    }
}
