import Work

/// How fast workers are, from the trials in which they computed: what a weighted schedule cuts by.
///
/// A worker's speed is its work over its compute time. A shard's work is its share of the cost of its
/// stage, times the stage's compute time, so that stages whose costs have different units add up.
package struct WorkerSpeeds: Hashable, Sendable {
    private var work: [Double]
    private var nanoseconds: [Double]
    /// How many trials were noted.
    package private(set) var trialCount = 0

    package init(workerCount: Int) {
        work = [Double](repeating: 0, count: workerCount)
        nanoseconds = work
    }

    /// Notes a trial in which every shard was computed by its owner.
    ///
    /// - Parameters:
    ///   - plan: Of the trial.
    ///   - computeNanoseconds: By worker.
    ///   - stageNanoseconds: The compute time of all workers, by stage.
    package mutating func note(
        _ plan: ShardPlan,
        computeNanoseconds: [UInt64],
        stageNanoseconds: [UInt64]
    ) {
        guard let owners = plan.owners else { return }
        var stageCosts = [Double](repeating: 0, count: stageNanoseconds.count)
        for (shard, cost) in zip(plan.shards, plan.costs) { stageCosts[shard.stage] += cost }
        for (index, shard) in plan.shards.enumerated() where stageCosts[shard.stage] > 0 {
            work[owners[index]] +=
                plan.costs[index] / stageCosts[shard.stage]
                * Double(stageNanoseconds[shard.stage])
        }
        for (worker, time) in computeNanoseconds.enumerated() {
            nanoseconds[worker] += Double(time)
        }
        trialCount += 1
    }

    /// By worker, 1 the mean.
    ///
    /// A worker that computed nothing yet counts as a mean one.
    package var relative: [Double] {
        let known = zip(work, nanoseconds).map { $0 > 0 && $1 > 0 ? $0 / $1 : nil }
        let values = known.compactMap(\.self)
        let mean = values.isEmpty ? 1 : values.reduce(0, +) / Double(values.count)
        return known.map { ($0 ?? mean) / mean }
    }
}
