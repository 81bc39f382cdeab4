/// How many warm-ups and trials a measurement takes, and the time after which it stops early.
package struct BudgetedSampling: Hashable, Sendable {
    /// Runs that are not kept: they fault in memory, fill caches and raise the clock.
    package var warmups: Int
    package var trials: Int
    /// As many trials are taken even when the budget is spent.
    package var minimumTrials: Int
    /// From the first warm-up on; nil for as long as it takes.
    package var budgetNanoseconds: UInt64?

    package init(
        warmups: Int,
        trials: Int,
        minimumTrials: Int = 1,
        budgetNanoseconds: UInt64? = nil
    ) {
        precondition(warmups >= 0 && trials >= 1, "a measurement takes at least one trial")
        self.warmups = warmups
        self.trials = trials
        self.minimumTrials = min(max(minimumTrials, 1), trials)
        self.budgetNanoseconds = budgetNanoseconds
    }

    /// Runs `body` for every warm-up and trial and keeps what the trials return.
    ///
    /// `body` gets the number of the trial, from 0, or nil in a warm-up. A trial that would end
    /// past the budget, judged by the longest so far, is not begun.
    package func collect<Sample, Failure: Error>(
        now: () -> UInt64 = { Clock.nanoseconds },
        _ body: (_ trial: Int?) throws(Failure) -> Sample
    ) throws(Failure) -> [Sample] {
        let started = now()
        for _ in 0..<warmups { _ = try body(nil) }
        var samples: [Sample] = []
        samples.reserveCapacity(trials)
        var longest: UInt64 = 0
        while samples.count < trials {
            let before = now()
            if let budgetNanoseconds, samples.count >= minimumTrials,
                before - started + longest > budgetNanoseconds
            {
                break
            }
            samples.append(try body(samples.count))
            longest = max(longest, now() - before)
        }
        return samples
    }

    /// The times of the trials, each from the call of `body` to its return.
    package func nanoseconds<Failure: Error>(
        now: () -> UInt64 = { Clock.nanoseconds },
        _ body: (_ trial: Int?) throws(Failure) -> Void
    ) throws(Failure) -> [UInt64] {
        try collect(now: now) { (trial: Int?) throws(Failure) -> UInt64 in
            let before = now()
            try body(trial)
            return now() - before
        }
    }
}
