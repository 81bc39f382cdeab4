import ArgumentParser
import Attention
import Cluster
import Files
import Plan
import Work

/// The flags for how a problem is split, carried and measured.
struct ClusterOptions: ParsableArguments {
    @Option(.checkedLater(1...RunPlan.largestWorkerCount), help: "Compute threads in each worker.")
    var threads: Int?

    @Option(
        help: """
            What to cut: batch, head, rows, keys (each worker computes states over its spans, which are \
            folded then), ring (each worker holds an early and a late part of the keys, and blocks of rows \
            visit them in order), or auto (headwise chooses, not ring).
            """,
        completion: .names(of: Split.self)
    )
    var split: String?

    @Option(
        help: """
            How shards are cut and who gets them. The next free worker: dynamic (shards shrink by \
            cost, costliest first), guided (they shrink by count, in order), cost (small ones, \
            costliest first). Decided beforehand: static (a stretch of equal cost each), block (of \
            equal count), cyclic (small shards in turn), weighted (a stretch by measured speed). \
            Default: dynamic.
            """,
        completion: .names(of: Schedule.self)
    )
    var schedule: String?

    @Option(
        help: """
            How inputs reach workers: resident (there before the clock starts), inline (sent inside \
            the timed trial), shared (read in memory of the coordinator), copied (into that memory, \
            inside the timed trial) or auto (inline or copied: the faster one, which the run measures \
            first).
            """,
        completion: .names(of: PlaneChoice.self)
    )
    var plane: String?

    @Option(
        help: "The socket under ZeroMQ: ipc (a Unix socket in a private folder) or tcp (loopback).",
        completion: .names(of: Transport.self)
    )
    var transport: String?

    @Option(
        help: ArgumentHelp(
            """
            By which keys coordinator and workers know each other over tcp, where everything is \
            encrypted then: a folder that 'headwise keys new' made, or none.
            """,
            valueName: "folder"
        ),
        completion: .directory
    )
    var keys: String?

    @Option(
        help: ArgumentHelp(
            """
            Where the coordinator listens over tcp: an address of this host, an interface, network \
            (the only one besides loopback) or none (loopback). What other hosts reach takes --keys.
            """,
            valueName: "address"
        )
    )
    var bind: String?

    @Option(
        help: """
            How outputs come back: shared (written to their place in memory that all share), \
            messages (over the transport), or auto (shared if inputs are in shared memory, or \
            resident over ipc, and no ulimit -f or -v is set). Default: auto.
            """,
        completion: .names(of: RunPlan.Outputs.self)
    )
    var outputs: String?

    @Option(
        .checkedLater(1...RunPlan.largestCredit),
        help: "Shards a worker may hold: the one it computes and those that wait."
    )
    var credit: Int?

    @Option(
        help: """
            Processors for the compute threads: auto (each core once before any twice, and last \
            those that another run holds), none (the scheduler decides), or a list such as \
            0,2,4-7, in the order in which threads take them. Default: auto.
            """
    )
    var pin: String?

    @Option(
        help: """
            What workers do with tasks: kernel (compute them), none (nothing: the run measures \
            coordinator, wire and schedule alone), emulate (wait as long as one thread of this \
            machine takes) or emulate:TIME (wait for a time such as 1ms). Without computing, no \
            output is checked, and every table says EMPTY or EMULATED. Default: kernel.
            """
    )
    var compute: String?

    @Option(
        help: ArgumentHelp(
            """
            What starts the workers: local (this program), external (you: the run shows the command and \
            waits), slurm (srun), mpi (Open MPI's mpirun), 'ssh HOSTFILE' (a line for each host, with a \
            count), or a command with {worker} in it, such as 'srun -n {count} {worker}'. With {rank}, it \
            is run once for each worker. Default: local.
            """,
            valueName: "launch"
        )
    )
    var launch: String?

    @Option(
        .checkedLater(1...RunPlan.largestWorkerCount),
        help: """
            Workers that are enough where another program starts them: if fewer than --workers come, the \
            run measures those. Default: all.
            """
    )
    var minWorkers: Int?

    @Option(
        .checkedLater(1...RunPlan.Arrangement.longestJoinSeconds),
        help: ArgumentHelp(
            "How long workers have to come. Default: 20, and 60 where another program starts them.",
            valueName: "seconds"
        )
    )
    var joinDeadline: Int?

    @Option(
        .checkedLater(1...RunPlan.largestTrialCount),
        help: """
            Timed trials of each configuration, over all replicates. Default: enough for \
            --target-interval, if --budget allows.
            """
    )
    var trials: Int?

    @Option(
        .checkedLater(0...RunPlan.largestTrialCount),
        help: "Untimed rounds at the start of each replicate. Default: until times are steady."
    )
    var warmup: Int?

    @Option(
        .number(such: 1),
        help: ArgumentHelp(
            "The wanted 95 % interval of the median, as ± percent. Default: 1.",
            valueName: "percent"
        )
    )
    var targetInterval: Double?

