/// What the replicates of two measurements say about their times: B's over A's.
package struct TimeComparison: Hashable, Sendable, Codable {
    package enum Verdict: String, Codable, Sendable, CaseIterable {
        /// B's time is below A's by more than the threshold.
        case faster
        /// B's time is above A's by more than the threshold.
        case slower
        /// The difference, whatever its value, is within the threshold.
        case same
        /// Faster or the same: B's time does not exceed A's by more than the threshold.
        case notSlower = "not slower"
        /// It is undecided whether B is slower: the interval crosses the threshold, or there is no
        /// interval.
        case ambiguous
    }

    /// B's time over A's.
    package var ratio: Double
    /// The interval of the ratio; absent if there are too few replicates.
    package var lowerBound: Double?
    package var upperBound: Double?
    /// The degrees of freedom of the t distribution behind the interval; absent without an
    /// interval.
    package var degreesOfFreedom: Double?
    package var verdict: Verdict
    /// The number of replicates per side that would probably have decided an ambiguous comparison.
    ///
    /// Estimated from the observed spread; absent if there is no estimate or no number would be
    /// enough.
    package var neededReplicates: Int?

    package init(
        ratio: Double,
        lowerBound: Double? = nil,
        upperBound: Double? = nil,
        degreesOfFreedom: Double? = nil,
        verdict: Verdict,
        neededReplicates: Int? = nil
    ) {
        self.ratio = ratio
        self.lowerBound = lowerBound
        self.upperBound = upperBound
        self.degreesOfFreedom = degreesOfFreedom
        self.verdict = verdict
        self.neededReplicates = neededReplicates
    }
}

extension TimeComparison.Verdict {
    /// One word for several: the worst that is certain, else what is undecided, else the same.
    package static func overall(_ verdicts: some Sequence<Self>) -> Self {
        let found = Set(verdicts)
        return [.slower, .faster, .ambiguous].first(where: found.contains) ?? .same
    }
}
