#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The ratio of two configurations' medians, with an interval that holds it in 95 of 100
/// experiments.
///
/// The value is the quotient of the medians over all samples. Where its interval comes from depends
/// on what varies:
/// - With the same two or more replicates on both sides, each gives one log ratio, in which what
///   its processes shared cancels; Student's t turns their spread into the interval. A bootstrap
///   would resample so few replicates into intervals that are far too narrow: it knows no t.
/// - With other replicates on each side, or one alone on one side, the two variances add (Welch).
/// - Within a single replicate the order statistics that enclose each median are combined (the
///   square-and-add intervals of Zou and Donner, 2008): no distribution is assumed, and nothing is
///   random. Such an interval knows nothing of how other processes would differ.
///
/// Between replicates the interval lies around the mean of what they say, as `MedianEvidence`
/// explains, and is extended to the value where that lies outside.
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
        let value = numerator.median / denominator.median
        guard let bounds = logBounds(numerator, denominator), exp(bounds.upper).isFinite else {
            return Estimate(value)
        }
        return Estimate(
            value,
            lowerBound: min(exp(bounds.lower), value),
            upperBound: max(exp(bounds.upper), value)
        )
    }

    private static func logBounds(
        _ a: MedianEvidence,
        _ b: MedianEvidence
    ) -> (lower: Double, upper: Double)? {
        if a.replicates.count == 1, b.replicates.count == 1 {
            return squareAndAdd(a, b, around: a.logMedian - b.logMedian)
        }
        if let differences = pairedDifferences(a, b) {
            let center = MedianEvidence.mean(differences)
            let width = MedianEvidence.studentHalfWidth(differences)
            return (center - width, center + width)
        }
        guard let error = unpairedError(a, b) else { return nil }
        let center = a.center - b.center
        let width =
            error.error
            * StudentDistribution.twoSidedQuantile(
                tail: 1 - MedianInterval.confidence,
                degreesOfFreedom: error.degreesOfFreedom
            )
        return (center - width, center + width)
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

    /// One log ratio of each replicate; nil unless both sides have the same two or more.
    private static func pairedDifferences(
        _ a: MedianEvidence,
        _ b: MedianEvidence
    ) -> [Double]? {
        guard a.replicates.count >= 2, Set(a.replicates.keys) == Set(b.replicates.keys) else {
            return nil
        }
        return zip(a.orderedReplicates, b.orderedReplicates).map { $0 - $1 }
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

    /// A share of the figure; not its product with a rounded reciprocal, so that whoever divides
    /// the figure alone gets the same digits.
    func divided(by divisor: Double) -> Estimate {
        Estimate(
            value / divisor,
            lowerBound: lowerBound.map { $0 / divisor },
            upperBound: upperBound.map { $0 / divisor }
        )
    }
}
