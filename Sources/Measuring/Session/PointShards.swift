import Attention
import Cluster
import Plan
import Platform
import Scheduling
import Work

/// How the problem of a point is cut.
///
/// A weighted schedule cuts it again after each of the first trials of new workers, which tell how
/// fast they are.
struct PointShards {
    private let problem: AttentionProblem
    private let expected: ExpectedOutput
    private let arrangement: RunPlan.Arrangement
    private let workers: Int
    private var speeds: WorkerSpeeds
    private var isOutdated = false
    private(set) var plan: ShardPlan

    init(
        _ problem: AttentionProblem,
        _ expected: ExpectedOutput,
        _ arrangement: RunPlan.Arrangement,
        workers: Int
    ) throws(RunError) {
        self.problem = problem
        self.expected = expected
        self.arrangement = arrangement
        self.workers = workers
        speeds = WorkerSpeeds(workerCount: workers)
        plan = try Self.cut(problem, expected, arrangement, speeds)
    }

    /// Forgets the speeds of former workers.
    mutating func beginWorkers() {
        guard arrangement.schedule == .weighted else { return }
        speeds = WorkerSpeeds(workerCount: workers)
        isOutdated = true
    }

    /// Notes a trial in which no worker was lost, until speeds are known.
    mutating func note(_ report: TrialReport) {
        guard arrangement.schedule == .weighted, speeds.trialCount < Schedule.trialsForSpeeds,
            // A shard that was given out twice was not computed by its owner alone, and one in a pause
            // seems to have taken as long as that.
            report.attempts == plan.shards.count, report.pausedNanoseconds == 0
        else { return }
        speeds.note(
            plan,
            computeNanoseconds: report.workers.map(\.computeNanoseconds),
            stageNanoseconds: report.stages.map(\.computeNanoseconds)
        )
        isOutdated = true
    }

    /// Cuts the problem again, if speeds have changed: not before the next trial, since the plan says
    /// who computed the last one.
    mutating func renew() throws(RunError) {
        guard isOutdated else { return }
        plan = try Self.cut(problem, expected, arrangement, speeds)
        isOutdated = false
    }

    /// By worker, 1 the mean; nil unless the schedule is weighted.
    var recordedSpeeds: [Double]? {
        arrangement.schedule == .weighted && speeds.trialCount > 0 ? speeds.relative : nil
    }

    /// Which worker computed a row: " (worker 1, shard 3)"; empty if that is not known.
    func maker(ofStage stage: Int, slice: Int, row: Int, in cluster: Cluster) -> String {
        let index = plan.shards.firstIndex {
            $0.stage == stage && $0.slices.contains(slice) && $0.rows.contains(row)
        }
        guard let index, let worker = cluster.worker(ofShard: index) else { return "" }
        let count = problem.stages.count
        return " (worker \(worker), shard \(index)"
            + (count == 1 ? ")" : " of stage \(stage + 1) of \(count))")
    }

    /// Whether workers may have different instruction sets.
    var areMixed: Bool { arrangement.instructionSet?.isMixed == true }

    /// With which instruction sets the parts of the last output were computed; empty unless workers may have
    /// different ones.
    func parts(in cluster: Cluster) -> [OutputPart] {
        guard areMixed else { return [] }
        let sets = Dictionary(
            uniqueKeysWithValues: cluster.origins.map { ($0.ordinal, $0.instructionSet) }
        )
        return plan.shards.enumerated().map { index, shard in
            OutputPart(
                slices: shard.slices,
                rows: shard.rows,
                instructionSets: cluster.workers(ofShard: index).compactMap { sets[$0] }
            )
        }
    }

    private static func cut(
        _ problem: AttentionProblem,
        _ expected: ExpectedOutput,
        _ arrangement: RunPlan.Arrangement,
        _ speeds: WorkerSpeeds
    ) throws(RunError) -> ShardPlan {
        try unsafe ShardPlan.make(
            problem,
            expected.view,
            expected.kernel,
            split: arrangement.split,
            schedule: arrangement.schedule,
            workerCount: speeds.relative.count,
            threads: arrangement.threads,
            speeds: speeds.relative
        )
    }
}
