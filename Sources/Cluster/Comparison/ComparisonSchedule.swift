import Attention

/// When replicates begin and end, so that all fit into a budget, and in which order their trials
/// run.
///
/// A pure function of times that are handed in.
package struct ComparisonSchedule: Equatable, Sendable {
    package var budgetNanoseconds: UInt64
    /// Pairs of replicates that are aimed at.
    package var replicates: Int
    /// Pairs below which no interval is worth its name; these are measured whatever they take.
    package var leastReplicates: Int
    /// What the order is drawn from.
    package var seed: UInt64

    package init(budgetSeconds: Double, replicates: Int, seed: UInt64) {
        budgetNanoseconds = UInt64(budgetSeconds * 1e9)
        self.replicates = replicates
        leastReplicates = min(replicates, 5)
        self.seed = seed
    }

    /// Whether to start one more replicate, after `finished` of them; the shortest took so long.
    package func startsReplicate(
        after finished: Int,
        elapsedNanoseconds: UInt64,
        shortestNanoseconds: UInt64
    ) -> Bool {
        if finished < leastReplicates { return true }
        return finished < replicates
            && elapsedNanoseconds + shortestNanoseconds <= budgetNanoseconds
    }

    /// When the replicate after `finished` ones ends, counted as `elapsedNanoseconds` is: what is
    /// left is shared equally.
    package func deadline(after finished: Int, elapsedNanoseconds: UInt64) -> UInt64 {
        guard elapsedNanoseconds < budgetNanoseconds, finished < replicates else {
            return elapsedNanoseconds
        }
        let left = budgetNanoseconds - elapsedNanoseconds
        return elapsedNanoseconds + left / UInt64(replicates - finished)
    }

    /// When the replicate that began at `begin` ends, if it was ready to be sampled at `ready` and
    /// its share of the budget ends at `deadline`.
    ///
    /// A replicate is sampled for at least as long as its start and its warm-up took, so that no
    /// more than half of the budget goes into those; there are fewer replicates for it. Past the
    /// budget it takes no longer than it must.
    package func samplingDeadline(
        begin: UInt64,
        ready: UInt64,
        deadline: UInt64,
        budgetEnd: UInt64
    ) -> UInt64 {
        max(deadline, min(ready + (ready - begin), budgetEnd))
    }

    /// The order of so many trials in one block of one replicate: Fisher and Yates's shuffle.
    ///
    /// A fixed order would give one side always the same neighbours, and with them their caches.
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
