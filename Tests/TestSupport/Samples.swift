import Statistics

extension SampleSummary {
    /// A summary of samples as records keep them.
    package init?(nanoseconds samples: [UInt64]) {
        self.init(nanoseconds: samples.map { Double($0) })
    }
}

extension ExactBinomial {
    /// The two-sided interval: each end with half of what the confidence leaves.
    package static func interval(
        events: Int,
        runs: Int,
        confidence: Double
    ) -> ClosedRange<Double> {
        let each = 1 - (1 - confidence) / 2
        let lower = lowerBound(events: events, runs: runs, confidence: each)
        return lower...upperBound(events: events, runs: runs, confidence: each)
    }
}
