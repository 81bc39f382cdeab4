#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Which two order statistics enclose the median with at least 95 % confidence.
///
/// Each sample lies below the median with probability one half, whatever the distribution, so the
/// ranks follow from the binomial distribution alone: no normality is assumed.
package enum MedianInterval {
    package static let confidence = 0.95

    /// What the interval of a median treats as independent.
    package enum Basis: String, Codable, Sendable, CaseIterable {
        /// Replicates, two or more: their medians, by Student's t.
        case replicates
        /// Trials, by their order: the only choice within a single replicate. Such an interval does
        /// not include differences between processes.
        case trials
    }

    /// The rank r, counted from 1, such that the r-th smallest and the r-th largest sample enclose
    /// the median; nil when even the extremes do not (below six samples).
    package static func lowerRank(sampleCount: Int) -> Int? {
        guard sampleCount > 0 else { return nil }
        // Logarithms, because 2⁻ⁿ underflows from n = 1075 on.
        var logProbability = -Double(sampleCount) * log(2)
        var tail = 0.0
        var rank = 0
        while rank <= sampleCount / 2 {
            tail += exp(logProbability)
            if 2 * tail > 1 - confidence { break }
            logProbability += log(Double(sampleCount - rank) / Double(rank + 1))
            rank += 1
        }
        return rank > 0 ? rank : nil
    }
}
