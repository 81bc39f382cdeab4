import Glibc
import Work

/// How many files, sockets and handles this process may hold open at a time.
///
/// libzmq aborts the program when it gets no descriptor. So the descriptors that clusters need are
/// counted before anything is started.
package enum DescriptorLimit {
    /// Per process of workers: its lifeline.
    private static let perProcess = 1
    /// Per worker: its process handle, its connection and the memory it shares.
    private static let perWorker = 3
    /// Per cluster: the context's mailbox, two for its reaper, one for the socket and two for its
    /// listener; of who lets peers in, one for its end, one for questions and two for reports; the
    /// memories of inputs and of gathered outputs; and one that tells that a worker has ended.
    ///
    /// Each thread that serves connections also has a mailbox and a poll.
    private static let perCluster = 13
    private static let perThread = 2
    /// Per process of a base case: its lifeline, its process handle and two pipes.
    private static let perBaseCase = 4
    /// What a worker opens: two hand-overs, a context with a thread, two sockets with a monitor
    /// between them, its connection, the memory it shares, and one that stands for several.
    ///
    /// Several in a process need less, since they have one context.
    private static let ofWorker = 14
    /// The connections of strangers: only one cluster at a time lets anybody in.
    package static let forStrangers = 64
    /// For descriptors that are open only for a while: files, and the pipes of a program that is
    /// started.
    private static let reserve = 16
    /// The limit is raised to this value where the system allows it.
    ///
    /// It is more than the count, so that nothing new needs to be counted at once. It is not the
    /// maximum, because some programs close every descriptor that they could have open.
    private static let ample = 65_536

    /// Makes sure that clusters with these workers and the processes of base cases can be
    /// alive at once, with that many claims on processors.
    package static func provide(
        forWorkers processes: [WorkerProcesses],
        baseCases: Int = 0,
        claims: Int = 0
    ) throws(RunError) {
        let others = perBaseCase * baseCases + forStrangers + claims
        let needed = processes.reduce(others) { sum, cluster in
            sum + perCluster + perThread * Affinity.ioThreads(forWorkers: cluster.workers)
                + perWorker * cluster.workers + perProcess * cluster.count
        }
        let workers = processes.reduce(0) { $0 + $1.workers }
        let together = processes.count > 1 ? " at once" : ""
        try provide(
            needed,
            workers == 1 ? "1 worker needs" : "\(workers) workers\(together) need",
            workers == 1 ? "start headwise with fewer open files" : "use fewer workers"
        )
    }

    /// Makes sure that this process has enough descriptors to be a worker, or several.
    package static func provideForWorkers(_ count: Int) throws(RunError) {
        try provide(
            ofWorker * count,
            count == 1 ? "a worker needs" : "\(count) workers in a process need",
            "start it with fewer files open"
        )
    }

    /// Raises the limit if that many more descriptors need it and the system allows it.
    private static func provide(
        _ count: Int,
        _ subject: String,
        _ alternative: String
    ) throws(RunError) {
        let needed = openCount + count + reserve
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { throw .system("getrlimit", errno) }
        guard limit.rlim_cur < rlim_t(needed) else { return }
        if limit.rlim_max >= rlim_t(needed) {
            limit.rlim_cur = min(limit.rlim_max, rlim_t(max(needed, ample)))
            guard unsafe setrlimit(resource, &limit) != 0 else { return }
        }
        throw RunError(
            .environment,
            "\(subject) \(needed) open files and sockets, but this process may have only "
                + "\(limit.rlim_max): raise the limit with 'ulimit -n \(needed)' (this may need an "
                + "administrator), or \(alternative)"
        )
    }

    /// How many are open now.
    private static var openCount: Int {
        guard let folder = unsafe opendir("/proc/self/fd") else {
            // At the limit, or where the folder cannot be read: the usual three.
            return 3
        }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // Do not count the folder's own descriptor, nor the entries `.` and `..`.
        return count - 3
    }
}
