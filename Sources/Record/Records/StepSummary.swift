import Files
import Statistics

/// The steps of a point's trials, each of which began when the one before had ended.
package struct StepSummary: Codable, Equatable, Sendable {
    /// The steps of a trial.
    package var steps: Int
    /// How long a step took, over all steps of all trials of `samples`.
    package var medianNanoseconds: Double
    package var percentile90Nanoseconds: Double
    package var percentile99Nanoseconds: Double
    package var longestNanoseconds: Double
    /// Rows of all sequences in a second, in a trial of median time.
    package var tokensPerSecond: Double

    /// Nil where there are no steps, or none was measured.
    ///
    /// `sequences` are those that have a row in each step, and `trialNanoseconds` the median time of all
    /// steps.
    package init?(
        _ latencies: LatencyCounts,
        steps: Int,
        sequences: Int,
        trialNanoseconds: Double
    ) {
        guard trialNanoseconds > 0, let median = latencies.quantile(0.5),
            let percentile90 = latencies.quantile(0.9), let percentile99 = latencies.quantile(0.99)
        else { return nil }
        self.steps = steps
        medianNanoseconds = median
        percentile90Nanoseconds = percentile90
        percentile99Nanoseconds = percentile99
        longestNanoseconds = Double(latencies.longestNanoseconds)
        tokensPerSecond = Double(steps * sequences) / trialNanoseconds * 1e9
    }

    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(steps, "steps")
        try place.requirePositive(tokensPerSecond, "tokensPerSecond")
        let times = [
            ("medianNanoseconds", medianNanoseconds),
            ("percentile90Nanoseconds", percentile90Nanoseconds),
            ("percentile99Nanoseconds", percentile99Nanoseconds),
            ("longestNanoseconds", longestNanoseconds),
        ]
        for (name, time) in times { try place.requireNotNegative(time, name) }
        try place.require(
            zip(times, times.dropFirst()).allSatisfy { $0.1 <= $1.1 },
            "has quantiles that do not ascend",
            expected: "a median of at most percentile90, percentile99 and longest"
        )
    }
}
