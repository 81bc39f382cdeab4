#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the samples of one configuration say about its median.
///
/// The figure is the median of all samples. Its interval comes from the logarithms of the
/// replicates' medians, each counted once, by Student's t: trials of one process are not
/// independent, and neither are their ranks. The t interval keeps its confidence if the replicates
/// scatter differently, as replicates with different numbers of samples do (Bakirov and Székely,
/// 2006; Ibragimov and Müller, 2010).
///
/// The centre of the interval is the mean of the replicates, which is not quite the median of all
/// samples. So the interval is extended to that median where necessary; this never costs coverage.
/// An interval around the median of all samples would be wrong: if replicates differ by more than
/// their trials, that median is only the middle replicate.
struct MedianEvidence: Sendable {
    /// The median of all samples together.
    let median: Double
    /// The logarithms of all samples together, ascending.
    let logSamples: [Double]
    /// Each replicate's log median, by the replicate's number.
    let replicates: [Int: Double]

    var logMedian: Double { log(median) }
    /// The mean of the replicates' log medians, in the order of their numbers.
    ///
    /// A dictionary's order differs from run to run, and the rounding of the sum would differ, too.
    var center: Double { Self.mean(orderedReplicates) }
    var orderedReplicates: [Double] { replicates.keys.sorted().compactMap { replicates[$0] } }

    /// Nil when there is nothing, or a time that is not positive.
    init?(_ samples: [ReplicateSample]) {
        guard !samples.isEmpty,
            samples.allSatisfy({ $0.nanoseconds > 0 && $0.nanoseconds.isFinite })
        else { return nil }
        median = ReplicateSample.median(samples.map(\.nanoseconds))
        logSamples = samples.map { log($0.nanoseconds) }.sorted()
        replicates = Dictionary(grouping: samples, by: \.replicate).mapValues { group in
            log(ReplicateSample.median(group.map(\.nanoseconds)))
        }
    }

    /// The interval of the log median, and what it treats as independent.
    ///
    /// Nil if a single replicate has too few samples for an interval.
    func interval() -> (lower: Double, upper: Double, basis: MedianInterval.Basis)? {
        guard replicates.count >= 2 else {
            return orderInterval().map { ($0.lower, $0.upper, .trials) }
        }
        let width = Self.studentHalfWidth(orderedReplicates)
        return (
            min(center - width, logMedian), max(center + width, logMedian), .replicates
        )
    }

    /// The distribution-free interval of the median, as if all samples were independent.
    func orderInterval() -> (lower: Double, upper: Double)? {
        guard let rank = MedianInterval.lowerRank(sampleCount: logSamples.count) else { return nil }
        return (logSamples[rank - 1], logSamples[logSamples.count - rank])
    }

    /// The standard error of the log median and its degrees of freedom; nil with too few samples.
    func standardError() -> (error: Double, degreesOfFreedom: Double)? {
        if replicates.count >= 2 { return Self.errorOfMean(orderedReplicates) }
        // The order statistics enclose what a normal distribution would within ±1.96 of them.
        return orderInterval().map { interval in
            ((interval.upper - interval.lower) / 3.92, Double(logSamples.count - 1))
        }
    }

    static func mean(_ numbers: [Double]) -> Double {
        numbers.reduce(0, +) / Double(numbers.count)
    }

    /// The standard error of the mean of two or more numbers.
    static func errorOfMean(_ numbers: [Double]) -> (error: Double, degreesOfFreedom: Double) {
        let count = Double(numbers.count)
        let mean = mean(numbers)
        let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return ((squares / (count - 1) / count).squareRoot(), count - 1)
    }

    /// The half-width of the t interval of the mean of two or more numbers.
    static func studentHalfWidth(_ numbers: [Double]) -> Double {
        let error = errorOfMean(numbers)
        return error.error
            * StudentDistribution.twoSidedQuantile(
                tail: 1 - MedianInterval.confidence,
                degreesOfFreedom: error.degreesOfFreedom
            )
    }
}
