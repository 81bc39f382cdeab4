import Attention
import Cluster
import Measuring
import Platform
import Scheduling
import Work

/// The clusters of the catalogue: started when first needed, and then given case after case.
///
/// A class, since checks share it and add to its notes.
final class CataloguePool {
    private let options: CatalogueOptions
    private let interruption: Interruption
    private var members: [CatalogueSetting: CatalogueMember] = [:]
    /// What happened to workers, and how often.
    private var losses: [String: Int] = [:]
    /// What came to the addresses of the clusters that have ended.
    private(set) var strangers = Strangers()

    init(_ options: CatalogueOptions, interruption: Interruption) {
        self.options = options
        self.interruption = interruption
    }

    /// The cluster of these workers, with all of them alive.
    ///
    /// Its threads are not pinned: nothing is timed, so the scheduler may keep them out of the way of
    /// runs that are.
    func member(_ setting: CatalogueSetting) throws(RunError) -> CatalogueMember {
        if let member = members[setting] {
            if member.isWhole { return member }
            note(member)
            members[setting] = nil
        }
        let member = CatalogueMember(
            try Cluster(
                ClusterConfiguration(
                    workerCount: setting.workers,
                    threads: setting.threads,
                    transport: setting.transport,
                    credit: setting.credit,
                    executable: options.executable,
                    sharesMemory: OutputRoute.available.contains(.shared),
                    faults: options.faults
                ),
                interruption: interruption
            )
        )
        members[setting] = member
        return member
    }

    /// Ends all workers and collects what happened to them.
    package func shutDown() {
        for member in members.values { note(member) }
        members = [:]
    }

    /// Workers that were lost, a sentence for each way of getting lost.
    var notes: [String] {
        losses.sorted { $0.key < $1.key }.map { sentence, count in
            count == 1 ? sentence : "\(sentence) (\(count) times)"
        }
    }

    private func note(_ member: CatalogueMember) {
        for sentence in member.losses { losses[sentence, default: 0] += 1 }
        strangers = strangers + member.strangers
    }
}

/// One cluster of the pool and the inputs its workers hold.
final class CatalogueMember {
    private var cluster: Cluster?
    /// Keeps the inputs in memory: messages in flight may still refer to them.
    private var inputs: CatalogueInputs?
    private var loaded: Loaded?

    private struct Loaded: Equatable {
        var inputs: ObjectIdentifier
        /// Cut or not.
        var problem: AttentionProblem
        package var instructionSet: InstructionSet
        var delivery: CatalogueDelivery
        var outputs: OutputRoute
    }

    init(_ cluster: Cluster) {
        self.cluster = cluster
    }

    // The cluster ends before the memory it looks at.
    deinit { cluster = nil }

    private var live: Cluster {
        guard let cluster else {
            preconditionFailure("a member must have its cluster until its end")
        }
        return cluster
    }

    package var isWhole: Bool { live.liveWorkerCount == live.configuration.workerCount }

    var strangers: Strangers { live.strangers }

    /// What happened to the workers that are gone, a sentence each.
    var losses: [String] {
        live.faults.filter(\.isLoss).map { fault in
            "worker \(fault.ordinal) of \(live.configuration.workerCount) was lost: "
                + "\(fault.reason)"
        }
    }

    /// Gives the workers a case, unless they already have it.
    func load(
        _ entry: CatalogueCase,
        _ inputs: CatalogueInputs,
        _ instructionSet: InstructionSet,
        _ arrangement: CatalogueArrangement
    ) throws(RunError) {
        let wanted = Loaded(
            inputs: ObjectIdentifier(inputs),
            problem: inputs.problem.cut(
                by: arrangement.split,
                workerCount: arrangement.setting.workers
            ),
            instructionSet: instructionSet,
            delivery: arrangement.delivery,
            outputs: arrangement.outputs
        )
        guard wanted != loaded else { return }
        loaded = nil
        let previous = self.inputs
        // Both stay until the new ones are loaded.
        self.inputs = inputs
        defer { withExtendedLifetime(previous) {} }
        try inputs.load(
            ClusterWorkload(
                problem: wanted.problem,
                instructionSets: .one(instructionSet),
                plane: arrangement.delivery.plane,
                source: arrangement.delivery == .generated
                    ? .generated(kind: entry.values, seed: entry.seed) : .external,
                outputs: arrangement.outputs
            ),
            into: live
        )
        loaded = wanted
    }

    /// Computes the loaded case once into `output`; `others` has other tensors for this trial.
    func runTrial(
        _ arrangement: CatalogueArrangement,
        _ kernel: AttentionKernel,
        into output: TrialOutput,
        others: OtherInputs? = nil
    ) throws(RunError) -> TrialReport {
        guard let inputs, let problem = loaded?.problem else {
            preconditionFailure("a trial needs a case")
        }
        output.poison(problem)
        return try unsafe live.runTrial(
            ShardPlan.make(
                problem,
                inputs.view,
                kernel,
                split: arrangement.split,
                schedule: arrangement.schedule,
                workerCount: arrangement.setting.workers
            ),
            output: UnsafeMutableRawPointer(output.floats),
            secondsPerQueryBlock: kernel.secondsPerQueryBlock(problem),
            inputs: others?.tensors ?? [:]
        )
    }
}
