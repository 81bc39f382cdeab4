import Attention
import Plan
import Statistics

extension RunRecord {
    /// What to use on this machine, the cluster's gain, and what limited it.
    ///
    /// The advice is always the recommendation's, with its interval. It must be able to say "use
    /// one process": many clusters are slower than one machine, and their users learn this last.
    package var sentence: String { VerdictSentence.sentence(for: self) }

    /// The gain of one point.
    package func sentence(for point: RunPoint) -> String {
        VerdictSentence.sentence(for: point, in: self)
    }

    /// Judges the finished run: its analysis, the sentences of its points, its verdict.
    ///
    /// - Parameters:
    ///   - failure: Why it ended early.
    ///   - baseCaseReasons: Why the figures of base cases cannot be.
    package mutating func close(_ failure: String?, baseCaseReasons: [String]) {
        analysis = scalingAnalysis
        for index in points.indices {
            points[index].verdict.sentence = sentence(for: points[index])
        }
        let reasons =
            wrongBaseCases + baseCaseReasons + points.flatMap { $0.verdict.reasons }
            + (weights?.status == .disagrees ? weights?.reasons ?? [] : [])
        verdict = Verdict(
            reasons: (failure.map { [$0] } ?? []) + reasons,
            sentence: "",
            // Impossible figures are not better if there are few of them.
            isFinished: failure == nil || !reasons.isEmpty,
            disturbances: disturbances.filter(\.isMost).map(\.sentence)
        )
        let sentence = sentence
        verdict?.sentence = sentence
    }

    /// The point that the sentence is about; nil if no trial was finished.
    package var subject: RunPoint? {
        let measured = points.filter { $0.summary?.speedup != nil }
        let best = recommendation?.bestWorkers
        return measured.first { $0.workers == best } ?? measured.last
    }
}

/// The sentences of a run and of its points.
private enum VerdictSentence {
    static func sentence(for point: RunPoint, in record: RunRecord) -> String {
        if let refusal = refusal(of: [point]) { return refusal }
        if let mark = record.mark { return marked(mark, [point], record.plan) }
        guard let speedup = point.summary?.speedup else { return withoutTimes([point]) }
        let scaling = record.scaling(of: point)
        let name = "\(Units.word(point.workers)) worker\(point.workers == 1 ? " was" : "s were")"
        let worth = Units.interval(scaling?.speedup ?? Estimate(speedup))
        let cause = cause(of: point, speedup: speedup, in: record)
        return capitalised("\(name) worth \(worth) of one process\(cause).")
    }

    static func sentence(for record: RunRecord) -> String {
        if let refusal = refusal(of: record.points) { return refusal }
        if let wrong = record.wrongBaseCases.first {
            return "The bits depend on the process: \(wrong), so do not rely on anything here."
        }
        switch record.weights?.status {
        case .disagrees:
            return "The attention weights are wrong, so do not rely on anything here."
        case .mistrusted:
            return "Nothing proves the attention weights right (\(VerificationStatus.mistrusted)), "
                + "so do not rely on them."
        default: break
        }
        // Of the base cases, and so of everything that is compared with them.
        if let verdict = record.verdict, verdict.status == .invalid,
            let reason = verdict.reasons.first
        {
            return "These figures are impossible, so they mean nothing: \(reason)."
        }
        if let mark = record.mark { return marked(mark, record.points, record.plan) }
        guard let advice = record.recommendation, let chosen = record.subject else {
            return withoutTimes(record.points)
        }
        if let disturbance = record.disturbances.first(where: \.isMost) {
            let isThrottled = record.warnings?.contains { $0.kind == .throttled } == true
            return
                "\(Verdict.Status.disturbed): \(disturbance.subject): \(disturbance.sentence), so "
                + "the figures do not show the speedup; "
                + "\(disturbance.remedy(isThrottled: isThrottled))."
        }
        let cause = cause(of: chosen, speedup: speedup(chosen), in: record)
        return "\(text(of: advice)): \(advice.reason)\(cause)."
    }

    /// What tasks took that nobody computed, at the point with the most workers.
    ///
    /// `EMPTY: one worker answered 16 tasks in 412 µs, 26 µs for each; nothing was computed.`
    private static func marked(_ mark: String, _ points: [RunPoint], _ plan: RunPlan) -> String {
        let measured = points.filter { $0.summary != nil }
        guard let point = measured.max(by: { $0.workers < $1.workers }),
            let median = point.summary?.wall.medianNanoseconds
        else { return "\(mark): no trial was finished, so nothing is known." }
        let name = "\(Units.word(point.workers)) worker\(point.workers == 1 ? "" : "s")"
        let tasks = Units.counted(point.shards, "task")
        let busy = TimeShares(point).flatMap {
            plan.compute == .none ? nil : "; they waited \(Units.percent($0.compute)) of the time"
        }
        return "\(mark): \(name) answered \(tasks) in \(Units.time(median)), "
            + "\(Units.time(median / Double(point.shards))) for each\(busy ?? ""); nothing was computed."
    }

    /// `Use 2 workers`.
    private static func text(of advice: WorkerRecommendation) -> String {
        guard advice.workers == 0 else {
            return "Use \(Units.counted(advice.workers, "worker"))"
        }
        let threads = Units.counted(advice.threads ?? 1, "thread")
        return "Use one process with \(threads), without a cluster"
    }

    private static func withoutTimes(_ points: [RunPoint]) -> String {
        let hasLosses = points.contains { $0.incompleteTrials ?? 0 > 0 }
        return
            "No trial was finished\(hasLosses ? " by all its workers" : ""), so nothing is known "
            + "about the cluster's speedup."
    }

    private static func speedup(_ point: RunPoint) -> Double { point.summary?.speedup ?? 0 }

    /// A trial with a wrong output has no time; one wrong point makes the others doubtful.
    private static func refusal(of points: [RunPoint]) -> String? {
        if let wrong = points.first(where: { $0.verification.status == .disagrees }) {
            return "The output of \(Units.counted(wrong.workers, "worker")) is wrong, "
                + "so the times mean nothing."
        }
        if let unproved = points.first(where: { $0.verification.status == .mistrusted }) {
            return "\(Units.counted(unproved.workers, "worker")) and one process agree, but the "
                + "check against float64 would pass wrong answers, too "
                + "(\(unproved.verification.status)), so do not rely on the output."
        }
        guard let doubtful = points.first(where: { $0.verdict.status == .invalid }) else {
            return nil
        }
        return "The times of \(Units.counted(doubtful.workers, "worker")) are impossible, so they "
            + "mean nothing: \(doubtful.verdict.reasons[0])."
    }

    /// `; transfer (5 %) held them back`.
    private static func cause(
        of point: RunPoint,
        speedup: Double,
        in record: RunRecord
    ) -> String {
        let held = point.workers == 1 ? "held it back" : "held them back"
        if let loss = largestLoss(of: point, speedup: speedup, in: record) {
            return "; \(loss) \(held)"
        }
        return speedup >= Double(point.workers * point.threads) ? "; nothing \(held)" : ""
    }

    /// The largest loss of a sweep, from its analysis, so that the two agree.
    private static func largestLoss(
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
        // A single thread has no other threads beside it.
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
        case .unexplained: "an unknown cause"
        }
    }

    private static func capitalised(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }
}
