#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Compares two measurements point by point, with one promise for all points together.
///
/// A replicate enters as one number, the logarithm of its median, because only replicates are
/// independent: many samples of one process say much about that process and little about the next.
/// Student's t then needs no more of them than two, and is as wide as so few deserve.
///
/// The confidence is family-wise: with so many points as given, the intervals all hold their
/// truths in `confidence` of all experiments, each by Šidák's correction having
/// `confidence^(1/points)`. Without it, a sweep of twenty points would raise a false alarm in
/// every fifth comparison at 99 %.
package struct ReplicateComparison: Hashable, Sendable, Codable {
    /// How many points are judged together.
    package var points: Int
    /// A difference up to this fraction is no difference: 0.02 for 2 %.
    package var threshold: Double
    package var confidence: Double

    package init(points: Int, threshold: Double, confidence: Double = 0.99) {
        precondition(points >= 1, "a comparison has at least one point")
        precondition(threshold >= 0 && threshold.isFinite, "a threshold is a fraction, 0 or more")
        precondition(confidence > 0 && confidence < 1, "a confidence lies between 0 and 1")
        self.points = points
        self.threshold = threshold
        self.confidence = confidence
    }

    /// The probability with which one point's interval misses (Šidák, 1967).
    package var pointTail: Double {
        -expm1(log(confidence) / Double(points))
    }

    /// Compares pairs that were measured side by side: `logRatios` are log(B/A), one per pair.
    ///
    /// What a pair shares, such as a slow minute of the machine, cancels within it.
    package func paired(logRatios: [Double]) -> TimeComparison {
        precondition(!logRatios.isEmpty, "nothing to compare")
        let sample = Moments(logRatios)
        return judged(
            logRatio: sample.mean,
            standardError: sample.variance.map { ($0 / Double(sample.count)).squareRoot() },
            degreesOfFreedom: Double(sample.count - 1),
            replicates: sample.count
        ) { count in
            (((sample.variance ?? 0) / Double(count)).squareRoot(), Double(count - 1))
        }
    }

    /// Compares two measurements made at different times, each with its replicates' log medians.
    ///
    /// The two variances need not be equal (Welch, 1947; degrees of freedom by Satterthwaite,
    /// 1946). With fewer than two replicates on a side its variance is unknown and there is no
    /// interval.
    package func independent(first: [Double], second: [Double]) -> TimeComparison {
        precondition(!first.isEmpty && !second.isEmpty, "nothing to compare")
        let a = Moments(first)
        let b = Moments(second)
        guard let varianceA = a.variance, let varianceB = b.variance else {
            return TimeComparison(ratio: exp(b.mean - a.mean), verdict: .ambiguous)
        }
        let partA = varianceA / Double(a.count)
        let partB = varianceB / Double(b.count)
        let sum = partA + partB
        let degrees =
            sum > 0
            ? sum * sum
                / (partA * partA / Double(a.count - 1) + partB * partB / Double(b.count - 1))
            : Double(a.count + b.count - 2)
        return judged(
            logRatio: b.mean - a.mean,
            standardError: sum.squareRoot(),
            // Within what the formula can give, whatever the smallest numbers round to.
            degreesOfFreedom: degrees.isFinite
                ? max(degrees, 1) : Double(min(a.count, b.count) - 1),
            replicates: min(a.count, b.count)
        ) { count in
            let both = varianceA + varianceB
            let squares = varianceA * varianceA + varianceB * varianceB
            return (
                (both / Double(count)).squareRoot(),
                squares > 0 ? Double(count - 1) * both * both / squares : Double(2 * count - 2)
            )
        }
    }

    /// The verdict of an interval against the threshold.
    package func verdict(lowerBound: Double, upperBound: Double) -> TimeComparison.Verdict {
        let most = 1 + threshold
        if lowerBound > most { return .slower }
        if upperBound < 1 / most { return .faster }
        return lowerBound >= 1 / most && upperBound <= most ? .same : .ambiguous
    }

    /// `planned` says what so many replicates of each side would have for a standard error and its
    /// degrees of freedom.
    private func judged(
        logRatio: Double,
        standardError: Double?,
        degreesOfFreedom: Double,
        replicates: Int,
        planned: (Int) -> (error: Double, degreesOfFreedom: Double)
    ) -> TimeComparison {
        guard let standardError else {
            return TimeComparison(ratio: exp(logRatio), verdict: .ambiguous)
        }
        let width = halfWidth((standardError, degreesOfFreedom))
        let lower = exp(logRatio - width)
        let upper = exp(logRatio + width)
        let verdict = verdict(lowerBound: lower, upperBound: upper)
        return TimeComparison(
            ratio: exp(logRatio),
            lowerBound: lower,
            // JSON has no infinity, and a bound beyond all numbers is one in name only.
            upperBound: min(upper, .greatestFiniteMagnitude),
            degreesOfFreedom: degreesOfFreedom,
            verdict: verdict,
            neededReplicates: verdict == .ambiguous
                ? needed(logRatio: logRatio, moreThan: replicates, planned) : nil
        )
    }

    private func halfWidth(_ error: (error: Double, degreesOfFreedom: Double)) -> Double {
        error.error
            * StudentDistribution.twoSidedQuantile(
                tail: pointTail,
                degreesOfFreedom: error.degreesOfFreedom
            )
    }
}

// MARK: Replicates

extension ReplicateComparison {
    /// As many as `--replicates` takes.
    package static let mostReplicates = 1_000

    /// The fewest replicates of each side whose interval would decide; nil when no more than there
    /// are would, by this reckoning, or more than anybody takes.
    ///
    /// An interval decides when it reaches no further from the ratio than to the threshold. The
    /// ratio that was seen is itself uncertain, so a distance below half the threshold is not
    /// planned by, but that half: else a ratio that happens to lie at the threshold would ask for
    /// thousands.
    private func needed(
        logRatio: Double,
        moreThan seen: Int,
        _ planned: (Int) -> (error: Double, degreesOfFreedom: Double)
    ) -> Int? {
        let edge = log1p(threshold)
        let margin = max(abs(abs(logRatio) - edge), edge / 2)
        func decides(_ count: Int) -> Bool { halfWidth(planned(count)) <= margin }
        guard seen < Self.mostReplicates, !decides(seen), decides(Self.mostReplicates) else {
            return nil
        }
        // Every replicate narrows the interval: `upper` decides and `lower` does not.
        var (lower, upper) = (seen, Self.mostReplicates)
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if decides(middle) { upper = middle } else { lower = middle }
        }
        return upper
    }
}

/// The mean of a few numbers, and their variance where there are two.
private struct Moments {
    var count: Int
    var mean: Double
    var variance: Double?

    init(_ numbers: [Double]) {
        count = numbers.count
        let mean = numbers.reduce(0, +) / Double(numbers.count)
        self.mean = mean
        guard count >= 2 else { return }
        variance =
            numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count - 1)
    }
}
