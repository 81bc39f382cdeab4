/// The order in which the threads of a run take processors where the user does not choose them.
package struct ProcessorOrder {
    private struct Core {
        var free: [Int]
        var held: [Int]
        /// Whether another run has a processor of it, also one that this process may not use.
        var isShared: Bool
    }

    private var cores: [Core]

    /// `cores` are the processors of each core, `allowed` those this process may use, ascending, and
    /// `held` those that other runs hold.
    package init(cores: [[Int]], allowed: [Int], held: Set<Int> = []) {
        let known = Set(cores.joined())
        // Where the system hides its topology, every processor counts as a core.
        let all = cores + allowed.filter { !known.contains($0) }.map { [$0] }
        let usable = Set(allowed)
        self.cores = all.map { core in
            let own = core.filter(usable.contains)
            return Core(
                free: own.filter { !held.contains($0) },
                held: own.filter(held.contains),
                isShared: !held.isDisjoint(with: core)
            )
        }
    }

    /// One processor of each core, then the second of each, and so on; after them those of cores
    /// that another run uses, and last those that it holds.
    ///
    /// Threads of one core share its arithmetic units. Two threads of this run on one core disturb
    /// only each other.
    package var processors: [Int] { free + held }

    /// The processors that no other run holds.
    package var free: [Int] {
        let own = Self.inTurns(cores.filter { !$0.isShared }.map(\.free))
        return own + Self.inTurns(cores.filter(\.isShared).map(\.free))
    }

    private var held: [Int] { Self.inTurns(cores.map(\.held)) }

    /// The first of each list, then the second of each, and so on.
    private static func inTurns(_ lists: [[Int]]) -> [Int] {
        let longest = lists.map(\.count).max() ?? 0
        return (0..<longest).flatMap { place in
            lists.compactMap { place < $0.count ? $0[place] : nil }
        }
    }
}
