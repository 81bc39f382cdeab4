import Attention
import Cluster
import Platform
import Work

/// The proof that outputs are computed, and not kept from an earlier trial.
///
/// Every replicate contains one trial of each point with other inputs. Workers get no announcement,
/// the trial's place among the rounds is random, and it is in no sample. Its output must be right
/// for these inputs. An audit needs no such trial: there every round has different inputs.
extension Session {
    /// Runs the trial with other inputs for some of the points that still lack it in this
    /// replicate.
    package func proveSome(afterRound round: Int) throws(ClusterError) {
        for point in points.shuffled() where point.needsProof {
            guard Int.random(in: 0..<Self.proofPlaces) == 0 else { continue }
            try prove(point, round: round)
            // Neither the caches it changed nor a worker it lost may affect the next sample.
            _ = try measureWhole(point, trial: round, isWarmup: true)
        }
    }

    /// Runs the trial with other inputs for all remaining points, and ends the workers.
    package func endReplicate() throws(ClusterError) {
        for point in points {
            while point.needsProof, point.cluster != nil {
                try prove(point, round: point.lastRound)
                guard point.needsReplacement else { continue }
                try replaceWorkers(of: point)
                _ = try measureCluster(point, trial: point.lastRound, isWarmup: true)
            }
            point.endCluster()
        }
    }

    /// After each round, the trial follows with a chance of one in this number.
    private static let proofPlaces = 4

    /// One trial of a point with other inputs.
    private func prove(_ point: MeasuredPoint, round: Int) throws(ClusterError) {
        try interruption.check()
        guard let cluster = point.cluster else {
            preconditionFailure("a replicate must be started before it is proved")
        }
        let others = try otherInputs()
        unsafe poison(output.floats, point.problem)
        let report = try unsafe cluster.runTrial(
            point.shardPlan,
            output: output.base,
            secondsPerQueryBlock: secondsPerQueryBlock,
            inputs: others.tensors
        )
        let agreement = unsafe agreement(output.floats, point.problem, others)
        var difference: OutputDifference?
        if agreement == .differs {
            difference = unsafe OutputDifference(output.floats, others.expected, point)
        }
        point.noteProof(
            report,
            round: round,
            agreement: agreement,
            difference: difference,
            // If the right output is the same for both inputs, the trial proves nothing.
            isTelling: unsafe !BitwiseComparison(
                others.expected,
                reference.floats,
                shape: point.problem.shape
            ).isEqual
        )
    }

    /// The other inputs, made when first needed: a comparison of trials needs them once, at its
    /// end.
    private func otherInputs() throws(ClusterError) -> OtherInputs {
        if let made = others { return made }
        let made = try ClusterError.environment { () throws(AttentionError) in
            try unsafe OtherInputs(
                of: inputs,
                kernel,
                former: UnsafePointer(reference.floats),
                cancellation: interruption.cancellation
            )
        }
        try interruption.check()
        others = made
        return made
    }

    /// Whether an output is right for the other inputs and, if not, whether its wrong rows are
    /// those for the session's inputs.
    @unsafe
    private func agreement(
        _ found: UnsafePointer<Float>,
        _ problem: AttentionProblem,
        _ others: OtherInputs
    ) -> OutputAgreement {
        let shape = problem.shape
        let expected = unsafe others.expected
        let former = unsafe UnsafePointer(reference.floats)
        if unsafe BitwiseComparison(found, expected, shape: shape).isEqual { return .equal }
        let columns = shape.valueDimension
        let isKept = (0..<shape.sliceCount * shape.queryLength).allSatisfy { row in
            unsafe OtherInputs.areEqual(found, expected, row: row, columns: columns)
                || OtherInputs.areEqual(found, former, row: row, columns: columns)
        }
        return isKept ? .stale : .differs
    }

    /// Runs the trial with other inputs once for every point, as a comparison's part of the proof.
    ///
    /// - Throws: What it found, when an output was kept or is wrong.
    func proveAll() throws(ClusterError) {
        for point in points where point.needsProof && point.cluster?.trialCount ?? 0 > 0 {
            try prove(point, round: 0)
            try requireWhole(point)
            let workers = "with \(point.workers) worker\(point.workers == 1 ? "" : "s")"
            if point.keptProofs > 0 {
                throw ClusterError(
                    .reported(exitCode: EndCode.invalid),
                    "\(workers), the output for other inputs is that of an earlier trial: it was "
                        + "kept, not computed"
                )
            }
            if let difference = point.proofDifference {
                throw ClusterError(
                    .reported(exitCode: EndCode.disagrees),
                    "\(workers), the output for other inputs is wrong: \(difference)"
                )
            }
        }
    }
}
