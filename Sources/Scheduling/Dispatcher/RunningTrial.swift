/// The shards of the current trial that no worker has, or that must be dispatched again.
struct RunningTrial: Hashable, Sendable {
    let number: Int
    let plan: ShardPlan
    let wedgedAfter: Duration
    /// Shards to give to another worker.
    ///
    /// An entry may be out of date, so it is checked when taken.
    var again: [Int] = []
    /// Why the trial cannot succeed, once that is known.
    var failure: TrialFailure?
    /// The shards of each stage that have no result yet.
    private var remaining: [Int]
    /// Shards never dispatched, in the order of their stages: one queue, or one per owner.
    private var queues: [ArraySlice<Int>]
    private var freshCount: Int

    init(number: Int, plan: ShardPlan, wedgedAfter: Duration) {
        self.number = number
        self.plan = plan
        self.wedgedAfter = wedgedAfter
        freshCount = plan.shards.count
        remaining = Array(repeating: 0, count: plan.waitsFor.count)
        for shard in plan.shards { remaining[shard.stage] += 1 }
        guard let owners = plan.owners else {
            queues = [Array(plan.shards.indices)[...]]
            return
        }
        var owned = [[Int]](repeating: [], count: plan.workerCount)
        for (shard, owner) in owners.enumerated() { owned[owner].append(shard) }
        queues = owned.map { $0[...] }
    }

    /// Notes the first result of a shard.
    mutating func noteAccepted(_ shard: Int) { remaining[plan.shards[shard].stage] -= 1 }

    /// Whether all that the shard's stage reads is done.
    private func isReady(_ shard: Int) -> Bool {
        plan.waitsFor[plan.shards[shard].stage].allSatisfy { remaining[$0] == 0 }
    }

    var hasUndispatched: Bool { freshCount > 0 || !again.isEmpty }

    /// The next shard for the worker at this index.
    ///
    /// Under a static schedule the worker's own shards come first, then those whose owner cannot
    /// take them.
    mutating func takeFresh(ordinal: Int, isPresent: (_ ordinal: Int) -> Bool) -> Int? {
        guard freshCount > 0 else { return nil }
        guard plan.owners != nil else { return take(from: 0) }
        if queues.indices.contains(ordinal), let own = take(from: ordinal) { return own }
        for orphan in queues.indices where !isPresent(orphan) {
            if let shard = take(from: orphan) { return shard }
        }
        return nil
    }

    private mutating func take(from queue: Int) -> Int? {
        guard let shard = queues[queue].first, isReady(shard) else { return nil }
        queues[queue].removeFirst()
        freshCount -= 1
        return shard
    }
}
