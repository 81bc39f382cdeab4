#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

extension ScalingModelFit {
    /// The largest difference between the ends of a prediction's interval for a useful fit.
    static let widestPrediction = 1.5
    /// The largest worker count that is predicted, however many workers were measured.
    static let mostPredictions = 4_096

    /// Fits one model to the points that had a core for every thread, or says why it cannot.
    static func make(
        _ model: Model,
        points: [MeasuredScalingPoint],
        base: MedianEvidence,
        _ measurement: ScalingMeasurement,
        drawCount: Int = 999
    ) -> ScalingModelFit {
        func refused(_ reason: String) -> ScalingModelFit {
            ScalingModelFit(model: model, refusal: reason)
        }
        if model == .amdahl, measurement.mode == .weak {
            return refused("it describes one problem, but here the problem grows")
        }
        let usable = points.filter {
            measurement.threads($0.measured.workers) <= measurement.coreCount
        }
        let counts = usable.map(\.measured.workers)
        if let refusal = tooFew(model, counts: counts, all: points.count, measurement) {
            return refused(refusal)
        }
        let logWork = counts.map { log(measurement.work($0)) }
        guard
            let draws = SpeedupDraws.make(
                base: base,
                points: usable.map(\.evidence),
                logWork: logWork,
                count: drawCount
            )
        else {
            return refused(
                "intervals of its parameters need six samples of every configuration"
            )
        }
        let speedups = zip(usable, logWork).map { exp(base.logMedian - $0.evidence.logMedian + $1) }
        return fitted(model, counts, speedups, draws.map { $0.map { exp($0) } })
    }

    private static func tooFew(
        _ model: Model,
        counts: [Int],
        all: Int,
        _ measurement: ScalingMeasurement
    ) -> String? {
        // One point more than parameters: a curve through all points says nothing about its error.
        let needed = model == .amdahl ? 3 : 4
        let have = Set(counts).count
        guard have < needed else { return nil }
        let cores = measurement.coreCount == 1 ? "core" : "cores"
        let left = all - counts.count
        return "a fit takes \(needed) worker counts with a core for every thread; there "
            + "\(have == 1 ? "is" : "are") \(have) on \(measurement.coreCount) \(cores)"
            + (left > 0 ? " (\(left) with more threads than cores left out)" : "")
    }

    private static func fitted(
        _ model: Model,
        _ counts: [Int],
        _ speedups: [Double],
        _ draws: [[Double]]
    ) -> ScalingModelFit {
        func refused(_ reason: String) -> ScalingModelFit {
            ScalingModelFit(model: model, refusal: reason)
        }
        if isSuperlinear(counts, draws) {
            return refused(
                "speedup grows faster than the number of workers, which contention cannot explain; "
                    + "smaller shards may fit the caches better"
            )
        }
        guard let law = ScalabilityLaw.fit(model, workers: counts, speedups: speedups) else {
            return refused("the points do not determine its parameters")
        }
        guard law.contention <= 1 else {
            return refused(
                "every added worker makes the cluster slower (contention "
                    + "\(Figures.decimal(law.contention, places: 2)); above 1 it has no meaning)"
            )
        }
        let laws = draws.compactMap {
            ScalabilityLaw.fit(model, workers: counts, speedups: $0)
        }
        let last = 2 * (counts.max() ?? 1)
        // A draw that no law fits counts as a draw without a prediction.
        let missing = [Double](repeating: 0, count: draws.count - laws.count)
        let range = interval(laws.map { $0.speedup(Double(last)) } + missing)
        guard range.upper <= widestPrediction * range.lower else {
            return refused(
                "the samples are too uncertain: for \(last) workers the predicted speedup is "
                    + "anywhere from \(Figures.decimal(range.lower, places: 1)) to "
                    + Figures.decimal(range.upper, places: 1)
            )
        }
        return ScalingModelFit(
            model: model,
            parameters: parameters(model, law, laws),
            leaveOneOutError: leaveOneOutError(model, counts, speedups),
            peakWorkers: peakWorkers(law, laws),
            predictions: (1...min(last, mostPredictions)).map {
                Prediction(workers: $0, speedup: law.speedup(Double($0)))
            }
        )
    }

    /// Whether the best line has negative contention in all but 2.5 % of the draws.
    private static func isSuperlinear(_ counts: [Int], _ draws: [[Double]]) -> Bool {
        let contentions = draws.compactMap {
            ScalabilityLaw.fit(.amdahl, workers: counts, speedups: $0, isNonNegative: false)?
                .contention
        }
        // Rounding makes a perfect speedup slightly superlinear; this is not a finding.
        return !contentions.isEmpty && interval(contentions).upper < -1e-6
    }

    private static func parameters(
        _ model: Model,
        _ law: ScalabilityLaw,
        _ laws: [ScalabilityLaw]
    ) -> [Parameter] {
        func parameter(_ name: String, _ path: (ScalabilityLaw) -> Double) -> Parameter {
            let bounds = interval(laws.map(path))
            // The fit lies within, also where all draws are held at zero.
            return Parameter(
                name: name,
                estimate: Estimate(
                    path(law),
                    lowerBound: min(bounds.lower, path(law)),
                    upperBound: max(bounds.upper, path(law))
                )
            )
        }
        let start = parameter("start") { $0.start }
        let contention = parameter("contention") { $0.contention }
        let coherency = parameter("coherency") { $0.coherency }
        return model == .amdahl ? [start, contention] : [start, contention, coherency]
    }

    private static func leaveOneOutError(
        _ model: Model,
        _ counts: [Int],
        _ speedups: [Double]
    ) -> Double? {
        let errors = counts.indices.compactMap { left -> Double? in
            let kept = counts.indices.filter { $0 != left }
            let law = ScalabilityLaw.fit(
                model,
                workers: kept.map { counts[$0] },
                speedups: kept.map { speedups[$0] }
            )
            return law.map { abs($0.speedup(Double(counts[left])) / speedups[left] - 1) }
        }
        return errors.isEmpty ? nil : ReplicateSample.median(errors)
    }

    /// `√((1 − σ)/κ)` (Gunther, 1993), where coherency is distinguishable from none at all.
    private static func peakWorkers(_ law: ScalabilityLaw, _ laws: [ScalabilityLaw]) -> Double? {
        guard law.coherency > 0, interval(laws.map(\.coherency)).lower > 0 else { return nil }
        return max(((1 - law.contention) / law.coherency).squareRoot(), 1)
    }

    /// The interval that holds the middle 95 % of the draws.
    private static func interval(_ draws: [Double]) -> (lower: Double, upper: Double) {
        let sorted = draws.sorted()
        return (
            SampleSummary.quantile(0.025, ofSorted: sorted),
            SampleSummary.quantile(0.975, ofSorted: sorted)
        )
    }
}
