import Work

/// Whether the system has room for the processes and threads of a run.
///
/// libzmq aborts the program when it gets no thread, and a worker ends when it cannot start one,
/// long after the first of thousands has started. So the threads are counted, and tried, before
/// any worker starts.
package enum ThreadLimit {
    /// Per process of workers, in addition to their compute threads: its main thread and two of libzmq.
    private static let perProcess = 3
    /// Per cluster, in addition to the threads that serve connections: one that closes sockets, and
    /// one that admits peers.
    private static let perCluster = 2

    /// Refuses clusters with these workers, all alive at once, and the processes of base cases
    /// with these numbers of threads, if the system has no room for their threads.
    package static func require(
        forWorkers processes: [WorkerProcesses],
        threads: Int,
        baseCaseThreads: [Int] = []
    ) throws(RunError) {
        let workers = processes.reduce(0) { $0 + $1.workers }
        let needed = processes.reduce(workers * threads + baseCaseThreads.reduce(0, +)) {
            $0 + perProcess * $1.count + perCluster + Affinity.ioThreads(forWorkers: $1.workers)
        }
        let room = ThreadRoom.threadCount ?? .max
        let available = needed > room ? room : ThreadRoom.available(upTo: needed)
        guard needed > available else { return }
        let subject =
            "\(workers) worker\(workers == 1 ? "" : "s") of \(threads) "
            + "thread\(threads == 1 ? "" : "s")"
        throw RunError(
            .environment,
            "\(subject) \(workers == 1 ? "needs" : "need") \(needed) processes and threads in "
                + "total, but there is room for \(available): "
                + (workers * threads == 1 ? "" : "use fewer --workers or --threads, or ")
                + "raise the limit ('ulimit -u', or the pids limit of the container)"
        )
    }
}
