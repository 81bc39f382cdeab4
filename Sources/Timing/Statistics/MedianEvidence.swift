#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the samples of one configuration say about the logarithm of its median.
///
/// Logarithms throughout, since what is asked of medians here is their ratio.
struct MedianEvidence: Sendable {
    /// Of all samples together, ascending.
    let logSamples: [Double]
    /// Each replicate's log median and its share of the samples, by the replicate's number.
    let replicates: [Int: (logMedian: Double, share: Double)]

    var logMedian: Double { SampleSummary.quantile(0.5, ofSorted: logSamples) }

    /// Nil when there is nothing, or a time that is not positive.
    init?(_ samples: [ReplicateSample]) {
        guard !samples.isEmpty,
            samples.allSatisfy({ $0.nanoseconds > 0 && $0.nanoseconds.isFinite })
        else { return nil }
        logSamples = samples.map { log($0.nanoseconds) }.sorted()
        replicates = Dictionary(grouping: samples, by: \.replicate).mapValues { group in
            (
                log(ReplicateSample.median(group.map(\.nanoseconds))),
                Double(group.count) / Double(samples.count)
            )
        }
    }

    /// The distribution-free interval of the median, as if all samples were independent.
    func orderInterval() -> (lower: Double, upper: Double)? {
        guard let rank = MedianInterval.lowerRank(sampleCount: logSamples.count) else { return nil }
        return (logSamples[rank - 1], logSamples[logSamples.count - rank])
    }

    /// The standard error of the log median and its degrees of freedom; nil with too few samples.
    func standardError() -> (error: Double, degreesOfFreedom: Double)? {
        if replicates.count >= 2 {
            return Self.clusterError(replicates.keys.sorted().compactMap { replicates[$0] })
        }
        // The order statistics enclose what a normal distribution would within ±1.96 of them.
        return orderInterval().map { interval in
            ((interval.upper - interval.lower) / 3.92, Double(logSamples.count - 1))
        }
    }

    /// The error of a mean over replicates that weighs each by its share of the samples.
    ///
    /// The replicates' own variance, with the degrees of freedom of Student's t, times the sum of
    /// the squared shares: exact where processes differ by more than their samples scatter, and
    /// too wide rather than too narrow where a replicate has few samples. (The usual linearised
    /// variance, which weighs each deviation by its share, is too narrow for a few unequal ones.)
    static func clusterError(
        _ clusters: [(logMedian: Double, share: Double)]
    ) -> (error: Double, degreesOfFreedom: Double) {
        let count = Double(clusters.count)
        let mean = clusters.reduce(0) { $0 + $1.logMedian } / count
        let squares = clusters.reduce(0) { sum, cluster in
            sum + (cluster.logMedian - mean) * (cluster.logMedian - mean)
        }
        let shares = clusters.reduce(0) { $0 + $1.share * $1.share }
        return ((squares / (count - 1) * shares).squareRoot(), count - 1)
    }
}
