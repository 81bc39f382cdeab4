import Plan
import Platform
import Statistics

extension Session {
    /// Carries out the schedule's steps until the schedule ends; returns how sampling ended.
    ///
    /// `measured` is called after every timed round, `finished` after the last one, while the workers are
    /// still there.
    func sample(
        _ schedule: inout SamplingSchedule,
        _ progress: ProgressReport,
        measured: (inout SamplingSchedule) -> Void,
        finished: () -> Void = {}
    ) throws(RunError) -> SamplingReport {
        try startReplicate(0) { step in progress(nil) { step } }
        var step = schedule.next()
        while true {
            switch step {
            case .restart(let replicate):
                try endReplicate()
                try startReplicate(replicate) { step in progress(nil) { step } }
                step = schedule.next()
            case .warmup(let replicate):
                progress(schedule.fractionDone) {
                    "replicate \(replicate + 1), warming up"
                }
                step = schedule.next(after: try timedRound(0, isWarmup: true)) { replicateSamples }
            case .measure(let replicate, let round):
                progress(schedule.fractionDone) {
                    "replicate \(replicate + 1), round \(round + 1)"
                }
                let times = try timedRound(round, isWarmup: false)
                step = schedule.next(after: times) { replicateSamples }
                measured(&schedule)
            case .finished(let report):
                // What follows is in no sample, so a worker that is lost then owes no proof.
                try proveRest()
                finished()
                try endReplicate()
                return report
            }
        }
    }

    /// The samples of every configuration, base cases first.
    var replicateSamples: [[ReplicateSample]] {
        baseCaseSamples + pointSamples
    }

    private func timedRound(
        _ round: Int,
        isWarmup: Bool
    ) throws(RunError) -> SamplingSchedule.Round {
        let (start, checks) = (Clock.nanoseconds, checkNanoseconds)
        let times = try measureRound(round, isWarmup: isWarmup)
        // The budget is for trials, not for checking the first of them.
        let elapsed = Clock.nanoseconds - start - (checkNanoseconds - checks)
        try proveSome(afterRound: round)
        return SamplingSchedule.Round(
            configurationNanoseconds: times,
            roundNanoseconds: elapsed
        )
    }
}

extension SamplingSchedule {
    init(_ plan: RunPlan) {
        self.init(
            targetInterval: plan.targetInterval,
            budgetNanoseconds: UInt64(plan.budgetSeconds * 1e9),
            warmup: plan.warmup,
            leastWarmups: plan.arrangement.leastWarmups,
            trials: plan.trials,
            replicates: plan.replicates
        )
    }
}
