extension WorkerRecommendation {
    /// The smallest worker count that nothing measured is distinguishably faster than; none where
    /// one process is no slower than any cluster, with one thread or with as many as that count has.
    ///
    /// What is distinguishable is decided by the interval of the ratio itself, not by whether two
    /// intervals overlap: what two counts share would count twice.
    static func make(
        measured: [MeasuredScalingPoint],
        described: [ScalingPoint],
        _ measurement: ScalingMeasurement
    ) -> WorkerRecommendation {
        let order = described.indices.sorted { described[$0].workers < described[$1].workers }
        guard let fastest = order.max(by: { speedup(described[$0]) < speedup(described[$1]) })
        else { return WorkerRecommendation(workers: 0, reason: "nothing was measured") }
        let worthwhile = order.filter { isAboveOne(described[$0].speedup) }
        guard !worthwhile.isEmpty else { return none(described[fastest]) }

        let best = worthwhile.max { speedup(described[$0]) < speedup(described[$1]) } ?? fastest
        let chosen =
            worthwhile.first { candidate in
                candidate == best || !isSlower(candidate, than: best, measured, measurement.mode)
            } ?? best
        let why = reason(described[chosen], best: described[best], isLast: chosen == order.last)
        if let ratio = described[chosen].speedupOverThreads, (ratio.upperBound ?? 1) < 1 {
            let workers = described[chosen].workers
            return WorkerRecommendation(
                workers: 0,
                threads: measurement.threads(workers),
                reason: "it takes \(Figures.percent(ratio.value)) of the time of "
                    + "\(Figures.counted(workers, "worker")), the best cluster on this machine: "
                    + why
            )
        }
        return WorkerRecommendation(workers: described[chosen].workers, reason: why)
    }

    private static func speedup(_ point: ScalingPoint) -> Double { point.speedup.value }

    /// By the interval where there is one, else by the figure itself.
    private static func isAboveOne(_ estimate: Estimate) -> Bool {
        (estimate.lowerBound ?? estimate.value) > 1
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

    private static func none(_ best: ScalingPoint) -> WorkerRecommendation {
        let figure = "the best, \(Figures.counted(best.workers, "worker")), \(times(best.speedup))"
        let isSlower = (best.speedup.upperBound ?? best.speedup.value) < 1
        return WorkerRecommendation(
            workers: 0,
            threads: 1,
            reason: isSlower
                ? "every worker count is slower than one process with one thread: \(figure)"
                : "no worker count is distinguishably faster than one process with one thread: "
                    + figure
        )
    }

    private static func reason(_ point: ScalingPoint, best: ScalingPoint, isLast: Bool) -> String {
        var reason = times(point.speedup) + " the speed of one process with one thread"
        if point.workers != best.workers {
            reason +=
                ", and \(best.workers) are not distinguishably faster (\(times(best.speedup)))"
        } else if isLast {
            reason += ", the fastest measured, which was the largest count"
        } else {
            reason += ", and no other count is faster"
        }
        if point.speedup.lowerBound == nil {
            reason += "; with so few samples that may be chance"
        }
        return reason
    }

    /// `1.93 times (1.90 to 1.96)`.
    private static func times(_ estimate: Estimate) -> String {
        var text = Figures.decimal(estimate.value, places: 2) + " times"
        if let lower = estimate.lowerBound, let upper = estimate.upperBound {
            text +=
                " (\(Figures.decimal(lower, places: 2)) to \(Figures.decimal(upper, places: 2)))"
        }
        return text
    }
}
