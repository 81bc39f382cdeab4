import Measuring
import Platform
import Statistics
import Tables

extension Session {
    /// Carries out the schedule's steps until the schedule ends; returns how sampling ended.
    ///
    /// `measured` is called after every timed round.
    func sample(
        _ schedule: inout SamplingSchedule,
        progress: ProgressLine,
        measured: (inout SamplingSchedule) -> Void
    ) throws(ClusterError) -> SamplingReport {
        try startReplicate(0) { step in progress.show { step } }
        var step = schedule.next()
        while true {
            switch step {
            case .restart(let replicate):
                try endReplicate()
                try startReplicate(replicate) { step in progress.show { step } }
                step = schedule.next()
            case .warmup(let replicate):
                progress.show(fraction: schedule.fractionDone) {
                    "replicate \(replicate + 1), warming up"
                }
                step = schedule.next(after: try timedRound(0, isWarmup: true))
            case .measure(let replicate, let round):
                progress.show(fraction: schedule.fractionDone) {
                    "replicate \(replicate + 1), round \(round + 1)"
                }
                step = schedule.next(after: try timedRound(round, isWarmup: false))
                measured(&schedule)
            case .finished(let report):
                try endReplicate()
                return report
            }
        }
    }

    private func timedRound(
        _ round: Int,
        isWarmup: Bool
    ) throws(ClusterError) -> SamplingSchedule.Round {
        let start = Clock.nanoseconds
        let times = try measureRound(round, isWarmup: isWarmup)
        let elapsed = Clock.nanoseconds - start
        try proveSome(afterRound: round)
        return SamplingSchedule.Round(
            configurationNanoseconds: times,
            roundNanoseconds: elapsed
        )
    }
}
