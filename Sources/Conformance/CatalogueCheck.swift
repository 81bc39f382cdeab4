import Attention
import Measuring
import Platform

/// What the check of one case on one instruction set found.
struct CatalogueOutcome {
    /// One process against the float64 reference; DISAGREES as well when any output of a cluster
    /// or of several threads has other bits.
    var report = VerificationReport()
    var clusterComparisons = 0
    var processComparisons = 0
    /// The first arrangement with different bits.
    ///
    /// Nil when there is none: then any fault shows in a single process.
    var failing: CatalogueArrangement?

    var isFailure: Bool { report.status == .disagrees }
}

/// Computes a case in every way that must not change a bit, and judges the result.
///
/// A class, since its threads sleep between cases.
final class CatalogueCheck {
    private let interruption: Interruption
    private let single = ThreadTeam(threadCount: 1)
    private let teams = [2, 3].map { ThreadTeam(threadCount: $0) }

    init(interruption: Interruption) {
        self.interruption = interruption
    }

    /// The check of `entry`, whose tensors are `inputs`, in these arrangements.
    func outcome(
        _ entry: CatalogueCase,
        _ inputs: CatalogueInputs,
        _ kernel: AttentionKernel,
        _ arrangements: [CatalogueArrangement],
        _ pool: CataloguePool
    ) throws(RunError) -> CatalogueOutcome {
        try interruption.check()
        let problem = inputs.problem
        let reference = try TrialOutput(problem)
        let output = try TrialOutput(problem)
        defer { withExtendedLifetime((reference, output)) {} }
        var outcome = CatalogueOutcome()
        inputs.compute(single, kernel, into: reference)
        var faults = compareProcesses(inputs, kernel, output, reference, &outcome)
        outcome.processComparisons += 1
        // A softmax has one way to compute a row, and its output is the weights; those of a layer are
        // the weights of its heads.
        if problem.operation != .maskedSoftmax, !problem.operation.isLayer {
            if let fault = try fewRowsFault(inputs, kernel, output, reference) {
                faults.append(fault)
            }
            faults += try weightsFaults(inputs, kernel, seed: entry.seed)
        }
        // The last of those outputs is still in memory.
        outcome.report = try RunError.environment { () throws(AttentionError) in
            try unsafe Verifier(
                problem,
                inputs.view,
                valueKind: entry.values,
                seed: entry.seed,
                mode: .full,
                queryBlock: kernel.queryBlock
            ).verify(output: output.floats, singleProcessOutput: reference.floats)
        }
        // One arrangement shows that outputs are computed, and not kept.
        let proved = Int(entry.seed % UInt64(max(arrangements.count, 1)))
        for (index, arrangement) in arrangements.enumerated() {
            try interruption.check()
            let member = try pool.member(arrangement.setting)
            try member.load(entry, inputs, kernel.instructionSet, arrangement)
            let trial = try member.runTrial(arrangement, kernel, into: output)
            outcome.clusterComparisons += 1
            var difference = difference(output, reference, problem)
            if difference == nil, trial.contradictions > 0 {
                difference =
                    "\(trial.contradictions) parts of the output arrived twice with different bits"
            }
            if let difference {
                outcome.failing = outcome.failing ?? arrangement
                faults.append("\(arrangement), \(difference)")
            }
            guard index == proved else { continue }
            let others = try RunError.environment { () throws(AttentionError) in
                try inputs.others(kernel, former: reference, interruption.cancellation)
            }
            _ = try member.runTrial(arrangement, kernel, into: output, others: others)
            outcome.clusterComparisons += 1
            let right = unsafe others.expected
            if let difference = unsafe self.difference(output.floats, right, problem) {
                outcome.failing = outcome.failing ?? arrangement
                faults.append("\(arrangement), with other inputs after these, \(difference)")
            }
        }
        outcome.add(faults)
        return outcome
    }

    /// Compares outputs of one process: neither hidden elements nor the number of threads may
    /// change bits.
    private func compareProcesses(
        _ inputs: CatalogueInputs,
        _ kernel: AttentionKernel,
        _ output: TrialOutput,
        _ reference: TrialOutput,
        _ outcome: inout CatalogueOutcome
    ) -> [String] {
        let problem = inputs.problem
        var faults: [String] = []
        if inputs.poisonedElements > 0 {
            outcome.processComparisons += 1
            inputs.compute(single, kernel, isClean: true, into: output)
            if let difference = difference(output, reference, problem) {
                faults.append("without NaN or Inf in hidden elements, \(difference)")
            }
        }
        for team in teams {
            outcome.processComparisons += 1
            inputs.compute(team, kernel, into: output)
            if let difference = difference(output, reference, problem) {
                faults.append("with \(team.threadCount) threads, \(difference)")
            }
        }
        return faults
    }

    /// Nil when both outputs have the same bits.
    func difference(
        _ output: TrialOutput,
        _ reference: TrialOutput,
        _ problem: AttentionProblem
    ) -> String? {
        unsafe difference(output.floats, reference.floats, problem)
    }

    @unsafe
    private func difference(
        _ output: UnsafePointer<Float>,
        _ reference: UnsafePointer<Float>,
        _ problem: AttentionProblem
    ) -> String? {
        let comparison = unsafe BitwiseComparison(output, reference, shape: problem.outputShape)
        guard let first = comparison.firstMismatch else { return nil }
        let count = comparison.mismatchedElements
        return "\(count) \(count == 1 ? "element has" : "elements have") other bits than with one "
            + "thread, the first at \(first)"
    }
}

extension CatalogueOutcome {
    fileprivate mutating func add(_ faults: [String]) {
        guard !faults.isEmpty else { return }
        report.status = .disagrees
        report.bitwiseEqual = false
        // One fault often shows in many places; a few of them are enough.
        let kept = faults.prefix(3)
        report.reasons = kept + report.reasons
        if faults.count > kept.count {
            report.reasons.append("and \(faults.count - kept.count) more of this kind")
        }
    }
}

extension CatalogueArrangement: CustomStringConvertible {
    var description: String {
        let count = setting.workers
        return
            "on \(count) \(count == 1 ? "worker" : "workers") over \(setting.transport.rawValue) "
            + "(threads=\(setting.threads) inputs=\(delivery.rawValue) outputs=\(outputs.rawValue) "
            + "split=\(split.rawValue) schedule=\(schedule.rawValue))"
    }
}
