#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Warnings about the samples of one configuration.
extension MeasurementWarnings {
    /// In most replicates, the first trial is by far the slowest.
    func coldStart(_ configuration: Configuration) -> Finding? {
        let excesses = ReplicateSample.grouped(configuration.samples).filter { $0.count >= 5 }.map {
            Self.coldExcess($0)
        }
        let cold = excesses.compactMap { $0 }
        guard !cold.isEmpty, 2 * cold.count > excesses.count else { return nil }
        let excess = ReplicateSample.median(cold)
        return Finding(
            warning: MeasurementWarning(
                .coldStart,
                subject: configuration.subject,
                sentence: "the first trial took \(Figures.percent(excess)) longer than the median "
                    + "of the later trials"
                    + (excesses.count > 1
                        ? ", in \(cold.count) of \(Figures.counted(excesses.count, "replicate"))"
                        : ""),
                remedy: adjustments.contains(.warmup)
                    ? "run more untimed rounds, for example --warmup "
                        + "\(sampling.warmupRounds / max(sampling.replicates, 1) + 2)"
                    : "raise --budget to get more trials, and repeat"
            ),
            severity: excess
        )
    }

    /// The fraction by which the first trial is longer than the median of the others.
    ///
    /// Nil if the difference may be chance or is too small to matter.
    private static func coldExcess(_ times: [Double]) -> Double? {
        let rest = Array(times.dropFirst())
        let middle = ReplicateSample.median(rest)
        guard let slowest = rest.max(), times[0] > slowest, middle > 0 else { return nil }
        let deviation = ReplicateSample.median(rest.map { abs($0 - middle) })
        let excess = times[0] - middle
        // Eight deviations are 5.4 standard deviations of normal noise, but the deviation of few
        // trials is itself uncertain.
        let most = 8 * (1 + 5 / Double(rest.count)) * deviation
        return excess > most && excess > 0.1 * middle && times[0] > 1.05 * slowest
            ? excess / middle : nil
    }

    /// Times rise or fall within the replicates, both by their ranks and by a relevant amount.
    func drift(_ configuration: Configuration) -> Finding? {
        let series = ReplicateSample.grouped(configuration.samples).map { Self.thinned($0) }
        let trend = RankTrend(series)
        guard trend.probability < 0.001 else { return nil }
        let change = Self.change(series)
        guard abs(change) > leastChange else { return nil }
        let isSlower = change > 0
        return Finding(
            warning: MeasurementWarning(
                .drift,
                subject: configuration.subject,
                sentence: "trials became \(Figures.percent(abs(change))) "
                    + "\(isSlower ? "slower" : "faster") from the first third to the last; by "
                    + "chance, this happens once in "
                    + (trend.probability > 1e-6
                        ? Figures.decimal(1 / trend.probability, places: 0)
                        : "over a million") + " times",
                remedy: isSlower
                    ? "let the machine cool, stop other programs, and repeat; compare only "
                        + "times of the same rounds"
                    : adjustments.contains(.warmup)
                        ? "warm up longer with --warmup, and repeat"
                        : "repeat now that the machine is warm, or raise --budget"
            ),
            severity: abs(change)
        )
    }

    /// Warming up ended before the times were steady, and the timed trials show it.
    ///
    /// On a noisy machine, every run ends warming up early. This matters only if the trials after
    /// it still become faster. If there are too few trials to show that, it cannot be excluded. The
    /// record always says how warming up ended.
    func unsteady(_ configuration: Configuration) -> Finding? {
        guard sampling.warmupEnd == .budget else { return nil }
        let series = ReplicateSample.grouped(configuration.samples).map { Self.thinned($0) }
        guard let longest = series.map(\.count).max() else { return nil }
        let change = Self.change(series)
        let seen: String
        if longest < 3 {
            seen = "too few trials followed to show whether this matters"
        } else {
            let trend = RankTrend(series)
            guard trend.probability < 0.01, change < -leastChange else { return nil }
            seen = "the trials after it still became \(Figures.percent(-change)) faster"
        }
        let each = sampling.warmupRounds / max(sampling.replicates, 1)
        return Finding(
            warning: MeasurementWarning(
                .unsteady,
                subject: configuration.subject,
                sentence:
                    "the warm-up ended too early, after \(Figures.counted(each, "round")) in each "
                    + "replicate, and \(seen)",
                remedy: "raise --budget, or run more untimed rounds, for example --warmup "
                    + "\(2 * max(each, 1) + 1)"
            ),
            severity: longest < 3 ? 0 : -change
        )
    }

