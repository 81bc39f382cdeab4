import Attention
import Platform
import Record

/// What comparing a point's outputs has shown, and what it says about them.
struct OutputChecks {
    /// In an audit every round has another seed, so it needs no proof trials.
    private let isAudit: Bool
    /// Without computed outputs, there is nothing to check or to prove.
    private let areComputed: Bool
    /// Trials, warm-up included, but not the proof trials.
    private var compared = 0
    /// How many of these have an output that differs from the single process's in at least one bit.
    private var mismatched = 0
    /// The mismatched trials whose wrong rows are the output of an earlier seed.
    private var stale = 0
    private var contradictions = 0
    /// The difference of the first wrong trial; stale outputs have their own message.
    private var firstDifference: OutputDifference?
    private var lastDifference: OutputDifference?
    /// The difference of the first wrong traced trial; traced trials count nowhere else.
    private var tracedDifference: OutputDifference?
    var verification: VerificationReport?
    /// Whether the current workers still have to compute a trial with other inputs.
    private(set) var needsProof = false
    /// Trials with other inputs whose output was right, and could only come from computing.
    private var proofs = 0
    /// Trials with other inputs whose output was that of the earlier trials.
    private var keptProofs = 0
    /// The difference of the first proof with any other wrong output.
    private var proofDifference: OutputDifference?

    init(isAudit: Bool, areComputed: Bool = true) {
        self.isAudit = isAudit
        self.areComputed = areComputed
    }

    /// Begins with workers that have proved nothing.
    mutating func begin() { needsProof = areComputed && !isAudit }

    /// Takes the comparison of a trial; returns whether its output should be verified.
    mutating func note(_ agreement: OutputAgreement, contradictions: Int) -> Bool {
        compared += 1
        self.contradictions += contradictions
        lastDifference = nil
        switch agreement {
        case .equal, .untelling: break
        case .stale(let difference):
            mismatched += 1
            stale += 1
            lastDifference = difference
        case .differs(let difference):
            mismatched += 1
            firstDifference = firstDifference ?? difference
            lastDifference = difference
            return true
        }
        return verification == nil
    }

    /// Takes the comparison of a traced trial, whose output is in no file.
    mutating func noteTraced(_ agreement: OutputAgreement, contradictions: Int) {
        self.contradictions += contradictions
        switch agreement {
        case .equal, .untelling: break
        case .stale(let difference), .differs(let difference):
            tracedDifference = tracedDifference ?? difference
        }
    }

    /// Takes the comparison of a trial with other inputs.
    mutating func noteProof(_ agreement: OutputAgreement, contradictions: Int) {
        needsProof = false
        self.contradictions += contradictions
        switch agreement {
        case .equal: proofs += 1
        case .untelling: break
        case .stale: keptProofs += 1
        case .differs(let difference): proofDifference = proofDifference ?? difference
        }
    }

    /// How the output of the last trial differs, as the end of a sentence; nil without a trial.
    var lastOutput: String? {
        guard compared > 0 else { return nil }
        return lastDifference.map { "; it differs from one process: \($0)" } ?? ""
    }

    /// Throws if the output for other inputs was kept or is wrong; `workers` names the point.
    func requireProof(_ workers: String) throws(RunError) {
        if keptProofs > 0 {
            throw RunError(
                .reported(exitCode: Verdict.Status.invalid.endCode),
                "\(workers), the output for other inputs is that of an earlier trial: it was "
                    + "kept, not computed"
            )
        }
        if let proofDifference {
            throw RunError(
                .reported(exitCode: VerificationStatus.disagrees.endCode),
                "\(workers), the output for other inputs is wrong: \(proofDifference)"
            )
        }
    }

    // MARK: The record

    /// What the record says of the outputs; `equalSeeds` counts the changes of an audit's seed
    /// that did not change the output.
    func summary(equalSeeds: Int) -> VerificationSummary {
        guard var report = verification else {
            return VerificationSummary(
                status: .unchecked,
                bitwiseEqual: nil,
                reasons: areComputed ? ["no trial was finished"] : []
            )
        }
        let isEqual = mismatched == 0 && proofDifference == nil && tracedDifference == nil
        report.bitwiseEqual = isEqual
        if !wrongReasons.isEmpty { report.status = .disagrees }
        report.reasons = wrongReasons + report.reasons
        var summary = VerificationSummary(report)
        // The verified output may have been right while another one was wrong.
        if !isEqual, report.mismatchedElements == 0 { summary.mismatchedElements = nil }
        guard isEqual else { return summary }
        let isProved = proofs > 0 && keptProofs == 0 && !needsProof
        summary.proof = (isAudit ? equalSeeds == 0 : isProved) ? .computed : .written
        return summary
    }

    private var wrongReasons: [String] {
        var reasons = proofDifference.map { ["the output for other inputs is wrong: \($0)"] } ?? []
        if mismatched > stale {
            reasons.append(
                "\(mismatched - stale) of \(compared) trials had an output that differs from the "
                    + "single process"
                    + (firstDifference.map { "; in the first of them, \($0)" } ?? "")
            )
        }
        if let tracedDifference {
            reasons.append("a traced trial had a wrong output: \(tracedDifference)")
        }
        if contradictions > 0 {
            reasons.append(
                "\(contradictions) parts of the output arrived twice with different bits"
            )
        }
        return reasons
    }

    /// Why the figures cannot be believed, although the outputs may be right.
    func invalidReasons(equalSeeds: Int) -> [String] {
        var reasons: [String] = []
        if stale > 0 {
            reasons.append(
                "\(stale) of \(compared) trials returned rows of an earlier seed's output: they "
                    + "were kept, not computed"
            )
        }
        if keptProofs > 0 {
            reasons.append(
                "\(keptProofs) of \(keptProofs + proofs) trials with other inputs returned the "
                    + "output of an earlier trial: it was kept, not computed"
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
