import Attention
import Record
import Statistics

extension Session {
    /// The base cases measured so far.
    package var recordedBaseCases: [BaseCase] {
        baseCases.compactMap { base in
            guard let summary = SampleSummary(base.replicateSamples) else { return nil }
            let rate = base.floatingPointOperations / summary.medianNanoseconds
            let peak = roofs.map { $0.fmaGigaflopsPerSecond * Double(base.threads) }
            return BaseCase(
                threads: base.threads,
                batch: recordedBatch(base.problem),
                samplesNanoseconds: base.samples.map(\.wallNanoseconds),
                replicates: base.samples.map(\.replicate),
                cpuNanoseconds: base.samples.map(\.cpuNanoseconds),
                offCoreNanoseconds: base.samples.map(\.offCoreNanoseconds),
                mismatchedTrials: base.mismatchedTrials > 0 ? base.mismatchedTrials : nil,
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

    /// The batch of a problem, where it is not the plan's.
    private func recordedBatch(_ problem: AttentionProblem) -> Int? {
        problem.shape.batch == plan.batch ? nil : problem.shape.batch
    }

    private func recorded(_ point: MeasuredPoint, _ bases: [BaseCase]) -> RunPoint {
        let wall = SampleSummary(point.replicateSamples)
        let threads = point.workers * plan.threads
        let batch = recordedBatch(point.problem)
        // Weak scaling: work per time over work per time.
        let workRatio = Double(point.problem.shape.batch) / Double(plan.batch)
        let summary = wall.map { wall in
            let single = bases.first { $0.threads == 1 }?.summary.medianNanoseconds
            let matching = bases.first { $0.threads == threads && $0.batch == batch }
            let speedup = single.map { $0 / wall.medianNanoseconds * workRatio }
            return PointSummary(
                wall: wall,
                speedup: speedup,
                efficiency: speedup.map { $0 / Double(threads) },
                speedupOverThreads: matching.map {
                    $0.summary.medianNanoseconds / wall.medianNanoseconds
                },
                gigaflopsPerSecond: point.floatingPointOperations / wall.medianNanoseconds
            )
        }
        let verification = self.verification(of: point)
        return RunPoint(
            workers: point.workers,
            threads: plan.threads,
            batch: batch,
            split: point.shardPlan.split,
            plane: plan.plane,
            transport: plan.transport,
            outputs: outputRoute,
            shards: point.shardPlan.shards.count,
            samples: point.samples,
            summary: summary,
            bytesSent: point.bytesSent,
            bytesReceived: point.bytesReceived,
            attempts: point.attempts,
            duplicates: point.duplicates,
            incompleteTrials: point.incompleteTrials,
            replacements: point.replacements,
            faults: point.faults,
            verification: verification,
            verdict: Verdict(
                reasons: disagreement(verification) + invalidReasons(point)
                    + roofReasons(point, wall) + speedupReasons(point, workRatio),
                sentence: ""
            )
        )
    }

    private func verification(of point: MeasuredPoint) -> VerificationSummary {
        guard var report = point.verification else {
            return VerificationSummary(
                status: .unchecked,
                bitwiseEqual: nil,
                reasons: ["no trial was finished"]
            )
        }
        let isEqual = point.mismatchedTrials == 0 && point.proofDifference == nil
        report.bitwiseEqual = isEqual
        if point.contradictions > 0 {
            report.status = .disagrees
            report.reasons.insert(
                "\(point.contradictions) parts of the output arrived twice with different bits",
                at: 0
            )
        }
        let wrong = point.mismatchedTrials - point.staleTrials
        if wrong > 0 {
            report.status = .disagrees
            report.reasons.insert(
                "\(wrong) of \(point.comparedTrials) trials differ from the "
                    + "single process"
                    + (point.firstDifference.map { "; in the first of them, \($0)" } ?? ""),
                at: 0
            )
        }
        if let difference = point.proofDifference {
            report.status = .disagrees
            report.reasons.insert("the output for other inputs is wrong: \(difference)", at: 0)
        }
        var summary = VerificationSummary(report)
        // The verified output may have been right while another one was wrong.
        if !isEqual, report.mismatchedElements == 0 { summary.mismatchedElements = nil }
        if isEqual { summary.proof = proof(of: point) }
        return summary
    }

    /// What the outputs of a point prove, if all of them are right.
    private func proof(of point: MeasuredPoint) -> OutputProof {
        let isComputed =
            plan.audit
            ? equalSeeds == 0 : point.proofs > 0 && point.keptProofs == 0 && !point.needsProof
        return isComputed ? .computed : .written
    }

    /// The time of a wrong output means nothing.
    private func disagreement(_ verification: VerificationSummary) -> [String] {
        verification.status == .disagrees ? verification.reasons : []
    }

    /// Why the figures of a point cannot be believed.
    private func invalidReasons(_ point: MeasuredPoint) -> [String] {
        var reasons: [String] = []
        if point.staleTrials > 0 {
            reasons.append(
                "\(point.staleTrials) of \(point.comparedTrials) trials returned rows of an "
                    + "earlier seed's output: they were kept, not computed"
            )
        }
        if point.keptProofs > 0 {
            reasons.append(
                "\(point.keptProofs) of \(point.keptProofs + point.proofs) trials with other inputs "
                    + "returned the output of an earlier trial: it was kept, not computed"
            )
        }
        if equalSeeds > 0 {
            reasons.append(
                "\(equalSeeds) changes of the seed did not change the output, so the audit proves "
                    + "nothing"
            )
        }
        return reasons
    }

    /// A reason if the speedup is one that no cluster can have, by one estimator only.
    private func speedupReasons(_ point: MeasuredPoint, _ work: Double) -> [String] {
        guard let single = baseCases.first,
            let found = SuperlinearSpeedup(
                base: single.replicateSamples,
                cluster: point.replicateSamples,
                threads: point.workers * plan.threads,
                work: work
            ), !found.isProved
        else { return [] }
        return [found.refusal]
    }

    /// Reasons for figures above a measured roof.
    func roofReasons(_ point: MeasuredPoint, _ wall: SampleSummary?) -> [String] {
        guard let wall, let roofs else { return [] }
        let trials = Double(max(point.samples.count, 1))
        return ImpossibleFigures.reasons(
            rate: point.floatingPointOperations / wall.medianNanoseconds,
            threads: point.workers * plan.threads,
            roofs: roofs
        )
            + ImpossibleFigures.reasons(
                bytesSent: Double(point.bytesSent) / trials,
                bytesReceived: Double(point.bytesReceived) / trials,
                nanoseconds: wall.medianNanoseconds,
                transport: plan.transport,
                outputs: outputRoute,
                roofs: roofs
            )
    }

    /// Why the figures of the base cases cannot be believed, and with them every speedup.
    package var baseCaseReasons: [String] {
        guard let roofs else { return [] }
        return recordedBaseCases.flatMap { base in
            base.gigaflopsPerSecond.map {
                ImpossibleFigures.reasons(rate: $0, threads: base.threads, roofs: roofs)
            } ?? []
        }
    }
}

extension VerificationSummary {
    package init(_ report: VerificationReport) {
        let isCompared = report.rowsChecked > 0
        self.init(
            status: report.status,
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
