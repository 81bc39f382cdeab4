#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A summary of timings: their middle, their spread, and how certain the middle is.
///
/// The median and the median absolute deviation are used because the disturbances of a shared
/// machine only make trials longer. The caller keeps the raw samples: an outlier is counted here,
/// never dropped.
package struct SampleSummary: Hashable, Sendable, Codable {
    package var count: Int
    package var medianNanoseconds: Double
    package var minimumNanoseconds: Double
    package var maximumNanoseconds: Double
    package var meanNanoseconds: Double
    package var medianAbsoluteDeviationNanoseconds: Double
    /// Interpolated linearly between the two nearest ranks.
    package var percentile95Nanoseconds: Double
    /// Absent in older records.
    package var percentile99Nanoseconds: Double?
    /// The lower end of an interval that holds the median in at least 95 of 100 experiments; nil
    /// below two replicates and six samples, which cannot give one.
    package var medianLowerBoundNanoseconds: Double?
    package var medianUpperBoundNanoseconds: Double?
    /// What that interval treats as independent; absent without an interval.
    ///
    /// Older records do not have it; their intervals are of trials.
    package var medianIntervalBasis: MedianInterval.Basis?
    /// The samples whose modified z-score is above 3.5 (Iglewicz and Hoaglin, 1993).
    package var outlierCount: Int

    /// Nil if there are no samples.
    package init?(nanoseconds samples: [Double]) {
        guard !samples.isEmpty else { return nil }
        precondition(samples.allSatisfy(\.isFinite), "a duration must be a finite number")
        let sorted = samples.sorted()
        let median = Self.quantile(0.5, ofSorted: sorted)
        let mean = sorted.reduce(0, +) / Double(sorted.count)
        count = sorted.count
        medianNanoseconds = median
        minimumNanoseconds = sorted[0]
        maximumNanoseconds = sorted[sorted.count - 1]
        // Rounding must not move the mean of equal samples beyond them.
        meanNanoseconds = min(max(mean, minimumNanoseconds), maximumNanoseconds)
        medianAbsoluteDeviationNanoseconds = Self.medianAbsoluteDeviation(sorted, around: median)
        percentile95Nanoseconds = Self.quantile(0.95, ofSorted: sorted)
        percentile99Nanoseconds = Self.quantile(0.99, ofSorted: sorted)
        if let rank = MedianInterval.lowerRank(sampleCount: sorted.count) {
            medianLowerBoundNanoseconds = sorted[rank - 1]
            medianUpperBoundNanoseconds = sorted[sorted.count - rank]
            medianIntervalBasis = .trials
        }
        outlierCount = Self.outlierIndices(samples).count
    }

    /// A summary of samples whose replicates are known: from two of these on, the interval is theirs.
    package init?(_ samples: [ReplicateSample]) {
        self.init(nanoseconds: samples.map(\.nanoseconds))
        // A time of zero has no logarithm; the interval of the trials does without.
        guard let evidence = MedianEvidence(samples), let interval = evidence.interval(),
            interval.basis == .replicates, exp(interval.upper).isFinite
        else { return }
        medianLowerBoundNanoseconds = min(exp(interval.lower), medianNanoseconds)
        medianUpperBoundNanoseconds = max(exp(interval.upper), medianNanoseconds)
        medianIntervalBasis = .replicates
    }

    /// The median absolute deviation as a fraction of the median: the spread of one sample.
    package var relativeSpread: Double {
        medianNanoseconds > 0 ? medianAbsoluteDeviationNanoseconds / medianNanoseconds : 0
    }

    /// The further end of the median's interval, as a fraction of the median.
    package var relativeUncertainty: Double? {
        guard let lower = medianLowerBoundNanoseconds, let upper = medianUpperBoundNanoseconds,
            medianNanoseconds > 0
        else { return nil }
        return max(medianNanoseconds - lower, upper - medianNanoseconds) / medianNanoseconds
    }
}

extension SampleSummary {
    /// The places of the samples that lie suspiciously far from the others, in order.
    ///
    /// When more than half of the samples are equal, the median absolute deviation is zero and
    /// says nothing; the mean absolute deviation then takes its place.
    package static func outlierIndices(_ samples: [Double]) -> [Int] {
        guard !samples.isEmpty else { return [] }
        let sorted = samples.sorted()
        let median = quantile(0.5, ofSorted: sorted)
        let medianDeviation = medianAbsoluteDeviation(sorted, around: median)
        let meanDeviation =
            samples.reduce(0) { $0 + abs($1 - median) } / Double(samples.count)
        // Both factors turn the deviation into the standard deviation of a normal distribution.
        let scale = medianDeviation > 0 ? medianDeviation * 1.4826 : meanDeviation * 1.253314
        guard scale > 0 else { return [] }
        return samples.indices.filter { abs(samples[$0] - median) / scale > 3.5 }
    }

    /// A quantile of ascending samples, interpolated linearly between the two nearest ranks.
    package static func quantile(_ fraction: Double, ofSorted sorted: [Double]) -> Double {
        precondition(
            !sorted.isEmpty && fraction >= 0 && fraction <= 1,
            "a quantile needs samples and a fraction from 0 to 1"
        )
        let position = fraction * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        let weight = position - Double(below)
        return sorted[below] + (sorted[above] - sorted[below]) * weight
    }

    private static func medianAbsoluteDeviation(
        _ samples: [Double],
        around median: Double
    ) -> Double {
        quantile(0.5, ofSorted: samples.map { abs($0 - median) }.sorted())
    }
}
