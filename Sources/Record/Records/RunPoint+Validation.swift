import Attention
import Files
import Host
import Plan
import Statistics
import Work

extension RunPoint {
    func validate(
        _ place: RecordPlace,
        _ plan: RunPlan,
        mustHaveSamples: Bool
    ) throws(ExperimentError) {
        try place.requireCount(workers, "workers")
        try place.requireSharing(workersPerProcess, workers: workers)
        try place.key("workersPerProcess").require(
            workersPerProcess == nil || plan.sharesProcesses,
            "is \(workersPerProcess ?? 1), but only emulated workers of this machine share processes",
            expected: "none, since each worker has a process"
        )
        try place.requireCount(threads, "threads")
        try place.requireCount(batch ?? 1, "batch")
        try place.requireCount(shards, "shards")
        try place.requireCount(attempts, "attempts", in: 0...Int.max)
        try place.requireCount(duplicates, "duplicates", in: 0...Int.max)
        try place.requireCount(incompleteTrials ?? 0, "incompleteTrials", in: 0...Int(Int32.max))
        try place.requireCount(pausedTrials ?? 0, "pausedTrials", in: 0...Int(Int32.max))
        try place.requireCount(replacements ?? 0, "replacements", in: 0...Int(Int32.max))
        for (index, fault) in faults.enumerated() {
            let place = place.item("faults", index)
            try place.requireCount(fault.trial ?? 0, "trial", in: 0...Int(Int32.max))
            for (name, duration) in [
                ("seenNanoseconds", fault.seenNanoseconds),
                ("delayNanoseconds", fault.delayNanoseconds),
            ] {
                if let duration { try place.key(name).requireDuration(duration, least: 0) }
            }
        }
        try WorkerHost.validate(hosts ?? [], place, plan, workers: workers)
        try strangers?.validate(place.key("strangers"))
        try links?.validate(place, workers: workers)
        for (index, start) in (starts ?? []).enumerated() {
            try start.validate(place.item("starts", index))
        }
        try place.key("samples").require(
            !samples.isEmpty
                || (summary == nil
                    && (!mustHaveSamples || incompleteTrials ?? 0 > 0 || pausedTrials ?? 0 > 0)),
            "is empty, although the run finished or has a summary",
            expected: "one sample for every trial"
        )
        for (index, sample) in samples.enumerated() {
            try sample.validate(place.item("samples", index))
        }
        if let summary { try validate(summary, place) }
        try steps?.validate(place.key("steps"))
        try moving?.validate(place.key("moving"))
        try verification.validate(place.key("verification"))
        // An output that was kept and not computed agrees, but for the trials it was kept for.
        if verdict.status == .valid { try verification.validateAgreement(place) }
        try place.requireSound(verdict)
        try place.key("verdict.status").require(
            verdict.status == .invalid || verification.status != .disagrees,
            "is \(verdict.status), although the status of the verification is \(verification.status)",
            expected: "\(Verdict.Status.invalid), because the time of a wrong output means nothing"
        )
    }

    private func validate(
        _ summary: PointSummary,
        _ place: RecordPlace
    ) throws(ExperimentError) {
        try place.requireSound(samples.map(\.wallNanoseconds), named: "samples", summary.wall)
        let place = place.key("summary")
        try place.requirePositive(summary.speedup, "speedup")
        try place.requirePositive(summary.efficiency, "efficiency")
        try place.requirePositive(summary.speedupOverThreads, "speedupOverThreads")
        try place.requirePositive(summary.gigaflopsPerSecond, "gigaflopsPerSecond")
        try place.requirePositive(summary.imbalance, "imbalance")
    }
}

extension TrialSample {
    fileprivate func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(trial, "trial", in: 0...Int(Int32.max))
        try place.requireCount(replicate ?? 0, "replicate", in: 0...Int(Int32.max))
        try place.key("wallNanoseconds").requireDuration(wallNanoseconds)
        try place.requireEachOnce((stages ?? []).map(\.stage.rawValue), "stages", "stage")
        for (index, stage) in (stages ?? []).enumerated() {
            try stage.validate(
                place.item("stages", index),
                wall: wallNanoseconds,
                workers: workers.count
            )
        }
        for (index, worker) in workers.enumerated() {
            let place = place.item("workers", index)
            try place.requireCount(worker.worker, "worker", in: 0...Int(Int32.max))
            try place.requireCount(worker.shards, "shards", in: 0...Int(Int32.max))
            // The parts are cut from the wall time, so only a fault can make them exceed it.
            let parts = worker.partsNanoseconds
            try place.require(
                parts.map { $0 <= wallNanoseconds } ?? false,
                "has parts that add up to \(parts.map(String.init) ?? "over 2⁶⁴") ns "
                    + "in a trial of \(wallNanoseconds) ns",
                expected: "a sum of compute, queue, transfer, merge and idle within the trial"
            )
        }
    }
}

extension WorkerSample {
    /// The five parts together; nil when no 64 bits hold the sum.
    package var partsNanoseconds: UInt64? {
        let parts = [
            computeNanoseconds, queueNanoseconds, transferNanoseconds, mergeNanoseconds,
            idleNanoseconds,
        ]
        return parts.reduce(0 as UInt64?) { sum, part in
            guard let sum else { return nil }
            let (total, overflows) = sum.addingReportingOverflow(part)
            return overflows ? nil : total
        }
    }
}

extension VerificationSummary {
    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.requireCount(rowsTotal, "rowsTotal", in: 0...Int.max)
        try place.requireCount(rowsChecked, "rowsChecked", in: 0...max(rowsTotal, 0))
        try place.requireCount(mismatchedElements ?? 0, "mismatchedElements", in: 0...Int.max)
        try place.requireNotNegative(maxAbsoluteError, "maxAbsoluteError")
        try place.requireNotNegative(rmsError, "rmsError")
        try place.requireNotNegative(boundMaxAbsolute, "boundMaxAbsolute")
        try place.requireNotNegative(boundRms, "boundRms")
    }

    /// What is said to agree has the bits, and errors within their bounds.
    func validateAgreement(_ place: RecordPlace) throws(ExperimentError) {
        guard status.isGood else { return }
        let contradictions = [
            (bitwiseEqual == false, "bits differ"),
            (
                mismatchedElements ?? 0 > 0,
                counted(mismatchedElements ?? 0, "element differs", "elements differ")
            ),
            (isBeyond(maxAbsoluteError, boundMaxAbsolute), "the largest error is beyond its bound"),
            (isBeyond(rmsError, boundRms), "the RMS error is beyond its bound"),
        ]
        for (isThere, what) in contradictions {
            try place.key("verification.status").require(
                !isThere,
                "is \(status), although \(what)",
                expected: "\(VerificationStatus.disagrees)"
            )
        }
    }

    private func isBeyond(_ error: Double?, _ bound: Double?) -> Bool {
        guard let error, let bound else { return false }
        return error > bound
    }
}