    /// A change within the replicates that is worth a warning.
    private var leastChange: Double { max(0.02, 2 * (sampling.targetInterval ?? 0)) }

    /// The change from the first third of each replicate to its last, as a fraction.
    ///
    /// It is 0 if it is not a number. Thirds are used so that one disturbed trial does not decide
    /// the figure.
    private static func change(_ series: [[Double]]) -> Double {
        let changes = series.filter { $0.count >= 3 }.map { numbers in
            let third = numbers.count / 3
            let first = ReplicateSample.median(Array(numbers.prefix(third)))
            let last = ReplicateSample.median(Array(numbers.suffix(third)))
            return (log(last / first), Double(numbers.count))
        }
        let weight = changes.reduce(0) { $0 + $1.1 }
        let change = expm1(changes.reduce(0) { $0 + $1.0 * $1.1 } / max(weight, 1))
        return change.isFinite ? change : 0
    }

    /// At most 200 numbers: the medians of as many stretches of equal length.
    private static func thinned(_ numbers: [Double]) -> [Double] {
        let most = 200
        guard numbers.count > most else { return numbers }
        return (0..<most).map { index in
            let range = index * numbers.count / most..<(index + 1) * numbers.count / most
            return ReplicateSample.median(Array(numbers[range]))
        }
    }

    /// More than a few trials are far slower than the others, or one took twice as long.
    func outliers(_ configuration: Configuration) -> Finding? {
        let times = configuration.samples.map(\.nanoseconds)
        guard times.count >= 5, let slowest = times.max() else { return nil }
        let middle = ReplicateSample.median(times)
        let far = SampleSummary.outlierIndices(times).filter { times[$0] > 1.1 * middle }
        let isMany = far.count >= 2 && Double(far.count) > 0.05 * Double(times.count)
        guard !far.isEmpty, isMany || slowest > 2 * middle else { return nil }
        return Finding(
            warning: MeasurementWarning(
                .outliers,
                subject: configuration.subject,
                sentence: "\(far.count) of \(Figures.counted(times.count, "trial")) "
                    + "\(far.count == 1 ? "is" : "are") far slower than the rest, the slowest "
                    + "\(Figures.decimal(slowest / middle, places: slowest < 99.5 * middle ? 1 : 0)) times "
                    + "the median",
                remedy: (isStolenFrom
                    ? quieter
                    : "stop other programs"
                        + (adjustments.contains(.pin)
                            ? ", or --pin the run to processors that they do not use" : ""))
                    + (configuration.disturbance?.isMost == true
                        ? "" : "; trust the median, but not the mean and the high percentiles")
            ),
            severity: slowest / middle
        )
    }

    /// In more than a few trials, another process had the core of a compute thread.
    func disturbed(_ configuration: Configuration) -> Finding? {
        guard let disturbance = configuration.disturbance, disturbance.disturbedTrials >= 2,
            20 * disturbance.disturbedTrials > disturbance.trials
        else { return nil }
        return Finding(
            warning: MeasurementWarning(
                .disturbed,
                subject: configuration.subject,
                sentence: disturbance.sentence,
                remedy: disturbance.remedy(isThrottled: throttled() != nil)
            ),
            severity: Double(disturbance.disturbedTrials) / Double(disturbance.trials)
        )
    }

    /// There are more compute threads than can run at once.
    func oversubscription(_ configuration: Configuration) -> Finding? {
        guard Double(configuration.computeThreads) > coreCount else { return nil }
        let whole = Int(coreCount)
        return Finding(
            warning: MeasurementWarning(
                .oversubscription,
                subject: configuration.subject,
                sentence: "\(Figures.counted(configuration.computeThreads, "compute thread")) "
                    + (configuration.computeThreads == 1 ? "has " : "share ")
                    + (Double(whole) == coreCount
                        ? Figures.counted(whole, "core")
                        : "\(Figures.decimal(coreCount, places: 2)) CPUs of time"),
                remedy: whole == 0
                    ? "raise the CPU limit of the control group: not even one thread can run all "
                        + "the time"
                    : "use at most \(Figures.counted(whole, "compute thread")) on this machine; "
                        + "with more, the run measures the scheduler"
            ),
            severity: Double(configuration.computeThreads)
        )
    }

