import Attention
import Experiment
import Timing

extension Session {
    /// The base cases measured so far.
    package var recordedBaseCases: [BaseCase] {
        baseCases.compactMap { base in
            guard let summary = SampleSummary(nanoseconds: base.samplesNanoseconds) else {
                return nil
            }
            let rate = floatingPointOperations / summary.medianNanoseconds
            let peak = peakGigaflopsPerSecond.map { $0 * Double(base.threads) }
            return BaseCase(
                threads: base.threads,
                samplesNanoseconds: base.samplesNanoseconds,
                summary: summary,
                gigaflopsPerSecond: rate,
                fractionOfPeak: peak.map { rate / $0 }
            )
        }
    }

    /// The points measured so far.
    package var recordedPoints: [RunPoint] {
        let bases = recordedBaseCases
        return points.map { recorded($0, bases) }
    }

    private func recorded(_ point: MeasuredPoint, _ bases: [BaseCase]) -> RunPoint {
        let wall = SampleSummary(nanoseconds: point.samples.map(\.wallNanoseconds))
        let threads = point.workers * plan.threads
        let summary = wall.map { wall in
            let single = bases.first { $0.threads == 1 }?.summary.medianNanoseconds
            let matching = bases.first { $0.threads == threads }?.summary.medianNanoseconds
            let speedup = single.map { $0 / wall.medianNanoseconds }
            return PointSummary(
                wall: wall,
                speedup: speedup,
                efficiency: speedup.map { $0 / Double(threads) },
                speedupOverThreads: matching.map { $0 / wall.medianNanoseconds },
                gigaflopsPerSecond: floatingPointOperations / wall.medianNanoseconds
            )
        }
        return RunPoint(
            workers: point.workers,
            threads: plan.threads,
            split: RunPlan.Split(rawValue: point.shardPlan.split.rawValue) ?? plan.split,
            plane: plan.plane,
            transport: plan.transport,
            shards: point.shardPlan.shards.count,
            samples: point.samples,
            summary: summary,
            bytesSent: point.bytesSent,
            bytesReceived: point.bytesReceived,
            attempts: point.attempts,
            duplicates: point.duplicates,
            faults: point.faults,
            verification: verification(of: point),
            verdict: Verdict(reasons: invalidReasons(point, summary), sentence: "")
        )
    }

    private func verification(of point: MeasuredPoint) -> VerificationSummary {
        guard var report = point.verification else {
            return VerificationSummary(
                status: VerificationStatus.unchecked.rawValue,
                bitwiseEqual: nil,
                reasons: ["no trial was finished"]
            )
        }
        report.bitwiseEqual = point.mismatchedTrials == 0
        if point.contradictions > 0 {
            report.status = .disagrees
            report.reasons.insert(
                "\(point.contradictions) pieces of output came twice with different bits",
                at: 0
            )
        }
        if point.mismatchedTrials > 0 {
            report.status = .disagrees
            report.reasons.insert(
                "\(point.mismatchedTrials) of \(point.comparedTrials) trials differ from the "
                    + "single process",
                at: 0
            )
        }
        return VerificationSummary(report)
    }

    /// Why the figures of a point cannot be believed.
    private func invalidReasons(_ point: MeasuredPoint, _ summary: PointSummary?) -> [String] {
        guard let rate = summary?.gigaflopsPerSecond, let peak = peakGigaflopsPerSecond else {
            return []
        }
        let roof = peak * Double(point.workers * plan.threads)
        // The roof is a measurement too, on a machine whose clock rate moves.
        guard rate > roof * 1.1 else { return [] }
        return [
            "\(Int(rate)) GFLOP/s is more than the measured roof of \(Int(roof)) GFLOP/s allows"
        ]
    }
}

extension VerificationSummary {
    init(_ report: VerificationReport) {
        let isCompared = report.rowsChecked > 0
        self.init(
            status: report.status.rawValue,
            bitwiseEqual: report.bitwiseEqual,
            mismatchedElements: report.mismatchedElements,
            maxAbsoluteError: isCompared ? report.maxAbsoluteError : nil,
            rmsError: isCompared ? report.rmsError : nil,
            scaledResidual: isCompared ? report.scaledResidual : nil,
            maxUnitsInLastPlace: isCompared ? Double(report.maxUnitsInLastPlace) : nil,
            boundMaxAbsolute: isCompared ? report.boundMaxAbsolute : nil,
            boundRms: isCompared ? report.boundRms : nil,
            rowsChecked: report.rowsChecked,
            rowsTotal: report.rowsTotal,
            containsNonFinite: report.containsNonFinite,
            reasons: report.reasons
        )
    }
}
