/// How the samples of a measurement came about: when warming up ended, and why sampling did.
package struct SamplingReport: Hashable, Sendable, Codable {
    package enum WarmupEnd: String, Codable, Sendable, CaseIterable {
        /// The trials had become steady.
        case steady
        /// The share of the budget for warming up was spent before they were.
        case budget
        /// So many rounds were asked for.
        case fixed
    }

    package enum End: String, Codable, Sendable, CaseIterable {
        /// Every configuration's interval was as narrow as asked.
        case interval
        /// The time was spent before.
        case budget
        /// All replicates had as many rounds as would have been enough for processes that do not
        /// differ; these do, and only more replicates would narrow the intervals.
        case replicates
        /// So many trials were asked for.
        case trials
        /// Something ended the measurement early.
        case interrupted
    }

    /// Untimed rounds, over all replicates.
    package var warmupRounds: Int
    package var warmupEnd: WarmupEnd
    /// Timed rounds, over all replicates.
    package var rounds: Int
    /// Times the worker processes were started afresh, the first one counted.
    package var replicates: Int
    package var end: End
    /// The half-width of the median's interval that was asked for, as a fraction of the median;
    /// absent when a number of trials was asked for instead.
    package var targetInterval: Double?
    /// The widest of the configurations in the end; absent when there are too few samples to say.
    package var widestInterval: Double?
    /// What that interval takes for independent; absent with it, and in older records, whose
    /// intervals are of trials.
    package var intervalBasis: MedianInterval.Basis?

    package init(
        warmupRounds: Int,
        warmupEnd: WarmupEnd,
        rounds: Int,
        replicates: Int,
        end: End,
        targetInterval: Double?,
        widestInterval: Double?,
        intervalBasis: MedianInterval.Basis? = nil
    ) {
        self.warmupRounds = warmupRounds
        self.warmupEnd = warmupEnd
        self.rounds = rounds
        self.replicates = replicates
        self.end = end
        self.targetInterval = targetInterval
        self.widestInterval = widestInterval
        self.intervalBasis = intervalBasis
    }
}
