import Timing

/// Whether the system has room for the threads of all workers.
///
/// A thread that cannot be started ends its worker, long after the first of thousands was started:
/// so they are counted before.
enum ThreadLimit {
    /// Of every worker beside those that compute: its own, two of libzmq, and one for signals.
    private static let perWorker = 4

    /// Refuses clusters of so many workers each, all alive at once, that no system could hold.
    ///
    /// The base cases have as many threads as the workers compute with, and one more.
    static func require(forWorkers counts: [Int], threads: Int) throws(ClusterError) {
        let workers = counts.reduce(0, +)
        let needed = workers * (2 * threads + perWorker) + 1
        guard let most = ThreadRoom.threadCount, needed > most else { return }
        throw ClusterError(
            .environment,
            "\(workers) worker\(workers == 1 ? "" : "s") of \(threads) threads need \(needed) "
                + "threads in all, and this system has room for \(most): use fewer --workers or "
                + "--threads"
        )
    }
}
