#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Compares two measurements by one statistic at one point, with one confidence for all intervals.
///
/// Each replicate contributes one number, the logarithm of its time, because only replicates are
/// independent: many samples of one process say much about that process and little about the next.
/// Student's t then needs only two replicates, and gives an interval as wide as two justify. With
/// ten or more replicates, the outer ones count less: see `Middle`.
///
/// The confidence is family-wise: in `confidence` of all experiments, all `intervals` hold their
/// true values. Each interval may miss with an equal part of the remaining probability
/// (Bonferroni). This is enough however the intervals depend on each other, as the mean and the
/// high end of the same trials do. Without this correction, a sweep of twenty points would raise a
/// false alarm in every fifth comparison at 99 %.
package struct ReplicateComparison: Hashable, Sendable {
    /// The number of intervals that hold together: one for every point and statistic.
    package var intervals: Int
    /// Differences up to this fraction count as no difference: 0.02 for 2 %.
    package var threshold: Double
    package var confidence: Double

    package init(intervals: Int, threshold: Double, confidence: Double = 0.99) {
        precondition(intervals >= 1, "a comparison must have at least one interval")
        precondition(
            threshold >= 0 && threshold.isFinite,
            "a threshold must be a fraction, 0 or more"
        )
        precondition(confidence > 0 && confidence < 1, "a confidence must be between 0 and 1")
        self.intervals = intervals
        self.threshold = threshold
        self.confidence = confidence
    }

    /// The largest probability with which one interval misses its true value.
    package var intervalTail: Double { (1 - confidence) / Double(intervals) }

    /// Compares pairs that were measured side by side; `logRatios` are log(B/A), one per pair.
    ///
    /// Effects that both sides of a pair share, such as a slow minute of the machine, cancel.
    package func paired(logRatios: [Double]) -> TimeComparison {
        precondition(!logRatios.isEmpty, "a comparison needs at least one time")
        let sample = Middle(logRatios)
        return judged(
            logRatio: sample.value,
            standardError: sample.variance.map { ($0 / Double(sample.count)).squareRoot() },
            degreesOfFreedom: Double(sample.kept - 1),
            replicates: sample.count
        ) { count in
            let error = ((sample.variance ?? 0) / Double(count)).squareRoot()
            return (error, Double(Middle.kept(of: count) - 1))
        }
    }

    /// Compares two measurements made at different times, each with the log times of its
    /// replicates.
    ///
    /// The two variances need not be equal (Welch, 1947; degrees of freedom by Satterthwaite, 1946;
    /// with trimming, Yuen, 1974). A side with fewer than two replicates has no known variance;
    /// then there is no interval.
    package func independent(first: [Double], second: [Double]) -> TimeComparison {
        precondition(!first.isEmpty && !second.isEmpty, "a comparison needs at least one time")
        let a = Middle(first)
        let b = Middle(second)
        guard let varianceA = a.variance, let varianceB = b.variance else {
            return TimeComparison(ratio: exp(b.value - a.value), verdict: .ambiguous)
        }
        let partA = varianceA / Double(a.count)
        let partB = varianceB / Double(b.count)
        let sum = partA + partB
        let degrees =
            sum > 0
            ? sum * sum / (partA * partA / Double(a.kept - 1) + partB * partB / Double(b.kept - 1))
            : Double(a.kept + b.kept - 2)
        return judged(
            logRatio: b.value - a.value,
            standardError: sum.squareRoot(),
            // Within what the formula can give, whatever the smallest numbers round to.
            degreesOfFreedom: degrees.isFinite ? max(degrees, 1) : Double(min(a.kept, b.kept) - 1),
            replicates: min(a.count, b.count)
        ) { count in
            let both = varianceA + varianceB
            let squares = varianceA * varianceA + varianceB * varianceB
            let degrees = Double(Middle.kept(of: count) - 1)
            return (
                (both / Double(count)).squareRoot(),
                squares > 0 ? degrees * both * both / squares : 2 * degrees
            )
        }
    }

    /// The common time of several replicates, as a logarithm: the input of a comparison.
    package static func middle(ofLogTimes logTimes: [Double]) -> Double {
        precondition(!logTimes.isEmpty, "a mean needs at least one time")
        return Middle(logTimes).value
    }

    /// The verdict of an interval against the threshold.
    package func verdict(lowerBound: Double, upperBound: Double) -> TimeComparison.Verdict {
        let most = 1 + threshold
        if lowerBound > most { return .slower }
        if upperBound > most { return .ambiguous }
        if upperBound < 1 / most { return .faster }
        return lowerBound >= 1 / most ? .same : .notSlower
    }

    /// `planned` gives the standard error and the degrees of freedom for a number of replicates per
    /// side.
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
            // JSON has no infinity, and a bound beyond all numbers is no real bound.
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
                tail: intervalTail,
                degreesOfFreedom: error.degreesOfFreedom
            )
    }
}

// MARK: Replicates

extension ReplicateComparison {
    /// The largest value that `--replicates` takes.
    package static let mostReplicates = 1_000

    /// The smallest number of replicates per side whose interval would decide.
    ///
    /// Nil if the replicates that exist should be enough by this estimate, or if more are needed
    /// than the limit allows. An interval decides if its half-width is at most the distance from
    /// the ratio to the threshold. The observed ratio is itself uncertain. So if this distance is
    /// below half the threshold, half the threshold is used; otherwise a ratio close to the
    /// threshold would ask for thousands of replicates.
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
        // Every replicate narrows the interval. Invariant: `upper` decides, `lower` does not.
        var (lower, upper) = (seen, Self.mostReplicates)
        while upper - lower > 1 {
            let middle = (lower + upper) / 2
            if decides(middle) { upper = middle } else { lower = middle }
        }
        return upper
    }
}

/// The middle of several numbers: their mean, or from ten on the mean of the middle three fifths.
///
/// Now and then a neighbour on a shared machine slows a whole replicate by tens of percent, and one
/// such replicate in thirty would widen the interval threefold. So the fifth at either end is cut
/// off. The variance is that of all numbers, after those beyond a cut are moved to the cut; this
/// keeps Student's t honest (Tukey and McLaughlin, 1963; Yuen, 1974). For normal numbers, the
/// interval is a tenth wider than with all numbers.
private struct Middle {
    /// As many as there were, and those that are not cut off.
    var count: Int
    var kept: Int
    var value: Double
    /// The squared standard error of `value`, times `count`; nil for a single number.
    var variance: Double?

    /// The number of values that remain after a fifth is cut off at either end.
    static func kept(of count: Int) -> Int { count - 2 * cut(of: count) }

    /// With fewer than ten values, trimming would widen Student's t more than any outlier does.
    private static func cut(of count: Int) -> Int { count < 10 ? 0 : count / 5 }

    init(_ numbers: [Double]) {
        count = numbers.count
        kept = Self.kept(of: count)
        let cut = Self.cut(of: count)
        let sorted = numbers.sorted()
        let inner = sorted[cut..<count - cut]
        value = inner.reduce(0, +) / Double(kept)
        guard count >= 2 else { return }
        let moved = sorted.map { min(max($0, sorted[cut]), sorted[count - cut - 1]) }
        let mean = moved.reduce(0, +) / Double(count)
        let squares = moved.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        variance = squares / Double(kept * (kept - 1)) * Double(count)
    }
}
