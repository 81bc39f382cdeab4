import ArgumentParser
import Cluster
import Experiment

/// The flags for how a problem is split, carried and measured.
struct ClusterOptions: ParsableArguments {
    @Option(.whole(1...RunPlan.largestWorkerCount), help: "Threads in each worker.")
    var threads: Int?

    @Option(help: "What is cut: batch, head, rows, or auto.")
    var split: String?

    @Option(help: "Who gets a shard: dynamic (whoever is free) or static (decided beforehand).")
    var schedule: String?

    @Option(
        help: """
            How inputs reach workers: resident (there before the clock starts) or inline (sent \
            inside the timed trial).
            """
    )
    var plane: String?

    @Option(help: "ipc (a Unix socket in a private folder) or tcp (loopback).")
    var transport: String?

    @Option(
        help: """
            How outputs come back: shared (in memory that a worker shares with the coordinator), \
            messages (over the transport), or auto. Default: auto, which shares when inputs are \
            resident and the transport is ipc.
            """
    )
    var outputs: String?

    @Option(
        .whole(1...RunPlan.largestCredit),
        help: "Shards a worker may hold: the one it computes and those that wait."
    )
    var credit: Int?

    @Option(
        .whole(1...RunPlan.largestTrialCount),
        help: """
            Timed trials of each configuration, over all replicates. Default: as many as the \
            interval needs or the budget allows.
            """
    )
    var trials: Int?

    @Option(
        .whole(0...RunPlan.largestTrialCount),
        help: "Untimed rounds before them in each replicate. Default: until steady."
    )
    var warmup: Int?

    @Option(
        .number(such: 1),
        help: ArgumentHelp(
            "How narrow the median's interval is to become: ± percent. Default: 1.",
            valueName: "percent"
        )
    )
    var targetInterval: Double?

    @Option(
        .number(such: 15),
        help: ArgumentHelp(
            "Time that warming up and sampling may take together. Default: 15.",
            valueName: "seconds"
        )
    )
    var budget: Double?

    @Option(
        .whole(1...RunPlan.largestReplicateCount),
        help: """
            How often the worker processes are started afresh, since samples of one process are not \
            independent. Default: 3.
            """
    )
    var replicates: Int?

    @Flag(
        help: """
            Change the seed between trials and check that the outputs change, so that a stale \
            output cannot pass.
            """
    )
    var audit = false

    @Flag(
        help: """
            End with exit code 12 where other processes disturbed most trials, so that the figures say \
            nothing about the cluster.
            """
    )
    var requireQuiet = false

    @Option(help: "Force an instruction set: baseline, avx2 or avx512. Default: the best there is.")
    var isa: String?

    @Option(
        help: """
            How much the single-process output is checked against the float64 reference: full, \
            sampled or none. Bit-equality of every element is always checked.
            """
    )
    var verify: String?

    @Option(
        help: ArgumentHelp(
            "Start from a plan, or from the plan inside a record; other flags override it.",
            valueName: "file"
        )
    )
    var plan: String?

    // For tests and demonstrations of how a run treats a faulty worker.
    @Option(
        help: ArgumentHelp(
            """
            ORDINAL:KIND:N, where worker ORDINAL commits die, wedge, corrupt, spoil, skip or stale \
            at its Nth shard, or is slow by N % throughout, or stalls for N % of every 10 ms.
            """,
            visibility: .hidden
        )
    )
    var injectFault: [String] = []
}

extension ClusterOptions {
    /// Sets the given flags.
    func apply(to plan: inout RunPlan) throws {
        if let threads { plan.threads = threads }
        if let split { plan.split = try choice("--split", split) }
        if let schedule { plan.schedule = try choice("--schedule", schedule) }
        if let plane { plan.plane = try choice("--plane", plane) }
        if let transport {
            plan.transport = try choice("--transport", transport)
        }
        if let outputs { plan.outputs = try choice("--outputs", outputs) }
        if let credit { plan.credit = credit }
        if let trials { plan.trials = trials }
        if let warmup { plan.warmup = warmup }
        if let percent = targetInterval { plan.targetInterval = percent / 100 }
        if let seconds = budget { plan.budgetSeconds = seconds }
        if let replicates { plan.replicates = replicates }
        if audit { plan.audit = true }
        if requireQuiet { plan.requireQuiet = true }
        if let isa { plan.instructionSet = try choice("--isa", isa) }
        if let verify { plan.verify = try choice("--verify", verify) }
    }

    /// The faults to inject, by worker ordinal.
    func faults() throws(ExperimentError) -> [Int: String] { try Self.faults(injectFault) }

    static func faults(
        _ texts: [String],
        flag: String = "--inject-fault"
    ) throws(ExperimentError) -> [Int: String] {
        var faults: [Int: String] = [:]
        for text in texts {
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let ordinal = Int(parts[0]),
                InjectedFault(String(parts[1])) != nil
            else {
                throw ExperimentError(
                    .usage,
                    "\(flag) \(text)",
                    "names no fault",
                    expected: "ORDINAL:KIND:N with KIND \(InjectedFault.kinds)",
                    remedy: "write for example \(flag) 0:die:3"
                )
            }
            faults[ordinal] = String(parts[1])
        }
        return faults
    }
}
