extension EfficiencyLoss {
    /// Breaks down `1 − efficiency` into fractions of all compute threads' wall time.
    ///
    /// Queue, transfer and merge come from the workers' accounts. The compute loss is the compute
    /// time beyond the base case, because efficiency counts only the work of one thread,
    /// `baseNanoseconds`. Idle time is divided trial by trial. The idle time of the busiest worker
    /// is lost by all workers (`idle`: nothing to do anywhere, the coordinator at work). The idle
    /// time of the others beyond that is waiting for the busiest (`imbalance`). If only means over
    /// trials are known, `imbalance` is underestimated when the worker that ends last changes from
    /// trial to trial.
    ///
    /// The parts of a trial add up to its wall time exactly; so do means of parts over the same
    /// trials. The trials used are the middle third by wall time (`MiddleThird`): the trials around
    /// the median, from which efficiency is computed. Over all trials, the few trials that a busy
    /// machine made long would let the parts explain 5 to 15 % more than was lost.
    /// `baseNanoseconds` is the same median that efficiency uses.
    ///
    /// The rest is `unexplained`: the difference between the median wall time and the mean around
    /// it, and time that is in no account. It makes the sum exact and may be negative, as may
    /// `compute` if smaller shards fit a cache better.
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
