import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One point of two measurements, A and B, side by side: every trial, and the statistics.
///
/// Each replicate gives one time for each statistic. The time of a side is the geometric mean of
/// its replicates' times; from ten replicates on, the highest and the lowest fifth are left out.
/// The ratio is made of pairs in the same way, so it is nearly the quotient of the two times.
package struct ComparedPoint: Equatable, Sendable {
    package var workers: Int
    /// Compute threads of each worker, of A and of B.
    package var threads: [Int]
    /// Every wall time of A, replicate by replicate.
    package var firstNanoseconds: [[UInt64]]
    /// Every wall time of B; in an interleaved comparison, replicate i ran beside A's replicate i.
    package var secondNanoseconds: [[UInt64]]
    /// One for each statistic that the rule judges by, in the rule's order; empty before judging.
    package var statistics: [StatisticComparison]
    /// Why a statistic has no better verdict, and what to do; absent when all have one.
    package var reason: String?

    package init(
        workers: Int,
        threads: [Int],
        firstNanoseconds: [[UInt64]],
        secondNanoseconds: [[UInt64]]
    ) {
        self.workers = workers
        self.threads = threads
        self.firstNanoseconds = firstNanoseconds
        self.secondNanoseconds = secondNanoseconds
        statistics = []
    }

    package subscript(statistic: ComparedStatistic) -> StatisticComparison? {
        statistics.first { $0.statistic == statistic }
    }

    /// The logarithm of each replicate's time; replicates without samples are skipped.
    private static func logTimes(
        _ replicates: [[UInt64]],
        _ statistic: ComparedStatistic
    ) -> [Double] {
        replicates.compactMap { statistic.logTime($0) }
    }

    private static func time(_ logTimes: [Double]) -> Double? {
        logTimes.isEmpty
            ? nil : exp(ReplicateComparison.middle(ofLogTimes: logTimes))
    }

    /// Judges replicates that ran side by side, each pair as one.
    ///
    /// This is one of `points` points that are judged together, and `seconds` is how long a pair of
    /// replicates took, of all points.
    package mutating func comparePairs(
        _ rule: CompareRule,
        points: Int,
        secondsPerPair seconds: Double
    ) {
        let pairs = zip(firstNanoseconds, secondNanoseconds).filter {
            !$0.isEmpty && !$1.isEmpty
        }
        // Only what is compared: a replicate without a partner is no part of the ratio.
        judge(rule, pairs.map(\.0), pairs.map(\.1)) { statistic, first, second in
            rule.comparison(by: statistic, points: points)
                .paired(logRatios: zip(second, first).map { $0 - $1 })
        }
        if pairs.isEmpty {
            reason = "no replicate was finished"
        } else if pairs.count < 2 {
            reason = "one pair of replicates cannot show how much pairs differ; raise --replicates"
        } else {
            reason = undecided(rule, "the \(pairs.count) pairs of replicates") { needed in
                // The time that pairs took, not the budget: the first five run however long they take.
                let budget = Int((seconds * Double(needed)).rounded(.up))
                return "\(needed) pairs would probably decide; give --replicates \(needed) "
                    + "--budget \(budget)"
            }
        }
    }

    /// Judges replicates of two measurements at different times.
    ///
    /// `flags` makes the flags that measure a record of that many replicates.
    package mutating func compareIndependently(
        _ rule: CompareRule,
        points: Int,
        flags: (_ replicates: Int) -> String = { "--replicates \($0)" }
    ) {
        let (first, second) = Self.alike(firstNanoseconds, secondNanoseconds)
        judge(rule, first, second) { statistic, first, second in
            rule.comparison(by: statistic, points: points)
                .independent(first: first, second: second)
        }
        let counts = [("A", first.count), ("B", second.count)]
        if let missing = counts.first(where: { $0.1 == 0 }) {
            reason = "record \(missing.0) has no finished trial of this point"
        } else if counts.contains(where: { $0.1 < 2 }) {
            let names = counts.filter { $0.1 < 2 }.map(\.0).joined(separator: " and ")
            reason =
                "record \(names) has one replicate, which cannot show how much replicates differ; "
                + "run with \(flags(5))"
        } else {
            let seen =
                first.count == second.count
                ? "the \(first.count) replicates of each record"
                : "the \(first.count) replicates of A and \(second.count) of B"
            reason = undecided(rule, seen) { needed in
                "about \(needed) in each would probably decide; measure both again with "
                    + "\(flags(needed)), or measure the two plans side by side with "
                    + "--as-plans, which needs fewer"
            }
        }
    }

    /// Both sides' replicates that have trials, cut down to the smaller number of trials.
    ///
    /// A mean of logarithms and a high percentile depend on the number of trials, so two records
    /// that differ only in that would seem to differ in time. Trials are left out at equal
    /// distances, since the first ones are not like the last.
    private static func alike(
        _ first: [[UInt64]],
        _ second: [[UInt64]]
    ) -> ([[UInt64]], [[UInt64]]) {
        let most = min(first.map(\.count).max() ?? 0, second.map(\.count).max() ?? 0)
        func thinned(_ replicates: [[UInt64]]) -> [[UInt64]] {
            replicates.filter { !$0.isEmpty }.map { trials in
                trials.count <= most ? trials : (0..<most).map { trials[$0 * trials.count / most] }
            }
        }
        return (thinned(first), thinned(second))
    }

    private mutating func judge(
        _ rule: CompareRule,
        _ first: [[UInt64]],
        _ second: [[UInt64]],
        _ compare: (ComparedStatistic, _ first: [Double], _ second: [Double]) -> TimeComparison
    ) {
        statistics = rule.statistics.map { statistic in
            let (a, b) = (Self.logTimes(first, statistic), Self.logTimes(second, statistic))
            return StatisticComparison(
                statistic,
                firstNanoseconds: Self.time(a),
                secondNanoseconds: Self.time(b),
                comparison: a.isEmpty || b.isEmpty ? nil : compare(statistic, a, b)
            )
        }
    }

    // MARK: Why nobody can tell

    /// Why statistics are ambiguous, and how many replicates would have decided them; nil when none
    /// is ambiguous.
    private func undecided(
        _ rule: CompareRule,
        _ seen: String,
        _ remedy: (_ needed: Int) -> String
    ) -> String? {
        let ambiguous = statistics.filter { $0.verdict == .ambiguous }
        let decidable = ambiguous.filter { $0.comparison?.neededReplicates != nil }
        let atThreshold = ambiguous.filter { statistic in
            guard let found = statistic.comparison, found.neededReplicates == nil,
                let lower = found.lowerBound, let upper = found.upperBound
            else { return false }
            return log(upper) - log(lower) <= log1p(rule.threshold(of: statistic.statistic))
        }
        let hopeless = ambiguous.filter { !decidable.contains($0) && !atThreshold.contains($0) }
        var reasons: [String] = []
        if let most = decidable.compactMap({ $0.comparison?.neededReplicates }).max() {
            reasons.append(
                "\(seen) differ too much to decide about \(Self.names(decidable)); "
                    + remedy(most)
            )
        }
        if !atThreshold.isEmpty {
            let flags = atThreshold.map(\.statistic.thresholdFlag).joined(separator: " or ")
            reasons.append(
                "the ratio of \(Self.names(atThreshold)) lies at the threshold, so even many more "
                    + "replicates may not decide; give another \(flags)"
            )
        }
        if !hopeless.isEmpty {
            reasons.append(
                "\(seen) differ too much to decide about \(Self.names(hopeless)), and even "
                    + "\(ReplicateComparison.mostReplicates) would not decide; find out what "
                    + "disturbs them"
            )
        }
        return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
    }

    private static func names(_ statistics: [StatisticComparison]) -> String {
        let names = statistics.map { "the \($0.statistic.name)" }
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }
}

extension ComparedPoint: Codable {
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        workers = try values.decode(Int.self, forKey: .workers)
        threads = try values.decode([Int].self, forKey: .threads)
        firstNanoseconds = try values.decode([[UInt64]].self, forKey: .firstNanoseconds)
        secondNanoseconds = try values.decode([[UInt64]].self, forKey: .secondNanoseconds)
        statistics = try StatisticComparison.list(in: decoder)
        reason = try values.decodeIfPresent(String.self, forKey: .reason)
    }
}

extension ComparedStatistic {
    /// In sentences, after `the`.
    package var name: String {
        switch self {
        case .fastEnd: "fast end"
        case .mean: "mean"
        case .percentile90: "90th percentile"
        }
    }

    /// The flag of `compare` that says what counts as no difference.
    package var thresholdFlag: String {
        switch self {
        case .fastEnd: "--threshold"
        case .mean: "--mean-threshold"
        case .percentile90: "--p90-threshold"
        }
    }
}
