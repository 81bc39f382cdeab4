import Attention
import Plan
import Record
import Statistics

/// What follows from a point's times, beside the base cases and the roofs.
struct PointFigures {
    let workers: Int
    let plan: RunPlan
    let problem: AttentionProblem
    /// Counts the visible (query, key) pairs only; nil if nothing is computed.
    let floatingPointOperations: Double?

    private var threads: Int { workers * plan.threads }

    /// Weak scaling: work per time over work per time.
    private var workRatio: Double { Double(problem.shape.batch) / Double(plan.batch) }

    func summary(
        _ wall: SampleSummary,
        _ bases: [BaseCase],
        imbalance: Double?
    ) -> PointSummary {
        let batch = plan.recordedBatch(problem)
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
            gigaflopsPerSecond: floatingPointOperations.map { $0 / wall.medianNanoseconds },
            imbalance: imbalance
        )
    }

    /// What the steps took; nil where there are none.
    func steps(_ wall: SampleSummary, _ latencies: LatencyCounts) -> StepSummary? {
        StepSummary(
            latencies,
            steps: problem.stepCount,
            sequences: problem.shape.batch,
            trialNanoseconds: wall.medianNanoseconds
        )
    }

    func moving(_ samples: [TrialSample]) -> MovingCost? {
        // Outputs of earlier stages come back, and go out to those that read them.
        let outputs = plan.outputRoute == .messages
        let inputs =
            plan.inputPlane.holdsInputs
            ? 0 : TensorName.inputs.reduce(0) { $0 + problem.visitedByteCount(of: $1) }
        let stages = problem.stages.reduce(0) { $0 + $1.byteCount }
        let earlier =
            problem.carriedByteCount
            ?? TensorName.intermediates.reduce(0) { $0 + problem.byteCount(of: $1) }
        let sent = inputs + (outputs ? earlier : 0)
        let all = problem.carriedByteCount.map { $0 + problem.byteCount(of: .output) } ?? stages
        let received = outputs ? all : 0
        return MovingCost(
            samples,
            leastBytesSent: UInt64(sent),
            leastBytesReceived: UInt64(received),
            usesMessages: plan.inputPlane.roof == .link && Double(sent + received) > 0
        )
    }

    /// A reason if the speedup is one that no cluster can have, by one estimator only.
    func speedupReasons(_ cluster: [ReplicateSample], _ single: [ReplicateSample]?) -> [String] {
        guard let single,
            let found = SuperlinearSpeedup(
                base: single,
                cluster: cluster,
                threads: threads,
                work: workRatio
            ), !found.isProved
        else { return [] }
        return [found.refusal]
    }

    func roofReasons(
        _ wall: SampleSummary?,
        _ tally: TrialTally,
        _ roofs: MeasuredRoofs?
    ) -> [String] {
        guard let wall, let roofs else { return [] }
        let trials = Double(max(tally.samples.count, 1))
        let rates = floatingPointOperations.map {
            ImpossibleFigures.reasons(
                rate: $0 / wall.medianNanoseconds,
                threads: threads,
                roofs: roofs
            )
        }
        return (rates ?? [])
            + ImpossibleFigures.reasons(
                bytesSent: Double(tally.bytesSent) / trials,
                bytesReceived: Double(tally.bytesReceived) / trials,
                nanoseconds: wall.medianNanoseconds,
                transport: plan.transport,
                inputs: plan.inputPlane,
                outputs: plan.outputRoute,
                roofs: roofs
            )
    }
}
