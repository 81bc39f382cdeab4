/// How the samples were taken: when warming up ended, and why sampling ended.
package struct SamplingReport: Hashable, Sendable, Codable {
    package enum WarmupEnd: String, Codable, Sendable, CaseIterable {
        /// The trials had become steady.
        case steady
        /// The warm-up share of the budget was spent before the trials were steady.
        case budget
        /// The requested number of rounds was run.
        case fixed
    }

    package enum End: String, Codable, Sendable, CaseIterable {
        /// Every configuration's interval was as narrow as requested.
        case interval
        /// The time was spent before the intervals were narrow enough.
        case budget
        /// All replicates had enough rounds for processes that do not differ. These processes do
        /// differ, so only more replicates would narrow the intervals.
        case replicates
        /// The requested number of trials was run.
        case trials
        /// Something ended the measurement early.
        case interrupted
    }

    /// Untimed rounds, over all replicates.
    package var warmupRounds: Int
    package var warmupEnd: WarmupEnd
    /// Timed rounds, over all replicates.
    package var rounds: Int
    /// The number of starts of the worker processes, including the first.
    package var replicates: Int
    package var end: End
    /// The requested half-width of the median's interval, as a fraction of the median.
    ///
    /// Absent if a number of trials was requested instead.
    package var targetInterval: Double?
    /// The widest half-width of all configurations at the end; absent if there are too few samples.
    package var widestInterval: Double?
    /// What that interval treats as independent; absent without an interval.
    ///
    /// Older records do not have it; their intervals are of trials.
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
