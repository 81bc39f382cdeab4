/// The processors that the compute threads of a run take, and who else uses them.
package struct Pinning: Equatable, Sendable {
    /// In the order in which threads take them; empty where no thread is pinned.
    package var processors: [Int] = []
    /// Those that another run held when this one began, in the same order.
    package var shared: [Int] = []
    /// What more threads than processors do: share them in turn, or stay unpinned.
    ///
    /// Where the user chose the processors, threads run nowhere else. Otherwise the scheduler
    /// divides the processors among too many threads better than a fixed order.
    package var wraps = false
    /// Why no thread is pinned, as the reason in a sentence.
    package var obstacle: String?

    package init(
        processors: [Int] = [],
        shared: [Int] = [],
        wraps: Bool = false,
        obstacle: String? = nil
    ) {
        self.processors = processors
        self.shared = shared
        self.wraps = wraps
        self.obstacle = obstacle
    }

    /// The processors of worker `ordinal`, one for each thread in turn; its threads begin again
    /// after the last.
    ///
    /// Empty if its threads are not pinned.
    package func processors(ofWorker ordinal: Int, workerCount: Int, threads: Int) -> [Int] {
        let count = processors.count
        guard count > 0, wraps || workerCount * threads <= count else { return [] }
        return (0..<min(threads, count)).map { processors[(ordinal * threads + $0) % count] }
    }
}
