extension EfficiencyLoss {
    /// Says what became of `1 − efficiency`, as fractions of all compute threads' wall time.
    ///
    /// Queue, transfer and merge are what the workers' accounts say. Computing has lost what it
    /// took beyond the base case: the work of one thread, `baseNanoseconds`, is all that efficiency
    /// counts. Idle time is divided trial by trial: what even the busiest worker had of it, all had
    /// (`idle`: nothing to do anywhere, the coordinator at work); what the others had beyond that
    /// they waited for the busiest (`imbalance`). From means over trials instead of trials the
    /// second is underestimated when it is now this worker that ends last and now that one.
    ///
    /// The parts of a trial add up to its wall time exactly; so do means of parts over the same
    /// trials. Those are the middle third of the trials by wall time (`MiddleThird`): the trials
    /// around the median that efficiency is made of. Over all trials, the few that a busy machine
    /// made long would have the parts explain 5 to 15 % more than was lost. `baseNanoseconds` is the
    /// very median that efficiency is made of.
    ///
    /// What is left, between the median wall time and the mean around it and of time that is in no
    /// account, is `unexplained`. It makes the sum exact and may be negative, as may `compute` where
    /// smaller shards fit a cache better.
    static func breakdown(
        efficiency: Double,
        baseNanoseconds: Double,
        workers: Int,
        threadsPerWorker: Int,
        trials: [ScalingMeasurement.TrialParts]
    ) -> [EfficiencyLoss] {
        let trials = MiddleThird.of(trials) { $0.wallNanoseconds }
        let wall = trials.reduce(0) { $0 + $1.wallNanoseconds }
        guard wall > 0 else {
            return [EfficiencyLoss(.unexplained, fraction: 1 - efficiency)]
        }
        // Worker-nanoseconds; a worker's threads share its account, so their number cancels.
        var sums: [Cause: Double] = [:]
        for trial in trials {
            let least = trial.workers.map(\.idleNanoseconds).min() ?? 0
            for worker in trial.workers {
                sums[.compute, default: 0] += worker.computeNanoseconds
                sums[.queue, default: 0] += worker.queueNanoseconds
                sums[.transfer, default: 0] += worker.transferNanoseconds
                sums[.merge, default: 0] += worker.mergeNanoseconds
                sums[.imbalance, default: 0] += worker.idleNanoseconds - least
                sums[.idle, default: 0] += least
            }
        }
        let useful = baseNanoseconds * Double(trials.count) / Double(threadsPerWorker)
        sums[.compute, default: 0] -= useful
        let capacity = wall * Double(workers)
        let explained: [Cause] = [.compute, .queue, .transfer, .merge, .imbalance, .idle]
        let losses = explained.map { EfficiencyLoss($0, fraction: (sums[$0] ?? 0) / capacity) }
        let sum = losses.reduce(0) { $0 + $1.fraction }
        return losses + [EfficiencyLoss(.unexplained, fraction: 1 - efficiency - sum)]
    }
}