    @Option(
        .number(such: 15),
        help: ArgumentHelp(
            "Time for warm-up and sampling together. Default: 15.",
            valueName: "seconds"
        )
    )
    var budget: Double?

    @Option(
        .checkedLater(1...RunPlan.largestReplicateCount),
        help: """
            How often all processes start afresh: samples of one process are not independent. \
            Default: 3.
            """
    )
    var replicates: Int?

    @Flag(
        help: """
            Change the seed before every round and check that the output changes, so that no \
            output kept from an earlier trial can pass.
            """
    )
    var audit = false

    @Flag(
        help: """
            End with exit code 12 if other processes disturbed most trials: the figures then say \
            nothing about the cluster.
            """
    )
    var requireQuiet = false

    @Option(
        help: """
            The instruction set: baseline, avx2 or avx512; several joined by commas, for the workers in \
            turn; or own, which is the best that each worker's machine and this one have. \
            Default: the best of this machine, for all.
            """,
        completion: .list(InstructionSetChoice.names)
    )
    var isa: String?

    @Option(
        help: """
            Which rows of the single process's output are compared with the float64 reference: \
            full (all), sampled or none. The bits of every element are always compared.
            """,
        completion: .names(of: VerificationMode.self)
    )
    var verify: String?

    @Option(
        help: ArgumentHelp(
            """
            Start from a plan, or from the plan inside a record, without its --output and \
            --weights. Other flags override it: the word none removes an --input, --layer, --module, \
            --linformer, --embedding, --alibi, --soft-cap or --score-scale, and another \
            --operation takes away what it does not read.
            """,
            valueName: "file"
        ),
        completion: .file()
    )
    var plan: String?

    // For tests and demonstrations of how a run treats a faulty worker.
    @Option(
        help: ArgumentHelp(
            """
            ORDINAL:KIND:N. Worker ORDINAL does KIND (die, wedge, corrupt, spoil, skip or stale) \
            at its Nth shard, or always computes N % longer (slow), or stops for N % of every \
            10 ms (stall).
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
        if let keys { plan.keys = unlessNone(keys) }
        if let bind { plan.bind = unlessNone(bind) }
        if let outputs { plan.outputs = try choice("--outputs", outputs) }
        if let credit { plan.credit = credit }
        if let pin { plan.pin = try PinSpecification(pin) }
        if let launch { plan.launch = try Launch(flag: launch) }
        if let minWorkers { plan.minWorkers = minWorkers }
        if let joinDeadline { plan.joinDeadline = joinDeadline }
        if let compute { try apply(ComputeSpecification(compute), to: &plan) }
        if let trials { plan.trials = trials }
        if let warmup { plan.warmup = warmup }
        if let percent = targetInterval { plan.targetInterval = percent / 100 }
        if let seconds = budget { plan.budgetSeconds = seconds }
        if let replicates { plan.replicates = replicates }
        if audit { plan.audit = true }
        if requireQuiet { plan.requireQuiet = true }
        if let isa { plan.instructionSet = try InstructionSetChoice(flag: isa) }
        if let verify { plan.verify = try choice("--verify", verify) }
    }

    /// Outputs are checked where they are computed.
    private func apply(_ compute: ComputeSpecification, to plan: inout RunPlan) {
        if (plan.compute == .kernel) != (compute == .kernel) {
            plan.verify = compute == .kernel ? RunPlan().verify : .none
        }
        plan.compute = compute
    }

    /// The faults to inject, by worker ordinal, in a plan.
    func faults(_ plan: RunPlan) throws(ExperimentError) -> [Int: String] {
        let faults = try Self.faults(injectFault)
        let most = plan.workers.max() ?? 0
        for (ordinal, text) in faults
        where plan.compute != .kernel && InjectedFault(text)?.needsComputing == true {
            throw ExperimentError(
                .usage,
                "--inject-fault \(ordinal):\(text)",
                "has no effect with --compute \(plan.compute), whose outputs nobody computes",
                expected: "die, wedge, slow, stall or late",
                remedy: "use one of these, or leave --compute out"
            )
        }
        if let (ordinal, text) = faults.first, !plan.launch.isLocal {
            throw ExperimentError(
                .usage,
                "--inject-fault \(ordinal):\(text)",
                "cannot reach workers that another program starts",
                expected: "--launch local",
                remedy: "leave one of the two out"
            )
        }
        for (ordinal, text) in faults where !(0..<most).contains(ordinal) {
            throw ExperimentError(
                .usage,
                "--inject-fault \(ordinal):\(text)",
                "names a worker that no worker count has",
                expected: most == 1 ? "0" : "an ordinal from 0 to \(most - 1)",
                remedy: "use one of these"
            )
        }
        return faults
    }

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
                    "is not a known fault",
                    expected: "ORDINAL:KIND:N with KIND \(InjectedFault.kinds)",
                    remedy: "write for example \(flag) 0:die:3"
                )
            }
            faults[ordinal] = String(parts[1])
        }
        return faults
    }
}
