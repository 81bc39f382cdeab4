import Glibc

/// How many files, sockets and handles this process may hold open at a time.
///
/// libzmq ends the program where it gets no descriptor, so what clusters need is counted before
/// anything of them is started.
enum DescriptorLimit {
    /// Of every worker: its lifeline, its process handle, its connection and the memory it shares.
    private static let perWorker = 4
    /// Of every cluster: the context's mailbox, its reaper's two, the socket's and its listener; and
    /// of each thread that serves connections a mailbox and a poll.
    private static let perCluster = 5
    private static let perThread = 2
    /// Of every process of a base case: its lifeline, its process handle and two pipes.
    private static let perBaseCase = 4
    /// What a worker opens: two hand-overs, a context with a thread, two sockets with a monitor
    /// between them, its connection, and the memory it shares.
    private static let ofWorker = 13
    /// For what is opened beside them for a while: files, the pipes of a program that is started.
    private static let reserve = 16
    /// What the limit is raised to where that may be: more than is counted, since strangers may
    /// connect, but not all there is, since programs exist that close whatever they could have open.
    private static let ample = 65_536

    /// Sees to it that clusters of so many workers each, and the processes of base cases, can be alive
    /// at once.
    static func provide(forWorkers counts: [Int], baseCases: Int = 0) throws(ClusterError) {
        let needed = counts.reduce(perBaseCase * baseCases) { sum, workers in
            sum + perCluster + perThread * Affinity.ioThreads(forWorkers: workers)
                + perWorker * workers
        }
        let workers = counts.reduce(0, +)
        let together = counts.count > 1 ? " at once" : ""
        try provide(
            needed,
            workers == 1 ? "1 worker needs" : "\(workers) workers\(together) need",
            workers == 1 ? "start it with fewer files open" : "use fewer workers"
        )
    }

    /// Sees to it that this process can be a worker.
    static func provideForWorker() throws(ClusterError) {
        try provide(ofWorker, "a worker needs", "start it with fewer files open")
    }

    /// Raises the limit if so many more descriptors need it and may have it.
    private static func provide(
        _ count: Int,
        _ subject: String,
        _ alternative: String
    ) throws(ClusterError) {
        let needed = openCount + count + reserve
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { throw .system("getrlimit", errno) }
        guard limit.rlim_cur < rlim_t(needed) else { return }
        if limit.rlim_max >= rlim_t(needed) {
            limit.rlim_cur = min(limit.rlim_max, rlim_t(max(needed, ample)))
            guard unsafe setrlimit(resource, &limit) != 0 else { return }
        }
        throw ClusterError(
            .environment,
            "\(subject) \(needed) open files and sockets, and this process may have "
                + "\(limit.rlim_max): raise the limit with 'ulimit -n \(needed)', which may take an "
                + "administrator, or \(alternative)"
        )
    }

    /// How many are open now.
    private static var openCount: Int {
        guard let folder = unsafe opendir("/proc/self/fd") else {
            // At the limit, or where nobody says: the usual three.
            return 3
        }
        defer { unsafe closedir(folder) }
        var count = 0
        while unsafe readdir(folder) != nil { count += 1 }
        // Not the folder itself, nor its two names for itself and the one above.
        return count - 3
    }
}
