/// What the replicates of two measurements say about their times: B's over A's.
package struct TimeComparison: Hashable, Sendable, Codable {
    package enum Verdict: String, Codable, Sendable, CaseIterable {
        /// B's time is below A's by more than the threshold.
        case faster
        /// B's time is above A's by more than the threshold.
        case slower
        /// Whatever the difference is, it is within the threshold.
        case same
        /// Faster or the same: B's time is not above A's by more than the threshold.
        case notSlower = "not slower"
        /// Nobody can tell whether B is slower: the interval reaches beyond the threshold and back,
        /// or there is none.
        case ambiguous
    }

    /// B's time over A's.
    package var ratio: Double
    /// The interval of the ratio; absent where there are too few replicates to give one.
    package var lowerBound: Double?
    package var upperBound: Double?
    /// Of the t distribution that the interval comes from; absent with it.
    package var degreesOfFreedom: Double?
    package var verdict: Verdict
    /// How many replicates of each side would probably have decided an ambiguous one.
    ///
    /// Reckoned from the spread that was seen; absent where nobody can tell, or no number would.
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
