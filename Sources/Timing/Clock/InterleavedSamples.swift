/// Two series taken in turn: the rate of a probe, and the time of the body it is compared with.
package struct InterleavedSamples: Hashable, Sendable, Codable {
    /// Work per nanosecond of each round's probe: GFLOP/s or GB/s.
    package var probeRates: [Double]
    package var bodyNanoseconds: [UInt64]

    package init(probeRates: [Double], bodyNanoseconds: [UInt64]) {
        self.probeRates = probeRates
        self.bodyNanoseconds = bodyNanoseconds
    }

    /// The roof: the fastest probe.
    package var bestProbeRate: Double { probeRates.max() ?? 0 }

    /// What the body, doing `work` each time, reaches of the roof when both are at their best.
    package func bestFraction(bodyWork work: Double) -> Double? {
        guard let fastest = bodyNanoseconds.min(), fastest > 0, bestProbeRate > 0 else {
            return nil
        }
        return work / Double(fastest) / bestProbeRate
    }

    /// The median over the rounds of what the body reaches of the probe beside it: steady even
    /// when the clock of the core drifts through the run.
    package func medianFraction(bodyWork work: Double) -> Double? {
        let fractions = zip(probeRates, bodyNanoseconds).compactMap { rate, nanoseconds in
            rate > 0 && nanoseconds > 0 ? work / Double(nanoseconds) / rate : nil
        }
        guard !fractions.isEmpty else { return nil }
        return SampleSummary.quantile(0.5, ofSorted: fractions.sorted())
    }
}
