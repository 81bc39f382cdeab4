import Attention
import Experiment
import Timing

extension Session {
    /// What is measured: base cases first, then points.
    package var configurationCount: Int { baseCases.count + points.count }

    /// One trial of every configuration, in random order; how long each took.
    ///
    /// Random, because a fixed order gives every configuration the same neighbour each time, and
    /// what that one leaves in the caches with it.
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
            preconditionFailure("a replicate is started before it is measured")
        }
        poisonOutput(base.problem)
        let times = try unsafe process.runTrial(output: output.base)
        if !isWarmup { base.note(times, replicate: replicate) }
        if !isOutputEqual(base.problem) { base.mismatchedTrials += 1 }
        return times.wallNanoseconds
    }

    /// One trial of one point by all its workers.
    ///
    /// A trial that loses one proves that nothing else is lost, but it and those after it would be
    /// of a smaller cluster. So others take the place of all, and it is repeated.
    func measureWhole(
        _ point: MeasuredPoint,
        trial: Int,
        isWarmup: Bool
    ) throws(ClusterError) -> UInt64 {
        var time = try measureCluster(point, trial: trial, isWarmup: isWarmup)
        while point.needsReplacement {
            try replaceWorkers(of: point)
            // Fresh processes have touched none of their memory yet.
            _ = try measureCluster(point, trial: trial, isWarmup: true)
            time = try measureCluster(point, trial: trial, isWarmup: isWarmup)
        }
        return time
    }

    /// One trial of one point, proved.
    package func measureCluster(
        _ point: MeasuredPoint,
        trial: Int,
        isWarmup: Bool
    ) throws(ClusterError) -> UInt64 {
        guard let cluster = point.cluster else {
            preconditionFailure("a replicate is started before it is measured")
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

    var secondsPerQueryBlock: Double { kernel.secondsPerQueryBlock(inputs.problem.shape) }

    // MARK: Proof

    func isOutputEqual(_ problem: AttentionProblem) -> Bool {
        unsafe BitwiseComparison(output.floats, reference.floats, shape: problem.shape).isEqual
    }

    func poisonOutput(_ problem: AttentionProblem) { unsafe poison(output.floats, problem) }

    @unsafe
    func poison(_ output: UnsafeMutablePointer<Float>, _ problem: AttentionProblem) {
        unsafe OutputSentinel.fill(output, count: problem.byteCount(of: .output) / 4)
    }

    /// An output of a point against single process and float64 reference.
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

/// What the comparison of one trial's output with the single process's said.
enum OutputAgreement {
    case equal
    /// What differs is what an earlier seed had there: an output that was not computed.
    case stale
    case differs
}
