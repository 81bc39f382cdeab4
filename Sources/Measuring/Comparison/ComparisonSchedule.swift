import Attention

/// When replicates begin and end, so that all fit into a budget, and the order of their trials.
///
/// A pure function of the times that the caller passes in.
package struct ComparisonSchedule: Equatable, Sendable {
    package var budgetNanoseconds: UInt64
    /// The desired number of pairs of replicates.
    package var replicates: Int
    /// The fewest pairs that give a useful interval; they are measured however long they take.
    package var leastReplicates: Int
    /// The seed of the random order.
    package var seed: UInt64

    package init(budgetSeconds: Double, replicates: Int, seed: UInt64) {
        budgetNanoseconds = UInt64(budgetSeconds * 1e9)
        self.replicates = replicates
        leastReplicates = min(replicates, 5)
        self.seed = seed
    }

    /// Whether to start one more replicate after `finished` ones, given the time of the shortest.
    package func startsReplicate(
        after finished: Int,
        elapsedNanoseconds: UInt64,
        shortestNanoseconds: UInt64
    ) -> Bool {
        if finished < leastReplicates { return true }
        return finished < replicates
            && elapsedNanoseconds + shortestNanoseconds <= budgetNanoseconds
    }

    /// When the replicate after `finished` ones ends, on the same clock as `elapsedNanoseconds`:
    /// the replicates that remain share the remaining time equally.
    package func deadline(after finished: Int, elapsedNanoseconds: UInt64) -> UInt64 {
        guard elapsedNanoseconds < budgetNanoseconds, finished < replicates else {
            return elapsedNanoseconds
        }
        let left = budgetNanoseconds - elapsedNanoseconds
        return elapsedNanoseconds + left / UInt64(replicates - finished)
    }

    /// When the replicate that began at `begin` ends, if sampling could start at `ready` and its
    /// share of the budget ends at `deadline`.
    ///
    /// A replicate is sampled for at least as long as its start and its warm-up took. So these take
    /// at most half of the budget, at the cost of fewer replicates. Past the budget, a replicate
    /// takes only the time that it must.
    package func samplingDeadline(
        begin: UInt64,
        ready: UInt64,
        deadline: UInt64,
        budgetEnd: UInt64
    ) -> UInt64 {
        max(deadline, min(ready + (ready - begin), budgetEnd))
    }

    /// The order of `count` trials in one block of one replicate: Fisher and Yates's shuffle.
    ///
    /// A fixed order would always give one side the same neighbours, and so the same cache
    /// contents.
    package func order(count: Int, replicate: Int, block: Int) -> [Int] {
        let generator = Philox(seed: seed)
        var order = Array(0..<count)
        for last in stride(from: count - 1, to: 0, by: -1) {
            let word = generator.word(
                stream: UInt32(truncatingIfNeeded: replicate),
                index: block * count + last
            )
            order.swapAt(last, Philox.below(last + 1, word))
        }
        return order
    }
}
