extension ScalingAnalysis {
    /// Analyses a sweep; nil if the base case has no usable samples or no point has any.
    ///
    /// A point without samples is left out. Two calls give the same result: resampling uses a fixed
    /// seed.
    package static func make(_ measurement: ScalingMeasurement) -> ScalingAnalysis? {
        guard measurement.threadsPerWorker >= 1,
            let base = MedianEvidence(measurement.base)
        else { return nil }
        let points = measurement.points.compactMap { point in
            point.workers >= 1
                ? MedianEvidence(point.samples).map { MeasuredScalingPoint(point, $0) } : nil
        }
        guard !points.isEmpty else { return nil }
        let described = points.map { scalingPoint($0, base, measurement) }
        return ScalingAnalysis(
            points: described,
            models: ScalingModelFit.Model.allCases.map { model in
                ScalingModelFit.make(model, points: points, base: base, measurement)
            },
            recommendation: WorkerRecommendation.make(
                measured: points,
                described: described,
                base: base,
                measurement
            )
        )
    }

    private static func scalingPoint(
        _ point: MeasuredScalingPoint,
        _ base: MedianEvidence,
        _ measurement: ScalingMeasurement
    ) -> ScalingPoint {
        let workers = point.measured.workers
        let threads = Double(measurement.threads(workers))
        let speedup = MedianRatio.estimate(base, over: point.evidence)
            .scaled(by: measurement.work(workers))
        let efficiency = speedup.divided(by: threads)
        return ScalingPoint(
            workers: workers,
            speedup: speedup,
            efficiency: efficiency,
            speedupOverThreads: MedianEvidence(point.measured.matchingBase).map {
                MedianRatio.estimate($0, over: point.evidence)
            },
            serialFraction: measurement.mode == .strong
                ? serialFraction(speedup, threads: threads) : nil,
            losses: EfficiencyLoss.breakdown(
                efficiency: efficiency.value,
                baseNanoseconds: base.median * measurement.work(workers),
                workers: workers,
                threadsPerWorker: measurement.threadsPerWorker,
                trials: point.measured.trials
            )
        )
    }

    /// `(1/S − 1/n) / (1 − 1/n)` (Karp and Flatt, 1990); it falls when S rises, so the bounds swap.
    static func serialFraction(_ speedup: Estimate, threads: Double) -> Estimate? {
        guard threads > 1 else { return nil }
        func fraction(_ value: Double) -> Double { (1 / value - 1 / threads) / (1 - 1 / threads) }
        return Estimate(
            fraction(speedup.value),
            lowerBound: speedup.upperBound.map(fraction),
            upperBound: speedup.lowerBound.flatMap { $0 > 0 ? fraction($0) : nil }
        )
    }
}

/// A point together with the statistics of its samples.
struct MeasuredScalingPoint: Sendable {
    var measured: ScalingMeasurement.Point
    var evidence: MedianEvidence

    init(_ measured: ScalingMeasurement.Point, _ evidence: MedianEvidence) {
        self.measured = measured
        self.evidence = evidence
    }
}
