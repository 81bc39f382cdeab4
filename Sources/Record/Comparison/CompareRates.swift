import Files
import Host
import Plan
import Statistics

/// How often comparisons raised a false alarm, and how often they found a planted slowdown.
package struct CompareRates: Codable, Equatable, Sendable {
    package enum Schema: String, Codable, Sendable {
        case rates = "headwise.compare-rates/1"
    }

    /// Comparisons of one kind.
    package struct Count: Codable, Equatable, Sendable {
        /// The faults injected into B's workers; empty where A and B were the same.
        package var faults: [String]
        package var runs: Int
        /// Comparisons in which something is slower, whatever the rest is.
        package var slower: Int
        /// Other comparisons in which something is faster.
        package var faster: Int
        /// Comparisons in which everything is the same, or at least not slower.
        package var same: Int
        /// Comparisons in which something is undecided, and nothing is slower or faster.
        package var ambiguous: Int
        /// The rate of false alarms where A and B were the same, else of slowdowns found.
        package var rate: Double
        /// The exact 95 % bounds of that rate, each one-sided (Clopper and Pearson, 1934).
        package var rateLowerBound: Double
        package var rateUpperBound: Double
        /// The same counts for each statistic; absent in records from before there were several.
        package var statistics: [StatisticCount]?
        /// The median ratio of the fast end, in such older records.
        package var medianRatio: Double?
        package var medianHalfWidth: Double?
    }

    /// The same comparisons by one statistic alone.
    package struct StatisticCount: Codable, Equatable, Sendable {
        package var statistic: ComparedStatistic
        package var slower: Int
        package var faster: Int
        package var same: Int
        package var ambiguous: Int
        package var rate: Double
        package var rateLowerBound: Double
        package var rateUpperBound: Double
        /// The median of the measured ratios, and of the half-widths of their intervals.
        package var medianRatio: Double?
        package var medianHalfWidth: Double?
    }

    package private(set) var schema = Schema.rates
    package var host: HostDescription
    package var commandLine: [String]
    /// When the first comparison began, and when the last.
    package var firstStarted: String
    package var lastStarted: String
    package var commits: [String]
    package var planDigest: String
    package var plan: RunPlan?
    package var rule: CompareRule
    package var medianSeconds: Double
    package var counts: [Count]

    /// Summarizes outcomes, which must share one plan, one rule and one machine.
    package init(
        _ outcomes: [CompareOutcome],
        source: String,
        plan: RunPlan?,
        host: HostDescription,
        commandLine: [String]
    ) throws(ExperimentError) {
        guard let first = outcomes.first, let last = outcomes.last else {
            throw Self.refusal(source, "has no comparison")
        }
        for outcome in outcomes {
            guard outcome.rule == first.rule, outcome.planDigest == first.planDigest,
                outcome.hostFingerprint == first.hostFingerprint
            else { throw Self.refusal(source, "mixes several plans, rules or machines") }
        }
        guard first.hostFingerprint == host.fingerprint else {
            throw Self.refusal(source, "was measured on another machine")
        }
        if let plan, plan.digest != first.planDigest {
            throw Self.refusal(source, "was measured with another plan")
        }
        self.host = host
        self.commandLine = commandLine
        self.plan = plan
        firstStarted = first.started
        lastStarted = last.started
        commits = Set(outcomes.compactMap(\.commit)).sorted()
        planDigest = first.planDigest
        rule = first.rule
        medianSeconds = Self.median(outcomes.map(\.seconds)) ?? 0
        counts = Set(outcomes.map(\.faults)).sorted { $0.joined() < $1.joined() }.map { faults in
            Self.count(faults, outcomes.filter { $0.faults == faults })
        }
    }

    private static func count(_ faults: [String], _ outcomes: [CompareOutcome]) -> Count {
        let tally = Tally(outcomes.map { $0.verdicts() }, isSame: faults.isEmpty)
        let judged = Set(outcomes.flatMap(\.points).flatMap(\.statistics).map(\.statistic))
        return Count(
            faults: faults,
            runs: outcomes.count,
            slower: tally.slower,
            faster: tally.faster,
            same: tally.same,
            ambiguous: tally.ambiguous,
            rate: tally.rate,
            rateLowerBound: tally.lowerBound,
            rateUpperBound: tally.upperBound,
            statistics: ComparedStatistic.allCases.filter(judged.contains).map {
                count($0, outcomes, isSame: faults.isEmpty)
            }
        )
    }

    private static func count(
        _ statistic: ComparedStatistic,
        _ outcomes: [CompareOutcome],
        isSame: Bool
    ) -> StatisticCount {
        let tally = Tally(outcomes.map { $0.verdicts(by: statistic) }, isSame: isSame)
        let comparisons = outcomes.flatMap(\.points).flatMap(\.statistics)
            .filter { $0.statistic == statistic }.compactMap(\.comparison)
        let widths = comparisons.compactMap { comparison -> Double? in
            guard let lower = comparison.lowerBound, let upper = comparison.upperBound else {
                return nil
            }
            return (upper - lower) / 2
        }
        return StatisticCount(
            statistic: statistic,
            slower: tally.slower,
            faster: tally.faster,
            same: tally.same,
            ambiguous: tally.ambiguous,
            rate: tally.rate,
            rateLowerBound: tally.lowerBound,
            rateUpperBound: tally.upperBound,
            medianRatio: median(comparisons.map(\.ratio)),
            medianHalfWidth: median(widths)
        )
    }

    /// Counts comparisons by verdict; each comparison counts as the worst of its verdicts.
    private struct Tally {
        var (slower, faster, same, ambiguous) = (0, 0, 0, 0)
        var rate: Double
        package var lowerBound: Double
        package var upperBound: Double

        /// `isSame` says that A and B were the same: then each slower or faster is a false alarm.
        init(_ comparisons: [[TimeComparison.Verdict]], isSame: Bool) {
            for verdicts in comparisons {
                switch TimeComparison.Verdict.overall(verdicts) {
                case .slower: slower += 1
                case .faster: faster += 1
                case .ambiguous: ambiguous += 1
                case .same, .notSlower: same += 1
                }
            }
            let (events, runs) = (isSame ? slower + faster : slower, comparisons.count)
            rate = Double(events) / Double(runs)
            lowerBound = ExactBinomial.lowerBound(events: events, runs: runs)
            upperBound = ExactBinomial.upperBound(events: events, runs: runs)
        }
    }

    private static func median(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : SampleSummary.quantile(0.5, ofSorted: values.sorted())
    }

    private static func refusal(_ source: String, _ problem: String) -> ExperimentError {
        ExperimentError(
            .usage,
            source,
            problem,
            expected: "outcomes of one plan and rule on this machine",
            remedy: "start a new file of outcomes"
        )
    }
}
