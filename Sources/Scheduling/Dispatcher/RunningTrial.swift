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
    /// The steps that have ended.
    private var endedSteps = 0
    /// The shards that may be dispatched: those of the current step, or all without steps.
    private var current: Range<Int>
    /// How many of the shards have no result yet.
    private var remainingCount = 0
    /// The same for each stage and batch element.
    private var remaining: [[Int]]
    /// Shards never dispatched, in the order of the plan: one queue, or one per owner.
    ///
    /// Those that go on with another's output are there once it has its result.
    private var queues: [ArraySlice<Int>]
    private var freshCount: Int
    /// The shards that go on with a shard's output.
    private var followers: [Int: [Int]] = [:]

    init(number: Int, plan: ShardPlan, wedgedAfter: Duration) {
        self.number = number
        self.plan = plan
        self.wedgedAfter = wedgedAfter
        freshCount = plan.shards.count
        current = plan.steps.first ?? plan.shards.indices
        remaining = plan.waitsFor.map { _ in [Int](repeating: 0, count: plan.batchCount) }
        queues = .init(repeating: [], count: plan.owners == nil ? 1 : plan.workerCount)
        for shard in plan.shards.indices {
            if let earlier = plan.continues[shard] {
                followers[earlier, default: []].append(shard)
            } else {
                queues[queue(of: shard)].append(shard)
            }
        }
        countRemaining()
    }

    private func queue(of shard: Int) -> Int { plan.owners?[shard] ?? 0 }

    private mutating func countRemaining() {
        remainingCount = current.count
        for shard in plan.shards[current] {
            for batch in plan.batches(of: shard) { remaining[shard.stage][batch] += 1 }
        }
    }

    /// Notes the first result of a shard; returns the step that ends with it.
    mutating func noteAccepted(_ index: Int) -> Int? {
        let shard = plan.shards[index]
        for batch in plan.batches(of: shard) { remaining[shard.stage][batch] -= 1 }
        remainingCount -= 1
        for follower in followers[index] ?? [] { enqueue(follower) }
        guard remainingCount == 0, !plan.steps.isEmpty else { return nil }
        endedSteps += 1
        if endedSteps < plan.steps.count {
            current = plan.steps[endedSteps]
            countRemaining()
        }
        return endedSteps - 1
    }

    /// Puts a shard in its place in its queue.
    private mutating func enqueue(_ shard: Int) {
        let queue = queue(of: shard)
        let place = queues[queue].firstIndex { $0 > shard } ?? queues[queue].endIndex
        queues[queue].insert(shard, at: place)
    }

    /// Whether the steps before that of a queued shard have ended, and all that it reads is done.
    private func isReady(_ index: Int) -> Bool {
        guard index < current.upperBound else { return false }
        let shard = plan.shards[index]
        return plan.waitsFor[shard.stage].allSatisfy { earlier in
            plan.batches(of: shard).allSatisfy { remaining[earlier][$0] == 0 }
        }
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
        // Most queues are empty or not ready, and to ask for workers takes longer.
        for orphan in queues.indices where hasReady(orphan) && !isPresent(orphan) {
            return take(from: orphan)
        }
        return nil
    }

    private func hasReady(_ queue: Int) -> Bool { queues[queue].first.map(isReady) ?? false }

    private mutating func take(from queue: Int) -> Int? {
        guard hasReady(queue), let shard = queues[queue].first else { return nil }
        queues[queue].removeFirst()
        freshCount -= 1
        return shard
    }
}
