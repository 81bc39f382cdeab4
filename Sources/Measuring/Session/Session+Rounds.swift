import Attention
import Platform

extension Session {
    /// The number of configurations: base cases first, then points.
    package var configurationCount: Int { baseCases.count + points.count }

    /// Runs one trial of every configuration in random order, and returns how long each took.
    ///
    /// The order is random because a fixed order gives every configuration the same neighbour each
    /// time, and so always the same cache contents.
    package func measureRound(
        _ round: Int,
        isWarmup: Bool
    ) throws(ClusterError) -> [UInt64] {
        if plan.audit { try changeSeed() }
        var times = [UInt64](repeating: 0, count: configurationCount)
        for index in times.indices.shuffled() {
            try interruption.check()
            if index < baseCases.count {
                times[index] = try measureBase(baseCases[index], isWarmup: isWarmup)
            } else {
                let point = points[index - baseCases.count]
                times[index] = try measureWhole(point, trial: round, isWarmup: isWarmup)
            }
        }
        return times
    }

    private func measureBase(
        _ base: MeasuredBaseCase,
        isWarmup: Bool
    ) throws(ClusterError) -> UInt64 {
        guard let process = base.process else {
            preconditionFailure("a replicate must be started before it is measured")
        }
        poisonOutput(base.problem)
        let times = try unsafe process.runTrial(output: output.base)
        if !isWarmup { base.note(times, replicate: replicate) }
        if !isOutputEqual(base.problem) { base.mismatchedTrials += 1 }
        return times.wallNanoseconds
    }

    /// One trial of one point by all its workers.
    ///
    /// A trial that loses a worker shows that the cluster survives the loss, but it and all later
    /// trials would measure a smaller cluster. So all workers are replaced and the trial is
    /// repeated.
    func measureWhole(
        _ point: MeasuredPoint,
        trial: Int,
        isWarmup: Bool
    ) throws(ClusterError) -> UInt64 {
        var time = try measureCluster(point, trial: trial, isWarmup: isWarmup)
        while point.needsReplacement {
            try replaceWorkers(of: point)
            // New processes have not touched their memory yet, so a warm-up comes first.
            _ = try measureCluster(point, trial: trial, isWarmup: true)
            time = try measureCluster(point, trial: trial, isWarmup: isWarmup)
        }
        return time
    }

    /// Runs one trial of one point and verifies its output.
    package func measureCluster(
        _ point: MeasuredPoint,
        trial: Int,
        isWarmup: Bool
    ) throws(ClusterError) -> UInt64 {
        guard let cluster = point.cluster else {
            preconditionFailure("a replicate must be started before it is measured")
        }
        let output = unsafe output(of: point)
        unsafe poison(output, point.problem)
        let report = try unsafe cluster.runTrial(
            point.shardPlan,
            output: UnsafeMutableRawPointer(output),
            secondsPerQueryBlock: secondsPerQueryBlock
        )
        let difference = unsafe OutputDifference(output, reference.floats, point)
        let agreement: OutputAgreement =
            difference == nil
            ? .equal : unsafe isOutputStale(output, point.problem) ? .stale : .differs
        point.note(
            report,
            trial: trial,
            replicate: replicate,
            isWarmup: isWarmup,
            agreement: agreement,
            difference: difference
        )
        if agreement == .differs || point.verification == nil {
            point.verification = try unsafe verify(output, point.problem)
        }
        return report.wallNanoseconds
    }

    package var secondsPerQueryBlock: Double { kernel.secondsPerQueryBlock(inputs.problem.shape) }

    // MARK: Proof

    func isOutputEqual(_ problem: AttentionProblem) -> Bool {
        unsafe BitwiseComparison(output.floats, reference.floats, shape: problem.shape).isEqual
    }

    func poisonOutput(_ problem: AttentionProblem) { unsafe poison(output.floats, problem) }

    @unsafe
    func poison(_ output: UnsafeMutablePointer<Float>, _ problem: AttentionProblem) {
        unsafe OutputSentinel.fill(output, count: problem.byteCount(of: .output) / 4)
    }

    /// Compares an output of a point with the single-process output and the float64 reference.
    @unsafe
    func verify(
        _ output: UnsafePointer<Float>,
        _ problem: AttentionProblem
    ) throws(ClusterError) -> VerificationReport {
        let mode = plan.verify
        var (kind, seed): (ValueKind?, UInt64) = (nil, plan.seed)
        if case .generated(let generatedKind, let generatedSeed) = source {
            (kind, seed) = (generatedKind, generatedSeed)
        }
        do throws(AttentionError) {
            let verifier = try unsafe Verifier(
                problem,
                inputs.view,
                valueKind: kind,
                seed: seed,
                mode: mode,
                queryBlock: kernel.queryBlock
            )
            return unsafe verifier.verify(
                output: output,
                singleProcessOutput: reference.floats
            )
        } catch {
            throw ClusterError(.environment, "the output cannot be verified: \(error)")
        }
    }
}

/// The result of comparing a trial's output with the single-process output.
enum OutputAgreement {
    case equal
    /// The rows that differ are those of an earlier seed: the output was not computed.
    case stale
    case differs
}
