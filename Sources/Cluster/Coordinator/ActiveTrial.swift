import Attention
import Platform
import Scheduling
import Traces
import Wire
import Work

/// What the coordinator holds of the trial under way.
struct ActiveTrial {
    var assembly: OutputAssembly
    var endNanoseconds: UInt64?
    var failure: TrialFailure?
    let shards: [Shard]
    var stages: [StageTimes]
    /// When each step ended, since the trial began.
    private var stepEnds: [UInt64] = []
    /// When it began; tasks are sent only then.
    var startNanoseconds: UInt64 = 0

    /// `outputs` are the whole tensors of the stages, and outlive the trial.
    @unsafe
    init(_ plan: ShardPlan, _ layout: StageLayout, outputs: [UnsafeMutableRawPointer]) {
        assembly = unsafe OutputAssembly(layout, shards: plan.shards, outputs: outputs)
        shards = plan.shards
        stages = [StageTimes](repeating: StageTimes(), count: layout.stages.count)
        // Nothing allocates while the clock runs.
        stepEnds.reserveCapacity(plan.steps.count)
    }

    mutating func noteStepFinished() { stepEnds.append(Clock.nanoseconds - startNanoseconds) }

    /// How long each step took, from the end of the one before; empty where there are none.
    private var stepNanoseconds: [UInt64] { zip(stepEnds, [0] + stepEnds).map { $0 - $1 } }

    /// Notes that a shard is sent, and says where its output belongs.
    mutating func noteSent(_ index: Int, at now: UInt64) -> PackedShard {
        stages[shards[index].stage].noteSent(at: now - startNanoseconds)
        return assembly.shards[index]
    }

    mutating func noteComputed(_ result: ResultMessage) {
        let stage = shards[result.task.shard].stage
        stages[stage].noteComputed(
            result.computeNanoseconds,
            at: Clock.nanoseconds - startNanoseconds
        )
    }

    /// What was measured of a trial that ended, with the use of processors before and in it.
    func report(
        _ number: Int,
        _ end: UInt64,
        _ links: [WorkerLink],
        _ usedBefore: [ProcessorUse],
        _ own: ProcessorUse,
        _ dispatcher: Dispatcher,
        _ pauses: PauseWatch
    ) -> TrialReport {
        let wall = end - startNanoseconds
        let paused = UInt64(pauses.paused / .nanoseconds(1))
        let traces = links.compactMap(\.trace)
        let faults = dispatcher.faults.filter { $0.trial == number }
        return TrialReport(
            wallNanoseconds: wall,
            workers: zip(links, usedBefore).map { $0.times(at: end, wall: wall, since: $1) },
            use: own,
            attempts: dispatcher.ledger.attemptCount,
            duplicates: dispatcher.ledger.duplicateCount,
            contradictions: assembly.contradictionCount,
            stages: stages,
            stepNanoseconds: stepNanoseconds,
            pausedNanoseconds: paused,
            trace: traces.isEmpty
                ? nil
                : TrialTrace(
                    startNanoseconds: startNanoseconds,
                    endNanoseconds: end,
                    pausedNanoseconds: paused,
                    shards: shards,
                    workers: traces,
                    faults: faults.map(TracedFault.init)
                )
        )
    }

    mutating func withAssembly(
        _ body: (inout OutputAssembly) -> FaultReason?
    ) -> FaultReason? {
        body(&assembly)
    }
}

extension TracedFault {
    fileprivate init(_ fault: FaultRecord) {
        self.init(
            worker: fault.ordinal,
            moment: UInt64(fault.time / .nanoseconds(1)),
            reason: "\(fault.reason)"
        )
    }
}

extension WorkerTrace {
    /// The most activities of a trial that are kept, of all workers together.
    private static let mostActivities = 100_000

    /// An empty trace of one of several workers.
    static func empty(of workerCount: Int) -> WorkerTrace {
        WorkerTrace(capacity: max(mostActivities / workerCount, 256))
    }
}
