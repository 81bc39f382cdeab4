/// Whether the system has room for the threads of all workers.
///
/// A worker ends when it cannot start a thread, long after the first of thousands has started. So
/// the threads are counted before any worker starts.
package enum ThreadLimit {
    /// Per worker, in addition to the compute threads: its main thread, two of libzmq, and one for
    /// signals.
    private static let perWorker = 4

    /// Refuses clusters with these worker counts, all alive at once, if the system cannot hold
    /// their threads.
    ///
    /// The base cases have as many threads as the workers compute with, and one more.
    package static func require(forWorkers counts: [Int], threads: Int) throws(RunError) {
        let workers = counts.reduce(0, +)
        let needed = workers * (2 * threads + perWorker) + 1
        guard let most = ThreadRoom.threadCount, needed > most else { return }
        throw RunError(
            .environment,
            "\(workers) worker\(workers == 1 ? "" : "s") of \(threads) threads need \(needed) "
                + "threads in total, but this system has room for \(most): use fewer --workers or "
                + "--threads"
        )
    }
}
