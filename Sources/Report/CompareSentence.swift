import Experiment
import Timing

extension CompareTable {
    /// What a comparison comes to in one plain sentence.
    package static func sentence(for record: CompareRecord) -> String {
        if let reason = record.verdict?.reasons.first {
            return "The times mean nothing: \(reason)."
        }
        let slower = record.points.filter { $0.verdict == .slower }
        let faster = record.points.filter { $0.verdict == .faster }
        let ambiguous = record.points.filter { $0.verdict == .ambiguous }
        guard !record.points.isEmpty else { return "Nothing was compared." }
        guard slower.isEmpty, faster.isEmpty else {
            var parts: [String] = []
            if let worst = slower.max(by: { ratio($0) < ratio($1) }) {
                let places = all(slower, of: record, "slower")
                parts.append(places + figures(worst, isSlower: true, isOne: slower.count == 1))
            }
            if let best = faster.min(by: { ratio($0) < ratio($1) }) {
                let places = all(faster, of: record, "faster")
                parts.append(places + figures(best, isSlower: false, isOne: faster.count == 1))
            }
            if !ambiguous.isEmpty {
                parts.append("\(names(ambiguous)) stays undecided\(enough(ambiguous))")
            }
            return "B is " + parts.joined(separator: "; ") + "."
        }
        if !ambiguous.isEmpty {
            let rest = ambiguous.count == record.points.count ? "" : "; the others are the same"
            return "Undecided at \(names(ambiguous)): the interval neither shows a difference nor "
                + "rules one out\(enough(ambiguous))\(rest)."
        }
        let threshold = Units.percent(record.rule.threshold, isFine: true)
        return "B is as fast as A: whatever the difference is, it is within \(threshold)."
    }

    /// How many replicates would probably decide all of these; nothing where no number would.
    private static func enough(_ points: [ComparedPoint]) -> String {
        let needed = points.compactMap { $0.comparison?.neededReplicates }
        guard needed.count == points.count, let most = needed.max() else { return "" }
        return ", which takes about \(most) replicates (--replicates \(most))"
    }

    /// `slower at 2 workers`, or `slower` when there is no other point.
    private static func all(
        _ points: [ComparedPoint],
        of record: CompareRecord,
        _ word: String
    ) -> String {
        record.points.count == 1 ? word : "\(word) at \(names(points))"
    }

    private static func figures(
        _ point: ComparedPoint,
        isSlower: Bool,
        isOne: Bool
    ) -> String {
        guard let comparison = point.comparison, let lower = comparison.lowerBound,
            let upper = comparison.upperBound
        else { return "" }
        let ends = isSlower ? [lower - 1, upper - 1] : [1 - upper, 1 - lower]
        let middle = Units.percent(abs(comparison.ratio - 1), isFine: true)
        return ", by \(isOne ? "" : "up to ")\(middle) "
            + "(\(Units.percent(ends[0], isFine: true)) to \(Units.percent(ends[1], isFine: true)))"
    }

    private static func names(_ points: [ComparedPoint]) -> String {
        let counts = points.map { "\($0.workers)" }
        let noun = points.count == 1 && points[0].workers == 1 ? "worker" : "workers"
        guard let last = counts.last, counts.count > 1 else { return "\(counts[0]) \(noun)" }
        return counts.dropLast().joined(separator: ", ") + " and \(last) \(noun)"
    }

    private static func ratio(_ point: ComparedPoint) -> Double { point.comparison?.ratio ?? 1 }
}
