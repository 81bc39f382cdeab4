import Timing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// One point of two measurements, A and B, side by side.
///
/// A replicate counts for the mean of its fastest third. What disturbs a shared machine only ever
/// makes a trial longer, so that the fast end of its trials is what they have in common: in
/// comparisons of a plan with itself on a virtual machine, this mean differed between replicates by
/// 2.8 %, their lower quartiles by 3.6 % and their medians by 7 %, each from some fifteen trials.
///
/// The time of a side is the geometric mean of its replicates' times, from ten replicates on
/// without the fifth at either end. The ratio is made of pairs in the same way, and so is nearly
/// the quotient of the two.
package struct ComparedPoint: Codable, Equatable, Sendable {
    package var workers: Int
    /// Compute threads of each worker, of A and of B.
    package var threads: [Int]
    /// Every wall time of A, replicate by replicate.
    package var firstNanoseconds: [[UInt64]]
    /// Of B; in a comparison that interleaves, replicate i ran beside A's replicate i.
    package var secondNanoseconds: [[UInt64]]
    /// A's time, the middle of its replicates' times; absent without samples.
    package var firstTypicalNanoseconds: Double?
    /// B's time.
    package var secondTypicalNanoseconds: Double?
    /// B's time over A's; absent without samples.
    package var comparison: TimeComparison?
    /// Why there is no better verdict, and what to do; absent when there is one.
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
        firstTypicalNanoseconds = Self.time(Self.logTimes(firstNanoseconds))
        secondTypicalNanoseconds = Self.time(Self.logTimes(secondNanoseconds))
    }

    package var verdict: TimeComparison.Verdict { comparison?.verdict ?? .ambiguous }

    /// The logarithm of each replicate's time; replicates without samples are passed over.
    static func logTimes(_ replicates: [[UInt64]]) -> [Double] {
        replicates.compactMap { samples in
            let fastest = samples.sorted().prefix((samples.count + 2) / 3)
            let mean = fastest.reduce(0) { $0 + Double($1) } / Double(max(fastest.count, 1))
            return mean > 0 ? log(mean) : nil
        }
    }

    private static func time(_ logTimes: [Double]) -> Double? {
        logTimes.isEmpty
            ? nil : exp(ReplicateComparison.middle(ofLogTimes: logTimes))
    }

    /// Judges replicates that ran side by side, each pair as one.
    package mutating func comparePairs(_ rule: ReplicateComparison) {
        let pairs = zip(firstNanoseconds, secondNanoseconds).filter {
            !$0.isEmpty && !$1.isEmpty
        }
        guard !pairs.isEmpty else { return reason = "no replicate was finished" }
        let first = Self.logTimes(pairs.map(\.0))
        let second = Self.logTimes(pairs.map(\.1))
        // Of what is compared: a replicate without a partner is no part of the ratio.
        firstTypicalNanoseconds = Self.time(first)
        secondTypicalNanoseconds = Self.time(second)
        comparison = rule.paired(logRatios: zip(second, first).map { $0 - $1 })
        if pairs.count < 2 {
            reason = "one pair of replicates says nothing about the next; give more --replicates"
        } else if verdict == .ambiguous {
            reason = undecided("\(pairs.count) pairs of replicates", rule) { needed in
                "\(needed) pairs would probably decide; give --replicates \(needed), and a "
                    + "--budget \(Self.factor(needed, over: pairs.count)) times as long"
            }
        }
    }

    /// Judges replicates of two measurements at different times; `flags` are those that make a
    /// record of so many replicates.
    package mutating func compareIndependently(
        _ rule: ReplicateComparison,
        flags: (_ replicates: Int) -> String = { "--replicates \($0)" }
    ) {
        let first = Self.logTimes(firstNanoseconds)
        let second = Self.logTimes(secondNanoseconds)
        guard !first.isEmpty, !second.isEmpty else {
            let name = first.isEmpty ? "A" : "B"
            return reason = "record \(name) has no finished trial of this point"
        }
        comparison = rule.independent(first: first, second: second)
        let few = [("A", first.count), ("B", second.count)].filter { $0.1 < 2 }
        if !few.isEmpty {
            let names = few.map(\.0).joined(separator: " and ")
            reason =
                "record \(names) has one replicate, and how much the next would differ is unknown; "
                + "run with \(flags(5))"
        } else if verdict == .ambiguous {
            let seen =
                first.count == second.count
                ? "the \(first.count) replicates of each record"
                : "the \(first.count) replicates of A and \(second.count) of B"
            reason = undecided(seen, rule) { needed in
                "about \(needed) in each would probably decide; measure both again with "
                    + "\(flags(needed)), or the two plans side by side, which takes fewer "
                    + "(--as-plans)"
            }
        }
    }

    /// Why there is no verdict, and how many replicates would have given one.
    private func undecided(
        _ seen: String,
        _ rule: ReplicateComparison,
        _ remedy: (_ needed: Int) -> String
    ) -> String {
        if let needed = comparison?.neededReplicates {
            return "\(seen) differ too much among themselves to decide; \(remedy(needed))"
        }
        let width = log(comparison?.upperBound ?? .infinity) - log(comparison?.lowerBound ?? 1)
        return width <= log1p(rule.threshold)
            ? "the ratio lies at the threshold, where no number of replicates decides soon; give "
                + "another --threshold"
            : "\(seen) differ too much among themselves, and not even "
                + "\(ReplicateComparison.mostReplicates) would decide; find out what disturbs them"
    }

    /// `2.5`: what more replicates of the same length cost.
    private static func factor(_ needed: Int, over seen: Int) -> String {
        let tenths = (Double(needed) / Double(seen) * 10).rounded(.up)
        return "\(tenths / 10)"
    }
}
