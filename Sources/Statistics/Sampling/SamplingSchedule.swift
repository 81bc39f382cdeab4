/// Decides round by round how a measurement goes on; a pure state machine without a clock.
///
/// Whoever drives it carries out the step, then asks for the next one:
///
///     var step = schedule.next()
///     while true {
///         switch step {
///         case .restart: (start fresh worker processes); step = schedule.next()
///         case .warmup, .measure: (run all configurations once, in random order)
///             step = schedule.next(after: round) { (all samples so far) }
///         case .finished(let report): return report
///         }
///     }
///
/// The rules, each for its reason:
/// - Only rounds count against the budget, and keeping what they measured, not starting processes:
///   that takes what it takes.
/// - All replicates measure the same number of rounds, which the first one decides: replicates that
///   count the same, as they do in every interval, should have cost the same.
/// - A replicate gets an equal share of what is left of the budget, a fifth of which warming up may
///   use. The first of several leaves a tenth of its share, so that later ones find the time for as
///   many rounds although the machine has become slower; one that does not is cut short, since the
///   budget is the stronger promise. A round that would end past the share, judged by the longest
///   so far, is not begun; but each replicate measures at least one, and all of them at least three.
/// - The first replicate has enough when every configuration's interval, as it can be expected over
///   as many replicates that do not differ, is as narrow as asked. Whether the replicates differ is
///   looked at when they are all there, and never decides when to stop: where a few of them happen
///   to agree, their interval is narrow by luck. So it keeps its promise of 95 %.
/// - A single replicate is looked at again and again, and stopping at lucky moments makes intervals
///   promise too much. So it is looked only each time there are a quarter more samples; what 95 %
///   promise is then held in 93 of 100 simulated measurements.
package struct SamplingSchedule: Sendable {
    package enum Step: Hashable, Sendable {
        /// Run every configuration once; the times are handed back but not kept.
        case warmup(replicate: Int)
        /// Run every configuration once and keep the times; `round` counts over all replicates.
        case measure(replicate: Int, round: Int)
        /// End the worker processes and start fresh ones; never for the first replicate, whose
        /// processes are there from the start.
        case restart(replicate: Int)
        case finished(SamplingReport)
    }

    /// The timed samples of every configuration so far.
    ///
    /// Whoever measures owns them, and may have left out a trial that has no time.
    package typealias Samples = () -> [[ReplicateSample]]

    /// The times of one round.
    package struct Round: Hashable, Sendable {
        /// One time per configuration, in an order that stays the same from round to round; read
        /// after a warm-up only.
        package var configurationNanoseconds: [UInt64]
        /// The whole round, including the work between the timed parts.
        package var roundNanoseconds: UInt64

        package init(configurationNanoseconds: [UInt64], roundNanoseconds: UInt64) {
            self.configurationNanoseconds = configurationNanoseconds
            self.roundNanoseconds = roundNanoseconds
        }
    }

    static let mostWarmups = 10
    static let leastRounds = 3
    /// The fraction of its share that the first of several replicates may use.
    static let firstShare = 0.9
    /// The growth in samples after which the intervals are looked at again.
    static let growth = 1.25

    private let targetInterval: Double
    private let budgetNanoseconds: Double
    private let warmup: Int?
    private let leastWarmups: Int
    private let trials: Int?
    private let replicates: Int

    private var step: Step?
    private var replicate = 0
    private var warmupsOfReplicate: [[UInt64]] = []
    private var warmupRounds = 0
    private var warmupWasCut = false
    private var roundsOfReplicate = 0
    private var rounds = 0
    /// The decision of the first replicate, once it is made.
    private var plannedRounds: Int?
    /// The duration of the timed rounds of the first replicate.
    private var plannedNanoseconds = 0.0
    private var budgetDecided = false
    private var nextLook = 6
    private var longestRound = 0.0
    private var lastWarmup = 0.0
    private var spentNanoseconds = 0.0
    /// The current replicate's part of the budget: how much was spent when it began, and its size.
    private var shareStart = 0.0
    private var share = 0.0

    /// `trials`, when given, is the number of timed rounds over all replicates and `warmup` that
    /// of untimed rounds in each; without them, intervals and budget decide.
    package init(
        targetInterval: Double,
        budgetNanoseconds: UInt64,
        warmup: Int?,
        leastWarmups: Int = 1,
        trials: Int?,
        replicates: Int
    ) {
        precondition(
            targetInterval >= 0 && targetInterval.isFinite,
            "an interval must be a fraction"
        )
        precondition(warmup ?? 0 >= 0 && trials ?? 1 >= 1, "a measurement needs at least one trial")
        precondition(replicates >= 1, "a measurement needs at least one replicate")
        self.targetInterval = targetInterval
        self.budgetNanoseconds = Double(budgetNanoseconds)
        self.warmup = warmup
        self.leastWarmups = leastWarmups
        self.trials = trials
        // Starting a replicate without a trial would be useless.
        self.replicates = min(replicates, trials ?? replicates)
    }

    /// The next step; `round` holds the times of the last step, nil after a restart and at first.
    ///
    /// `samples` is called only where the schedule looks at intervals.
    package mutating func next(after round: Round? = nil, samples: Samples = { [] }) -> Step {
        switch (step, round) {
        case (nil, nil): beginReplicate()
        case (.restart, nil): break
        case (.warmup, .some(let round)): noteWarmup(round)
        case (.measure, .some(let round)): note(round)
        case (.finished, nil): break
        default: preconditionFailure("each round's times must come before the next step")
        }
        let following = decide(samples)
        step = following
        return following
    }

    /// Counts the time of saving results between two rounds, which uses a part of the budget.
    package mutating func noteKeeping(nanoseconds: UInt64) {
        spentNanoseconds += Double(nanoseconds)
    }

    /// The fraction of the measurement that is done, at least.
    ///
    /// This is the fraction of the requested trials, or else of the budget, because intervals may
    /// end it sooner.
    package var fractionDone: Double {
        if let trials { return Double(rounds) / Double(trials) }
        return budgetNanoseconds > 0 ? min(spentNanoseconds / budgetNanoseconds, 1) : 1
    }

    /// The report of a measurement that was ended early.
    package func interrupted(_ samples: Samples) -> SamplingReport {
        report(.interrupted, samples)
    }

    // MARK: Events

    private mutating func beginReplicate() {
        warmupsOfReplicate = []
        roundsOfReplicate = 0
        shareStart = spentNanoseconds
        share = max(budgetNanoseconds - spentNanoseconds, 0) / Double(replicates - replicate)
    }

    private mutating func noteWarmup(_ round: Round) {
        spentNanoseconds += Double(round.roundNanoseconds)
        warmupsOfReplicate.append(round.configurationNanoseconds)
        warmupRounds += 1
        lastWarmup = Double(round.roundNanoseconds)
    }

    private mutating func note(_ round: Round) {
        spentNanoseconds += Double(round.roundNanoseconds)
        longestRound = max(longestRound, Double(round.roundNanoseconds))
        if plannedRounds == nil { plannedNanoseconds += Double(round.roundNanoseconds) }
        rounds += 1
        roundsOfReplicate += 1
    }

    // MARK: Decisions

    private mutating func decide(_ samples: Samples) -> Step {
        if case .finished = step, let step { return step }
        if roundsOfReplicate == 0, wantsWarmup() { return .warmup(replicate: replicate) }
        guard isReplicateComplete(samples) else {
            return .measure(replicate: replicate, round: rounds)
        }
        if plannedRounds == nil { plannedRounds = roundsOfReplicate }
        guard replicate + 1 < replicates else { return .finished(report(end(samples), samples)) }
        replicate += 1
        beginReplicate()
        return .restart(replicate: replicate)
    }

    private mutating func wantsWarmup() -> Bool {
        let done = warmupsOfReplicate.count
        if let warmup { return done < warmup }
        if done < leastWarmups { return true }
        if SteadyState.isReached(rounds: warmupsOfReplicate) { return false }
        // Use the last round, not the longest: the first round has costs that do not come again.
        let spent = spentNanoseconds - shareStart
        // A later replicate has as many rounds to measure as the first, unless the user set the
        // number.
        let planned = plannedRounds == nil || trials != nil ? 0 : plannedNanoseconds
        let most = min(share / 5, share - planned)
        if done < Self.mostWarmups, spent + lastWarmup <= most { return true }
        warmupWasCut = true
        return false
    }

    private mutating func isReplicateComplete(_ samples: Samples) -> Bool {
        if let trials {
            let own = trials / replicates + (replicate < trials % replicates ? 1 : 0)
            return roundsOfReplicate >= own
        }
        let least = max((Self.leastRounds + replicates - 1) / replicates, 1)
        guard roundsOfReplicate >= least else { return false }
        if let plannedRounds {
            if roundsOfReplicate >= plannedRounds { return true }
        } else if isNarrowEnough(samples) {
            return true
        }
        let usable = plannedRounds == nil && replicates > 1 ? share * Self.firstShare : share
        guard spentNanoseconds - shareStart + longestRound > usable else { return false }
        budgetDecided = true
        return true
    }

    /// Whether the first replicate can expect to have enough rounds.
    private mutating func isNarrowEnough(_ samples: Samples) -> Bool {
        guard rounds >= nextLook else { return false }
        nextLook = max(rounds + 1, Int((Double(rounds) * Self.growth).rounded(.up)))
        guard let widest = Self.widestInterval(samples()) else { return false }
        return widest * Self.expectedNarrowing(replicates) <= targetInterval
    }

    /// The width of the interval over several replicates, divided by that of one replicate's interval,
    /// where replicates differ only as much as trials do.
    ///
    /// The interval of one is about ±1.96 standard deviations of its median; that of several is
    /// Student's t times the standard error of their mean.
    static func expectedNarrowing(_ replicates: Int) -> Double {
        guard replicates > 1 else { return 1 }
        let t = StudentDistribution.twoSidedQuantile(
            tail: 1 - MedianInterval.confidence,
            degreesOfFreedom: Double(replicates - 1)
        )
        return t / 1.96 / Double(replicates).squareRoot()
    }

    private static func widestInterval(_ samples: [[ReplicateSample]]) -> Double? {
        var widest = 0.0
        for configuration in samples {
            guard let interval = SampleSummary(configuration)?.relativeUncertainty
            else { return nil }
            widest = max(widest, interval)
        }
        return samples.isEmpty ? nil : widest
    }

    /// Why a measurement that was not interrupted has ended.
    private func end(_ samples: Samples) -> SamplingReport.End {
        if trials != nil { return .trials }
        if let widest = Self.widestInterval(samples()), widest <= targetInterval {
            return .interval
        }
        return budgetDecided ? .budget : .replicates
    }

    private func report(_ end: SamplingReport.End, _ samples: Samples) -> SamplingReport {
        let samples = samples()
        let widest = Self.widestInterval(samples)
        return SamplingReport(
            warmupRounds: warmupRounds,
            warmupEnd: warmup != nil ? .fixed : warmupWasCut ? .budget : .steady,
            rounds: rounds,
            replicates: replicate + 1,
            end: end,
            targetInterval: trials == nil ? targetInterval : nil,
            widestInterval: widest,
            intervalBasis: widest == nil
                ? nil : samples.compactMap { SampleSummary($0)?.medianIntervalBasis }.first
        )
    }
}
