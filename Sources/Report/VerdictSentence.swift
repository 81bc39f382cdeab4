import Experiment
import Timing

/// Says in one plain sentence what the cluster was worth, and what held it back.
///
/// It must be able to say "use one worker": many clusters are slower than one machine, and their
/// users find out last.
package enum VerdictSentence {
    /// Below this gain over the best that one worker or process does, more are not worth it.
    package static let leastWorthwhileGain = 1.1

    /// Speedups nearer than this factor are not told apart.
    private static let tie = 1.05

    /// The sentence of one point.
    package static func sentence(for point: RunPoint, in record: RunRecord) -> String {
        if let refusal = refusal(of: [point]) { return refusal }
        guard let speedup = point.summary?.speedup else { return withoutTimes([point]) }
        return worth(point, speedup: speedup, in: record, alternatives: [])
    }

    /// The sentence of a sweep, about its best point.
    package static func sentence(for record: RunRecord) -> String {
        if let refusal = refusal(of: record.points) { return refusal }
        if record.weights?.status == "DISAGREES" {
            return "The attention weights are wrong, so nothing here can be relied on."
        }
        guard let chosen = subject(of: record) else { return withoutTimes(record.points) }
        let larger = record.points.filter {
            $0.summary?.speedup != nil && $0.workers > chosen.workers
        }
        return worth(
            chosen,
            speedup: speedup(chosen),
            in: record,
            alternatives: larger.sorted { $0.workers < $1.workers }
        )
    }

    /// The point that the sentence of a sweep is about; nil when no trial was finished.
    package static func subject(of record: RunRecord) -> RunPoint? {
        let measured = record.points.filter { $0.summary?.speedup != nil }
        // Lone workers tell what one is worth; the question is what several are.
        let several = measured.filter { $0.workers > 1 }
        let candidates = (several.isEmpty ? measured : several).sorted { $0.workers < $1.workers }
        // The fewest that come within a tie of the best: more would cost more and bring nothing.
        let best = candidates.map { speedup($0) }.max() ?? 0
        return candidates.first { speedup($0) * tie >= best }
    }

    private static func withoutTimes(_ points: [RunPoint]) -> String {
        let hasLosses = points.contains { $0.incompleteTrials ?? 0 > 0 }
        return
            "No trial was finished\(hasLosses ? " by all its workers" : ""), so there is nothing "
            + "to say about the cluster's worth."
    }

    private static func speedup(_ point: RunPoint) -> Double { point.summary?.speedup ?? 0 }

    /// A trial with a wrong output has no time; one wrong point makes the others doubtful.
    private static func refusal(of points: [RunPoint]) -> String? {
        if let wrong = points.first(where: { $0.verification.status == "DISAGREES" }) {
            return "The output of \(Units.counted(wrong.workers, "worker")) is wrong, "
                + "so the times mean nothing."
        }
        guard let doubtful = points.first(where: { $0.verdict.status == .invalid }) else {
            return nil
        }
        return "The times of \(Units.counted(doubtful.workers, "worker")) cannot be, so they mean "
            + "nothing: \(doubtful.verdict.reasons[0])."
    }

    private static func worth(
        _ point: RunPoint,
        speedup: Double,
        in record: RunRecord,
        alternatives: [RunPoint]
    ) -> String {
        let cause = cause(of: point, speedup: speedup, in: record)
        let name = "\(Units.word(point.workers)) worker\(point.workers == 1 ? " was" : "s were")"
        let amount = "worth \(Units.significant(speedup)) of one process"
        if point.workers == 1 {
            return capitalised("\(name) \(amount)\(cause.map { "; \($0) held it back" } ?? "").")
        }
        let rival = comparison(point, speedup: speedup)
        if speedup < leastWorthwhileGain * bestAlone(point, in: record) {
            let reason = cause.map { "; \($0) held them back" } ?? ""
            return
                "\(advice(on: point, in: record, speedup: speedup)): \(name) \(amount)\(rival)\(reason)."
        }
        let isIdeal = speedup >= Double(point.workers * point.threads)
        let ending =
            cause.map { "; \($0) held them back" } ?? (isIdeal ? "; nothing held them back" : "")
        return capitalised("\(name) \(amount)\(rival)\(ending)\(surplus(alternatives, speedup)).")
    }

    /// A lone worker that is itself slow is no better advice than two; where none was measured, two
    /// that are slower than one process speak for it.
    ///
    /// A sweep's analysis has said it already, from intervals.
    private static func advice(
        on point: RunPoint,
        in record: RunRecord,
        speedup: Double
    ) -> String {
        if let recommended = record.analysis?.recommendation {
            return recommended.workers == 0
                ? "Use one process without a cluster"
                : "Use \(Units.word(recommended.workers)) "
                    + "worker\(recommended.workers == 1 ? "" : "s")"
        }
        let lone = record.points.first { $0.workers == 1 }?.summary?.speedup
        // Threads that were measured go before a lone worker that was not.
        if lone == nil, let ratio = point.summary?.speedupOverThreads, ratio > 0, ratio < 0.9,
            speedup / ratio >= leastWorthwhileGain
        {
            return "Use one process with \(Units.word(point.workers * point.threads)) threads"
        }
        return (lone ?? speedup) < 0.9 ? "Use one process without a cluster" : "Use one worker"
    }

    /// That larger clusters, although tried, were not better.
    private static func surplus(_ larger: [RunPoint], _ speedup: Double) -> String {
        guard !larger.isEmpty else { return "" }
        let names = larger.map { Units.word($0.workers) }.joined(separator: " or ")
        let isBetter = larger.contains { Self.speedup($0) > speedup }
        return ", and \(names) were worth \(isBetter ? "hardly" : "no") more"
    }

    /// The largest loss; of a sweep as its analysis breaks it down, so that both say the same.
    private static func cause(
        of point: RunPoint,
        speedup: Double,
        in record: RunRecord
    ) -> String? {
        if let analysed = record.analysis?.points.first(where: { $0.workers == point.workers }) {
            let known = analysed.losses.filter { $0.cause != .unexplained }
            guard let largest = known.max(by: { $0.fraction < $1.fraction }),
                largest.fraction >= 0.01
            else { return nil }
            return "\(phrase(largest.cause, of: point)) (\(Units.percent(largest.fraction)))"
        }
        let efficiency = speedup / Double(point.workers * point.threads)
        guard let largest = TimeShares.typical(of: point)?.largestLoss(efficiency: efficiency)
        else {
            return nil
        }
        return "\(phrase(largest.loss, of: point)) (\(Units.percent(largest.share)))"
    }

    private static func phrase(_ loss: TimeShares.Loss, of point: RunPoint) -> String {
        // A lone thread has nobody beside it.
        let isAlone = point.workers * point.threads == 1 && loss == .slowerComputing
        return isAlone ? "slower computing" : loss.phrase
    }

    private static func phrase(_ cause: EfficiencyLoss.Cause, of point: RunPoint) -> String {
        switch cause {
        case .compute: phrase(.slowerComputing, of: point)
        case .queue: TimeShares.Loss.queue.phrase
        case .transfer: TimeShares.Loss.transfer.phrase
        case .merge: TimeShares.Loss.merge.phrase
        case .imbalance: "waiting for the slowest worker"
        case .idle: TimeShares.Loss.idle.phrase
        case .unexplained: "what nothing explains"
        }
    }

    /// What one process does with as many threads, when it does clearly better than the cluster.
    private static func comparison(_ point: RunPoint, speedup: Double) -> String {
        guard let ratio = point.summary?.speedupOverThreads, ratio > 0, ratio < 0.9 else {
            return ""
        }
        let threads = Units.word(point.workers * point.threads)
        return
            ", which itself reaches \(Units.significant(speedup / ratio)) with \(threads) threads"
    }

    /// The best speedup that needs no second worker.
    private static func bestAlone(_ point: RunPoint, in record: RunRecord) -> Double {
        let loneWorkers = record.points.filter { $0.workers == 1 }.map { Self.speedup($0) }
        let single = record.singleThread?.summary.medianNanoseconds
        let threaded = record.baseCases.first { $0.threads == point.threads }?.summary
        let oneProcess = single.flatMap { single in
            threaded.map { single / $0.medianNanoseconds }
        }
        return ([1, oneProcess ?? 1] + loneWorkers).max() ?? 1
    }

    private static func capitalised(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
