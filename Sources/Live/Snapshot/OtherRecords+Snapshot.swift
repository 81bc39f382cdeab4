import Attention
import Record
import Statistics
import Tables

extension KernelRecord: LiveRecord {
    var sentenceSoFar: String {
        rows.isEmpty ? "No row is measured yet." : sentence
    }

    func describe(_ snapshot: inout Snapshot) {
        if exitCode == nil {
            let visits = rows.compactMap { $0.replicates?.max() }.max().map { $0 + 1 }
            snapshot.lines = [
                "\(Units.counted(rows.count, "row")) so far"
                    + (visits.map { ", \(Units.counted($0, "visit"))" } ?? "")
            ]
        }
        if let best = bestRow, let rate = best.gigaflopsPerSecond {
            snapshot.figures = [
                Snapshot.KeyFigure(
                    name: visible(best.title),
                    value: "\(Units.significant(rate)) GFLOP/s",
                    reference: best.fractionOfPeak.map {
                        "\(Units.percent($0)) of the multiply-add peak"
                    } ?? "",
                    fraction: best.fractionOfPeak.map { rounded(min($0, 1)) }
                )
            ]
        }
        snapshot.bars = rows.map { row in
            // Where another roof bounds the row, what it reaches of that says more.
            let isOther = row.roof.map { $0.boundBy != .fma } ?? false
            let fraction = isOther ? row.roof?.fraction : row.fractionOfPeak
            let roof = isOther ? "\(row.roof?.boundBy.rawValue ?? "") roof" : "multiply-add peak"
            return Snapshot.Bar(
                name: visible(row.title),
                value: row.gigaflopsPerSecond.map { "\(Units.significant($0)) GFLOP/s" }
                    ?? Units.time(row.summary.medianNanoseconds),
                fraction: fraction.map { rounded(min($0, 1)) },
                reference: fraction.map { "\(Units.percent($0)) of \(roof)" } ?? "",
                isGood: row.status != .disagrees
            )
        }
    }
}

extension CompareRecord: LiveRecord {
    var sentenceSoFar: String {
        let pairs = points.map { min($0.firstNanoseconds.count, $0.secondNanoseconds.count) }.min()
        guard let pairs, pairs > 0 else { return "No pair of replicates is finished yet." }
        return "\(Units.counted(pairs, "pair")) of replicates so far; the verdict comes at the end."
    }

    func describe(_ snapshot: inout Snapshot) {
        snapshot.lines = [
            "A: \(first.path)\(first.program.map { ", by \($0)" } ?? "")",
            "B: \(second.path)\(second.program.map { ", by \($0)" } ?? "")",
            Headlines.problem(second.plan),
        ].map { visible($0) }
        if exitCode == nil, let goal = rule.replicates, goal > 0 {
            let done = points.map(\.secondNanoseconds.count).min() ?? 0
            snapshot.progress = Snapshot.Progress(
                fraction: rounded(min(Double(done) / Double(goal), 1)),
                text: "\(done) of \(Units.counted(goal, "pair")) of replicates"
            )
        }
        snapshot.trials = points.flatMap { point in
            let place = points.count == 1 ? "" : ", \(Units.counted(point.workers, "worker"))"
            return [
                series("A\(place)", point.firstNanoseconds, isReference: true),
                series("B\(place)", point.secondNanoseconds, isReference: false),
            ].compactMap { $0 }
        }
        snapshot.ratios = points.flatMap { point in ratios(at: point) }
    }

    private func series(
        _ name: String,
        _ replicates: [[UInt64]],
        isReference: Bool
    ) -> Snapshot.Series? {
        let times = Array(replicates.joined())
        guard let summary = SampleSummary(nanoseconds: times.map { Double($0) }) else { return nil }
        return Snapshot.Series(
            name: name,
            nanoseconds: times,
            medianNanoseconds: summary.medianNanoseconds,
            isReference: isReference
        )
    }

    private func ratios(at point: ComparedPoint) -> [Snapshot.RatioView] {
        let place = points.count == 1 ? "" : ", \(Units.counted(point.workers, "worker"))"
        return point.statistics.compactMap { statistic in
            guard let found = statistic.comparison else { return nil }
            return Snapshot.RatioView(
                name: "\(statistic.statistic.name)\(place)",
                ratio: found.ratio,
                lower: found.lowerBound,
                upper: found.upperBound,
                threshold: rule.threshold(of: statistic.statistic),
                verdict: exitCode == nil ? nil : found.verdict.rawValue
            )
        }
    }
}