    /// Trials are so short that the clock's step, or waking a thread, is a large part of them.
    func shortTrials(_ configuration: Configuration) -> Finding? {
        let times = configuration.samples.map(\.nanoseconds)
        guard !times.isEmpty else { return nil }
        let middle = ReplicateSample.median(times)
        // At a hundred clock steps, the error is 1 %; waking a thread takes some microseconds.
        let least = max(100 * Double(clockResolutionNanoseconds), 100_000)
        guard middle < least else { return nil }
        return Finding(
            warning: MeasurementWarning(
                .shortTrials,
                subject: configuration.subject,
                sentence: "a trial takes only \(Figures.duration(nanoseconds: middle)), but the "
                    + "clock steps by \(clockResolutionNanoseconds) ns and waking a thread takes "
                    + "microseconds",
                remedy: "use a larger problem (such as a higher --batch or --heads) of at least "
                    + "\(Figures.duration(nanoseconds: least)) per trial"
            ),
            severity: 1 / max(middle, 1)
        )
    }

    /// Intervals wider than the target by this factor cause a warning.
    ///
    /// With the default target of ±1 % this is ±5 %. Two speedups this close are not told apart by
    /// the verdict, so that narrower intervals change no conclusion; and a noisy machine misses ±1
    /// % every time. The table shows every interval, wide or not.
    static let wideFactor = 5.0

    /// The median is so much less certain than requested that a conclusion may change.
    ///
    /// If the user set the number of trials, there is no requested interval.
    func wideInterval(_ configuration: Configuration) -> Finding? {
        guard let summary = SampleSummary(configuration.samples) else { return nil }
        guard let width = summary.relativeUncertainty else {
            return Finding(
                warning: MeasurementWarning(
                    .wideInterval,
                    subject: configuration.subject,
                    sentence: "\(Figures.counted(summary.count, "sample")) "
                        + "\(summary.count == 1 ? "is" : "are") too few for an interval of the "
                        + "median; it needs six samples, or two replicates",
                    // As many trials as replicates are enough: each is one of another process.
                    remedy: sampling.end == .trials
                        ? "use --trials \(plannedReplicates > 1 ? plannedReplicates : 6) or more"
                        : "raise --budget, or use a smaller problem"
                ),
                severity: .infinity
            )
        }
        guard let target = sampling.targetInterval, width > Self.wideFactor * target else {
            return nil
        }
        let isTarget = adjustments.contains(.targetInterval)
        return Finding(
            warning: MeasurementWarning(
                .wideInterval,
                subject: configuration.subject,
                sentence:
                    "the median is known to \(width > 1 ? "worse than ±100 %" : "±\(Figures.percent(width))")"
                    + (isTarget ? ", not to the requested ±\(Figures.percent(target))" : " only"),
                remedy: wideRemedy(configuration, summary, width: width, target: target)
            ),
            severity: width
        )
    }

    private func wideRemedy(
        _ configuration: Configuration,
        _ summary: SampleSummary,
        width: Double,
        target: Double
    ) -> String {
        let enough = max(Self.wideFactor * target, 1e-6)
        if summary.medianIntervalBasis == .replicates {
            let medians = ReplicateSample.logMedians(configuration.samples)
            guard let count = Self.replicates(like: medians, within: enough) else {
                return
                    "\(lessOrQuieter); its replicates differ so much that more would not help"
            }
            let factor = Double(count) / Double(medians.count)
            return "use --replicates \(count) and "
                + "\(Figures.decimal(factor, places: 1)) times the --budget to reach "
                + "±\(Figures.percent(enough)), or \(quieter)"
        }
        let ratio = width / max(target, 1e-6)
        let factor = Figures.decimal((ratio * ratio).rounded(.up), places: 0)
        return ratio <= 10
            ? "use about \(factor) times the --budget, or \(quieter)"
            : "\(lessOrQuieter); a longer run alone would need \(factor) times the --budget"
    }

    /// If a target can be set, it can be set lower.
    private var lessOrQuieter: String {
        adjustments.contains(.targetInterval)
            ? "\(quieter), or accept a wider interval with --target-interval" : quieter
    }

    /// The smallest number of replicates, with this scatter, whose interval would be that narrow.
    ///
    /// Nil if more than a hundred are needed.
    private static func replicates(like logMedians: [Double], within width: Double) -> Int? {
        let error = MedianEvidence.errorOfMean(logMedians)
        let spread = error.error * Double(logMedians.count).squareRoot()
        return (logMedians.count + 1...max(logMedians.count + 1, 100)).first { count in
            let t = StudentDistribution.twoSidedQuantile(
                tail: 1 - MedianInterval.confidence,
                degreesOfFreedom: Double(count - 1)
            )
            return t * spread / Double(count).squareRoot() <= width
        }
    }
}
