import Platform
import Scheduling
import Wire
import Work

/// What the coordinator holds of the trial under way.
struct ActiveTrial {
    var assembly: OutputAssembly
    var endNanoseconds: UInt64?
    var failure: TrialFailure?
    let shards: [Shard]
    var stages: [StageTimes]
    /// When it began; tasks are sent only then.
    var startNanoseconds: UInt64 = 0

    mutating func noteSent(_ shard: Shard) {
        stages[shard.stage].noteSent(at: Clock.nanoseconds - startNanoseconds)
    }

    mutating func noteComputed(_ result: ResultMessage) {
        let stage = shards[result.task.shard].stage
        stages[stage].noteComputed(
            result.computeNanoseconds,
            at: Clock.nanoseconds - startNanoseconds
        )
    }

    mutating func withAssembly(
        _ body: (inout OutputAssembly) -> FaultReason?
    ) -> FaultReason? {
        body(&assembly)
    }
}
