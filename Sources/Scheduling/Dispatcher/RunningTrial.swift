/// The shards of the trial under way that nobody has been given, or must be given again.
struct RunningTrial: Hashable, Sendable {
    let number: Int
    let plan: ShardPlan
    let wedgedAfter: Duration
    /// Shards to give to somebody else.
    ///
    /// An entry may be out of date: it is checked when taken.
    var again: [Int] = []
    /// Why the trial cannot end well, once that is known.
    var failure: TrialFailure?
    /// Shards never dispatched, in order: one queue, or one per owner.
    private var queues: [ArraySlice<Int>]
    private var freshCount: Int

    init(number: Int, plan: ShardPlan, wedgedAfter: Duration) {
        self.number = number
        self.plan = plan
        self.wedgedAfter = wedgedAfter
        freshCount = plan.shards.count
        guard let owners = plan.owners else {
            queues = [Array(plan.shards.indices)[...]]
            return
        }
        var owned = [[Int]](repeating: [], count: plan.workerCount)
        for (shard, owner) in owners.enumerated() { owned[owner].append(shard) }
        queues = owned.map { $0[...] }
    }

    var hasUndispatched: Bool { freshCount > 0 || !again.isEmpty }

    /// The next shard for the worker of this place.
    ///
    /// Under a static schedule its own come first, then those whose owner cannot take them.
    mutating func takeFresh(ordinal: Int, isPresent: (_ ordinal: Int) -> Bool) -> Int? {
        guard freshCount > 0 else { return nil }
        guard plan.owners != nil else { return take(from: 0) }
        if queues.indices.contains(ordinal), !queues[ordinal].isEmpty { return take(from: ordinal) }
        let orphan = queues.indices.first { !queues[$0].isEmpty && !isPresent($0) }
        return orphan.flatMap { take(from: $0) }
    }

    private mutating func take(from queue: Int) -> Int? {
        guard let shard = queues[queue].popFirst() else { return nil }
        freshCount -= 1
        return shard
    }
}
