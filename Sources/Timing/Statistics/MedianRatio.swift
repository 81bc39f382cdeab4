#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The ratio of two configurations' medians, with an interval that holds it in 95 of 100
/// experiments.
///
/// The value is the ratio of the medians over all samples. Where its interval comes from depends on
/// what varies:
/// - With the same two or more replicates on both sides, each gives one log ratio, in which what
///   its processes shared cancels; Student's t turns their spread into the interval. A bootstrap
///   would resample so few replicates into intervals that are far too narrow: it knows no t.
/// - With other replicates on each side, or one alone on one side, the two variances add (Welch).
/// - Within a single replicate the order statistics that enclose each median are combined (the
///   square-and-add intervals of Zou and Donner, 2008): no distribution is assumed, and nothing is
///   random. Such an interval knows nothing of how other processes would differ.
package enum MedianRatio {
    /// Nil when a side has no samples or a time that is not positive; without bounds when a single
    /// replicate has fewer than six samples.
    package static func estimate(
        _ numerator: [ReplicateSample],
        over denominator: [ReplicateSample]
    ) -> Estimate? {
        guard let upper = MedianEvidence(numerator), let lower = MedianEvidence(denominator) else {
            return nil
        }
        return estimate(upper, over: lower)
    }

    static func estimate(_ numerator: MedianEvidence, over denominator: MedianEvidence) -> Estimate
    {
        let logRatio = numerator.logMedian - denominator.logMedian
        guard let bounds = logBounds(numerator, denominator, around: logRatio),
            exp(bounds.upper).isFinite
        else { return Estimate(exp(logRatio)) }
        return Estimate(
            exp(logRatio),
            lowerBound: exp(bounds.lower),
            upperBound: exp(bounds.upper)
        )
    }

    private static func logBounds(
        _ a: MedianEvidence,
        _ b: MedianEvidence,
        around logRatio: Double
    ) -> (lower: Double, upper: Double)? {
        if a.replicates.count == 1, b.replicates.count == 1 {
            return squareAndAdd(a, b, around: logRatio)
        }
        guard let error = pairedError(a, b) ?? unpairedError(a, b) else { return nil }
        let width =
            error.error
            * StudentDistribution.twoSidedQuantile(
                tail: 1 - MedianInterval.confidence,
                degreesOfFreedom: error.degreesOfFreedom
            )
        return (logRatio - width, logRatio + width)
    }

    private static func squareAndAdd(
        _ a: MedianEvidence,
        _ b: MedianEvidence,
        around logRatio: Double
    ) -> (lower: Double, upper: Double)? {
        guard let first = a.orderInterval(), let second = b.orderInterval() else { return nil }
        let below = hypot(a.logMedian - first.lower, second.upper - b.logMedian)
        let above = hypot(first.upper - a.logMedian, b.logMedian - second.lower)
        return (logRatio - below, logRatio + above)
    }

    private static func pairedError(
        _ a: MedianEvidence,
        _ b: MedianEvidence
    ) -> (error: Double, degreesOfFreedom: Double)? {
        guard a.replicates.count >= 2, Set(a.replicates.keys) == Set(b.replicates.keys) else {
            return nil
        }
        return MedianEvidence.clusterError(
            // In the order of the numbers: a dictionary's own order differs from run to run, and
            // with it the rounding of a sum.
            a.replicates.keys.sorted().compactMap { number in
                guard let first = a.replicates[number], let second = b.replicates[number] else {
                    return nil
                }
                return (first.logMedian - second.logMedian, (first.share + second.share) / 2)
            }
        )
    }

    private static func unpairedError(
        _ a: MedianEvidence,
        _ b: MedianEvidence
    ) -> (error: Double, degreesOfFreedom: Double)? {
        guard let first = a.standardError(), let second = b.standardError() else { return nil }
        let (partA, partB) = (first.error * first.error, second.error * second.error)
        let sum = partA + partB
        let degrees =
            sum * sum
            / (partA * partA / first.degreesOfFreedom + partB * partB / second.degreesOfFreedom)
        let fewest = min(first.degreesOfFreedom, second.degreesOfFreedom)
        return (sum.squareRoot(), degrees.isFinite ? max(degrees, 1) : fewest)
    }
}

extension Estimate {
    /// The same figure in another unit.
    func scaled(by factor: Double) -> Estimate {
        Estimate(
            value * factor,
            lowerBound: lowerBound.map { $0 * factor },
            upperBound: upperBound.map { $0 * factor }
        )
    }
}
