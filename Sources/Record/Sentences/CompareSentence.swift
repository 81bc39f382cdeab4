import Statistics

extension CompareRecord {
    /// The statistics that are slower, faster, the same and ambiguous, in this order, and by how
    /// much.
    package var sentence: String {
        verdict.flatMap { $0.sentence.isEmpty ? nil : $0.sentence }
            ?? ((mark.map { "\($0): " } ?? "") + CompareSentence.sentence(for: self))
    }

    /// What neither side computed, the other did not either.
    package var mark: String? { first.plan.compute.mark }

    /// Says in the verdict what has been found.
    package mutating func close() {
        verdict = Verdict(reasons: verdict?.reasons ?? [], sentence: sentence)
    }
}

private enum CompareSentence {
    static func sentence(for record: CompareRecord) -> String {
        if let reason = record.verdict?.reasons.first {
            return "The times mean nothing: \(reason)."
        }
        guard !record.points.isEmpty else { return "Nothing was compared." }
        let groups = TimeComparison.Verdict.told.map { verdict in
            (verdict: verdict, finds: finds(verdict, in: record))
        }.filter { !$0.finds.isEmpty }
        if groups.allSatisfy({ $0.verdict == .ambiguous }) {
            let finds = groups.flatMap(\.finds)
            return "Ambiguous \(Units.listed(finds.map(\.place))): the intervals neither show a "
                + "difference nor exclude one\(enough(finds))."
        }
        if groups.allSatisfy({ $0.verdict == .same }) {
            let limits = groups.flatMap(\.finds).map { find in
                threshold(of: find.statistic, record) + " \(find.place)"
            }
            return "B is as fast as A: any difference is within \(Units.listed(limits))."
        }
        return "B is " + groups.map { clause($0.verdict, $0.finds, record) }.joined(separator: "; ")
            + "."
    }

    /// One statistic with the same verdict at some points.
    struct Find {
        var statistic: ComparedStatistic
        /// `in the mean`, `in the mean at 2 and 4 workers`.
        var place: String
        var comparisons: [TimeComparison]
        var pointCount: Int
    }

    static func finds(
        _ verdict: TimeComparison.Verdict,
        in record: CompareRecord
    ) -> [Find] {
        ComparedStatistic.allCases.compactMap { statistic in
            let points = record.points.filter { $0[statistic]?.verdict == verdict }
            guard !points.isEmpty else { return nil }
            let everywhere = points.count == record.points.count
            return Find(
                statistic: statistic,
                place: statistic.preposition + " the \(statistic.name)"
                    + (everywhere ? "" : " of \(names(points))"),
                comparisons: points.compactMap { $0[statistic]?.comparison },
                pointCount: points.count
            )
        }
    }

    static func clause(
        _ verdict: TimeComparison.Verdict,
        _ finds: [Find],
        _ record: CompareRecord
    ) -> String {
        switch verdict {
        case .slower, .faster:
            let isSlower = verdict == .slower
            return "\(verdict.rawValue) "
                + Units.listed(finds.map { $0.place + figures($0, isSlower: isSlower) })
        case .same:
            return "the same "
                + Units.listed(
                    finds.map { "\($0.place) (within \(threshold(of: $0.statistic, record)))" }
                )
        case .notSlower: return "not slower \(Units.listed(finds.map(\.place)))"
        case .ambiguous: return "ambiguous \(Units.listed(finds.map(\.place)))\(enough(finds))"
        }
    }

    static func threshold(
        of statistic: ComparedStatistic,
        _ record: CompareRecord
    ) -> String {
        Units.percent(record.rule.threshold(of: statistic), isFine: true)
    }

    /// The number of replicates that would probably decide all of these; empty if no number would.
    static func enough(_ finds: [Find]) -> String {
        let needed = finds.flatMap(\.comparisons).compactMap(\.neededReplicates)
        guard needed.count == finds.reduce(0, { $0 + $1.pointCount }), let most = needed.max()
        else {
            return ""
        }
        return " (about \(most) replicates would probably decide)"
    }

    /// ` by 4.9 % (3.1 % to 6.7 %)`, of the point that differs most.
    static func figures(_ find: Find, isSlower: Bool) -> String {
        let worst = find.comparisons.max { isSlower ? $0.ratio < $1.ratio : $0.ratio > $1.ratio }
        guard let worst, let lower = worst.lowerBound, let upper = worst.upperBound else {
            return ""
        }
        let ends = isSlower ? [lower - 1, upper - 1] : [1 - upper, 1 - lower]
        let middle = Units.percent(abs(worst.ratio - 1), isFine: true)
        return " by \(find.pointCount == 1 ? "" : "up to ")\(middle) "
            + "(\(Units.percent(ends[0], isFine: true)) to \(Units.percent(ends[1], isFine: true)))"
    }

    static func names(_ points: [ComparedPoint]) -> String {
        Units.listed(points.map { "\($0.workers)" })
            + (points.count == 1 && points[0].workers == 1 ? " worker" : " workers")
    }
}

extension TimeComparison.Verdict {
    /// The order in a sentence: the worst first; last the ambiguous ones, with what to do.
    fileprivate static let told: [Self] = [.slower, .faster, .same, .notSlower, .ambiguous]
}

extension ComparedStatistic {
    fileprivate var preposition: String { self == .mean ? "in" : "at" }
}
