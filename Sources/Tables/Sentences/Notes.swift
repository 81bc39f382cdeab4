import Record
import Statistics

/// The lines below the tables of a run: how far the numbers were checked, and all faults.
package enum Notes {
    /// More faults than this are counted but not listed; the record holds them all.
    private static let listedFaults = 6

    /// What was compared with what: one line if all points have the same result, else one line per
    /// point.
    static func verification(_ points: [RunPoint], isMixed: Bool = false) -> [String] {
        let findings = points.map { description(of: $0.verification, isMixed: isMixed) }
        if Set(findings).count == 1 { return ["Checked: \(findings[0])"] }
        return zip(points, findings).map { point, finding in
            "Checked, \(Units.counted(point.workers, "worker")): \(finding)"
        }
    }

    /// `Weights: w.npy, [8, 8, 1024, 1024] dense, AGREES; largest relative error …`.
    static func weights(_ weights: WeightsSummary?) -> [String] {
        weights.map { ["Weights: \(description(of: $0))"] + $0.reasons } ?? []
    }

    /// `Training: epoch 1 moved w from 1.00 to 19540: …`, if a rate was too large.
    static func training(_ record: RunRecord) -> [String] {
        record.trainingSentence.map { ["Training: \($0)"] } ?? []
    }

    /// `w.npy, [8, 8, 1024, 1024] dense, AGREES; largest relative error …`.
    package static func description(of weights: WeightsSummary) -> String {
        let pairs = weights.shape.reduce(1.0) { $0 * Double($1) }
        let share =
            Double(weights.visible) < pairs
            ? ", \(Units.share(Double(weights.visible), of: pairs)) of the pairs have a weight" : ""
        var text =
            "\(weights.path), \(weights.shape) \(weights.form.rawValue)\(share), \(weights.status)"
        if let error = weights.maxRelativeError {
            let bound = weights.boundRelative.map { " (\(Units.scientific($0)) allowed)" } ?? ""
            text += "; largest relative error \(Units.scientific(error))\(bound) in "
            text += rows(weights.rowsChecked, of: weights.rowsTotal)
        }
        return text
    }

    private static func rows(_ checked: Int, of total: Int) -> String {
        switch (checked, total) {
        case (1, 1): "the one row"
        case (total, total): "all \(total) rows"
        default: "\(checked) of \(total) rows"
        }
    }

    /// `Sampled: 57 rounds in 3 replicates …`, and how many trials were disturbed.
    static func sampling(_ record: RunRecord) -> [String] {
        guard let sampling = record.sampling else { return [] }
        let rounds = Units.counted(sampling.rounds, "round")
        let replicates = Units.counted(sampling.replicates, "replicate")
        let target = sampling.targetInterval.map { "±\(Units.percent($0, isFine: true))" }
        let asked = target.map { " (\($0) was asked for)" } ?? ""
        let basis = sampling.intervalBasis.map { " \(Self.basis($0))" } ?? ""
        let reached = sampling.widestInterval.map {
            ", the widest interval \(Units.halfWidth($0))\(basis)"
        }
        let end =
            switch sampling.end {
            case .interval: "until every median was known\(target.map { " to \($0)" } ?? "")"
            case .budget: "until the budget was spent\(asked)"
            case .replicates: "enough if replicates did not differ\(asked)"
            case .trials: "as asked for"
            case .interrupted: "until it ended early"
            }
        let warmup = sampling.warmupEnd == .budget ? "; the budget cut the warm-up short" : ""
        let disturbed = record.disturbances.filter { $0.disturbedTrials > 0 }.map {
            "\($0.disturbedTrials) of \(Units.counted($0.trials, "trial")) of \($0.subject)"
        }
        return ["Sampled: \(rounds) in \(replicates), \(end)\(reached ?? "")\(warmup)"]
            + (disturbed.isEmpty ? [] : ["Disturbed: \(disturbed.joined(separator: "; "))"])
    }

    /// How an interval was computed, so that a reader can follow it.
    package static func basis(_ basis: MedianInterval.Basis) -> String {
        switch basis {
        case .replicates: "from the medians of replicates"
        case .trials: "from the trials of one replicate"
        }
    }

    /// `Workers: 4 of 6 came, …`; nothing where all came.
    static func attendance(_ record: RunRecord) -> [String] {
        guard let attendance = record.attendance, attendance.came < attendance.asked else {
            return []
        }
        return [
            "Workers: \(attendance.came) of \(attendance.asked) came, and --min-workers lets that be "
                + "enough"
        ]
    }

    /// `Plane: auto took copied: …`; nothing where the plan named one.
    static func plane(_ decision: PlaneDecision?) -> [String] {
        decision.map { ["Plane: auto took \(description(of: $0))"] } ?? []
    }

    /// `copied, which takes 21 µs for a task with 64 KiB of inputs (inline 48 µs; faster below 3.1 KiB);
    /// measured in 74 ms`.
    package static func description(of decision: PlaneDecision) -> String {
        let name = decision.plane.rawValue
        if let obstacle = decision.obstacle {
            return "\(name) without measuring the others: \(obstacle)"
        }
        func time(_ cost: PlaneDecision.Cost) -> String {
            Units.time(cost.nanoseconds(bytes: decision.taskBytes))
        }
        let own = decision.costs.first { $0.plane == decision.plane }.map(time) ?? ""
        let others = decision.costs.filter { $0.plane != decision.plane }.map { cost in
            let faster = decision.crossoverBytes(with: cost).map { bytes in
                "; faster \(bytes < Double(decision.taskBytes) ? "below" : "above") "
                    + Units.bytes(UInt64(min(bytes, 1e18)))
            }
            return "\(cost.plane.rawValue) \(time(cost))\(faster ?? "")"
        }
        return "\(name), which takes \(own) for a task with "
            + "\(Units.bytes(UInt64(decision.taskBytes))) of inputs (\(others.joined(separator: ", "))); "
            + "measured in \(Units.time(Double(decision.nanoseconds)))"
    }

    /// Where there were too few shards for all workers: a worker without one computes nothing.
    ///
    /// Shards of several stages or steps are counted together, so they do not tell.
    static func shards(_ points: [RunPoint]) -> [String] {
        let few = points.filter { point in
            point.shards < point.workers && point.steps == nil
                && point.samples.allSatisfy { $0.stages == nil }
        }
        guard !few.isEmpty else { return [] }
        let parts = few.map { point in
            "\(point.shards) for \(Units.counted(point.workers, "worker")), "
                + "\(point.workers - point.shards) of which computed nothing in each trial"
        }
        return ["Shards: \(parts.joined(separator: "; "))"]
    }

    /// What moving tensors took, a line for each point where any moved; none in older records.
    static func moving(_ points: [RunPoint]) -> [String] {
        points.compactMap { point in
            guard let cost = point.moving, max(cost.leastBytesSent, cost.leastBytesReceived) > 0
            else { return nil }
            let name = points.count == 1 ? "" : ", \(Units.counted(point.workers, "worker"))"
            return "Moved\(name): \(description(of: cost, point))"
        }
    }

    /// `12.6 MiB a trial, 1.01 × the least; CPU time beside computing 1.9 ms, 0.15 core-ms/MiB`.
    package static func description(of cost: MovingCost, _ point: RunPoint) -> String {
        let trials = Double(max(point.samples.count, 1))
        let bytes = (Double(point.bytesSent) + Double(point.bytesReceived)) / trials
        let least = Double(cost.leastBytesSent) + Double(cost.leastBytesReceived)
        var text = "\(Units.bytes(UInt64(min(bytes, 1e18)))) a trial"
        if least > 0 { text += ", \(Units.significant(bytes / least)) × the least" }
        if let nanoseconds = cost.cpuNanoseconds {
            text += "; CPU time beside computing \(Units.time(nanoseconds))"
        }
        if let each = cost.coreMillisecondsPerMebibyte {
            text += ", \(Units.significant(each)) core-ms/MiB"
        }
        return text
    }

    static func problems(_ points: [RunPoint]) -> [String] {
        points.flatMap { point in
            let prefix = Units.counted(point.workers, "worker")
            // A reason of the verification has its status; the verdict repeats the worst of them.
            let own = point.verification.reasons
            let reasons =
                own.map { "\(prefix): \(point.verification.status): \($0)" }
                + point.verdict.reasons.filter { !own.contains($0) }
                .map { "\(prefix): \(point.verdict.status.rawValue): \($0)" }
            let faults = point.faults.prefix(listedFaults).map { "\(prefix): " + text(of: $0) }
            let unlisted = point.faults.count - faults.count
            let rest = unlisted > 0 ? ["\(prefix): \(unlisted) more in the record"] : []
            let outcome = losses(of: point).map { ["\(prefix): \($0)"] } ?? []
            return reasons + faults + rest + outcome
        }
    }

    /// What became of the trials that lost a worker; nil when none did.
    package static func losses(of point: RunPoint) -> String? {
        let incomplete = point.incompleteTrials ?? 0
        let replacements = point.replacements ?? 0
        guard incomplete > 0 || replacements > 0 else { return nil }
        let trials =
            incomplete == 0
            ? "no measured trial lost a worker"
            : "\(Units.counted(incomplete, "trial")) that lost a worker "
                + "\(incomplete == 1 ? "has" : "have") no time"
        let times = replacements == 1 ? "once" : "\(replacements) times"
        return trials
            + (replacements > 0
                ? "; all workers were replaced \(times)" : "; no workers were replaced")
    }

    /// `every bit equal to one process; largest error 5.4e-7 (1.2e-6 allowed) …`.
    ///
    /// `isMixed` says that workers may have different instruction sets.
    package static func description(
        of verification: VerificationSummary,
        isMixed: Bool = false
    ) -> String {
        guard verification.rowsChecked > 0 || verification.bitwiseEqual != nil else {
            return "nothing, so the output may be wrong"
        }
        var parts: [String] = []
        switch verification.bitwiseEqual {
        case true:
            let proof =
                switch verification.proof {
                case .written: ", proved to be written in every trial"
                // One drawn trial tells: a worker may stop computing after it.
                case .computed: ", proved to be computed in a trial of every replicate"
                case nil: ""
                }
            let same =
                isMixed ? " with the instruction set of the worker that computed it" : ""
            parts.append("every bit equal to one process\(same)\(proof)")
        case false:
            let found = verification.mismatchedElements.map {
                Units.counted($0, "element differs", "elements differ")
            }
            parts.append("\(found ?? "bits differ") from one process")
        case nil: break
        }
        if verification.rowsChecked > 0 {
            let rows = rows(verification.rowsChecked, of: verification.rowsTotal)
            let bound = verification.boundMaxAbsolute.map {
                $0 == 0 ? " (none allowed)" : " (\(Units.scientific($0)) allowed)"
            }
            let error = verification.maxAbsoluteError.map {
                "largest error \(Units.scientific($0))\(bound ?? "") against float64 in "
            }
            parts.append("\(error ?? "compared with float64 in ")\(rows)")
        }
        return parts.joined(separator: "; ")
    }

    private static func text(of fault: Fault) -> String {
        let shard = fault.shard.map { ", shard \($0)" } ?? ""
        let trial = fault.occasion.map { ", \($0)" } ?? ""
        let moment = moment(of: fault).map { ", \($0)" } ?? ""
        return "worker \(fault.worker)\(shard)\(trial)\(moment): \(fault.reason)"
    }

    /// `12 s into the run, 98 ms after its last message`; nil in older records.
    package static func moment(of fault: Fault) -> String? {
        guard let seen = fault.seenNanoseconds else { return nil }
        let delay = fault.delayNanoseconds.map {
            ", \(Units.time(Double($0))) after its last message"
        }
        return "\(Units.time(Double(seen))) into the run\(delay ?? "")"
    }
}
