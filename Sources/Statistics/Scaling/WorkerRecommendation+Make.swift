extension WorkerRecommendation {
    /// If more threads gain less than this over one thread, they are not worth it.
    static let leastGain = 1.1

    /// The smallest worker count such that no measured configuration is distinguishably faster.
    ///
    /// The result is one process without a cluster if that is no slower, with one thread or with as
    /// many as that count has. Two figures are distinguished by the interval of their ratio, not by
    /// whether their intervals overlap: overlap would count twice what both share.
    static func make(
        measured: [MeasuredScalingPoint],
        described: [ScalingPoint],
        base: MedianEvidence,
        _ measurement: ScalingMeasurement
    ) -> WorkerRecommendation {
        let order = described.indices.sorted { described[$0].workers < described[$1].workers }
        guard let fastest = order.max(by: { speedup(described[$0]) < speedup(described[$1]) })
        else { return WorkerRecommendation(workers: 0, reason: "nothing was measured") }
        let worthwhile = order.filter { isWorthwhile(described[$0].speedup) }
        guard let best = worthwhile.max(by: { speedup(described[$0]) < speedup(described[$1]) })
        else {
            let threads = threadsAlone(measured, base, measurement)
            return alone(described[fastest], isOnly: order.count == 1, threads: threads)
        }
        let chosen =
            worthwhile.first { candidate in
                candidate == best || !isSlower(candidate, than: best, measured, measurement.mode)
            } ?? best
        let point = described[chosen]
        if let ratio = point.speedupOverThreads, (ratio.upperBound ?? 1) < 1,
            measurement.threads(point.workers) <= measurement.coreCount
        {
            return WorkerRecommendation(
                workers: 0,
                threads: measurement.threads(point.workers),
                bestWorkers: point.workers,
                reason: "it needed only \(share(ratio)) of the time that \(name(point)) needed; "
                    + "\(name(point)) \(wereWorth(point.speedup, point)) one thread"
            )
        }
        let worth = "\(wereWorth(point.speedup, point)) \(oneThread)"
        let reason =
            if chosen == best {
                "\(point.workers == 1 ? "it" : "they") \(worth)"
            } else {
                // The chosen workers come last: the cause that follows is theirs.
                "\(name(described[best])) \(wereWorth(described[best].speedup, described[best])) "
                    + "\(oneThread), which is not distinguishably faster; \(name(point)) \(worth)"
            }
        let besideThreads = besideThreads(point, measurement)
        return WorkerRecommendation(
            workers: point.workers,
            bestWorkers: point.workers,
            reason: reason + besideThreads
        )
    }

    private static let oneThread = "one process with one thread"

    /// `, and 0.96 (0.92 to 1.01) times as fast as one with 2 threads`; empty for one thread.
    ///
    /// Threads of one process are simpler than workers, so whoever has the choice needs this figure.
    private static func besideThreads(
        _ point: ScalingPoint,
        _ measurement: ScalingMeasurement
    ) -> String {
        let threads = measurement.threads(point.workers)
        guard threads > 1, let ratio = point.speedupOverThreads else { return "" }
        return ", and \(interval(ratio)) times as fast as one with "
            + Figures.counted(threads, "thread")
    }

    private static func speedup(_ point: ScalingPoint) -> Double { point.speedup.value }

    /// Uses the interval if there is one, else the figure itself.
    private static func isAboveOne(_ estimate: Estimate) -> Bool {
        (estimate.lowerBound ?? estimate.value) > 1
    }

    private static func isWorthwhile(_ speedup: Estimate) -> Bool {
        isAboveOne(speedup) && speedup.value >= leastGain
    }

    private static func isSlower(
        _ candidate: Int,
        than best: Int,
        _ measured: [MeasuredScalingPoint],
        _ mode: ScalingMeasurement.Mode
    ) -> Bool {
        let (a, b) = (measured[candidate], measured[best])
        let work =
            mode == .weak ? Double(b.measured.workers) / Double(a.measured.workers) : 1
        return isAboveOne(MedianRatio.estimate(a.evidence, over: b.evidence).scaled(by: work))
    }

    /// The best number of threads for one process, and their gain; nil if one thread is as good.
    ///
    /// More threads than cores measure the scheduler, however fast they were.
    private static func threadsAlone(
        _ measured: [MeasuredScalingPoint],
        _ base: MedianEvidence,
        _ measurement: ScalingMeasurement
    ) -> (count: Int, worth: Estimate)? {
        measured.compactMap { point -> (count: Int, worth: Estimate)? in
            guard let matching = MedianEvidence(point.measured.matchingBase) else { return nil }
            let worth = MedianRatio.estimate(base, over: matching)
                .scaled(by: measurement.work(point.measured.workers))
            let count = measurement.threads(point.measured.workers)
            let fits = 1 < count && count <= measurement.coreCount
            return fits && isWorthwhile(worth) ? (count, worth) : nil
        }.max { $0.worth.value < $1.worth.value }
    }

    /// One process, since no cluster is worth it; `best` is the fastest one.
    private static func alone(
        _ best: ScalingPoint,
        isOnly: Bool,
        threads: (count: Int, worth: Estimate)?
    ) -> WorkerRecommendation {
        // The subject is the cluster, unless it is the workers of the only count.
        let worth =
            isOnly
            ? wereWorth(best.speedup, best) : "was \(interval(best.speedup)) times as fast as"
        let isSlower = (best.speedup.upperBound ?? best.speedup.value) < 1
        let figure = isOnly ? "\(name(best)) \(worth)" : "the best, \(name(best)), \(worth)"
        let finding =
            if isAboveOne(best.speedup) {
                "a gain below \(leastGain) times is not worth a cluster, and \(figure) \(oneThread)"
            } else if isOnly {
                "\(figure) \(oneThread)"
            } else if isSlower {
                "every cluster was slower; \(figure) \(oneThread)"
            } else {
                "no cluster was distinguishably faster; \(figure) \(oneThread)"
            }
        guard let threads else {
            return WorkerRecommendation(
                workers: 0,
                threads: 1,
                bestWorkers: best.workers,
                reason: finding
            )
        }
        return WorkerRecommendation(
            workers: 0,
            threads: threads.count,
            bestWorkers: best.workers,
            reason: "it was \(interval(threads.worth)) times as fast as one thread; "
                + "\(isOnly ? name(best) : "the best cluster, \(name(best)),") \(worth) one thread"
        )
    }

    /// `2 workers`.
    private static func name(_ point: ScalingPoint) -> String {
        Figures.counted(point.workers, "worker")
    }

    /// `were 1.93 (1.90 to 1.96) times as fast as`.
    private static func wereWorth(_ speedup: Estimate, _ point: ScalingPoint) -> String {
        "\(point.workers == 1 ? "was" : "were") \(interval(speedup)) times as fast as"
    }

    /// `1.93 (1.90 to 1.96)`.
    private static func interval(_ estimate: Estimate) -> String {
        let value = Figures.decimal(estimate.value, places: 2)
        guard let lower = estimate.lowerBound, let upper = estimate.upperBound else {
            return "\(value) (too few samples for an interval)"
        }
        return value
            + " (\(Figures.decimal(lower, places: 2)) to \(Figures.decimal(upper, places: 2)))"
    }

    /// `96 % (94 % to 98 %)`.
    private static func share(_ ratio: Estimate) -> String {
        guard let lower = ratio.lowerBound, let upper = ratio.upperBound else {
            return Figures.percent(ratio.value)
        }
        return "\(Figures.percent(ratio.value)) (\(Figures.percent(lower)) to "
            + "\(Figures.percent(upper)))"
    }
}
