import Glibc

/// How many more threads this process and its children can have.
///
/// Processes count as threads: the limits count both.
package enum ThreadRoom {
    /// What the system and the control groups leave; nil where neither says.
    package static var threadCount: Int? { threadCount(files: .live) }

    package static func threadCount(files: SystemFiles) -> Int? {
        let most = ["/proc/sys/kernel/threads-max", "/proc/sys/kernel/pid_max"]
            .compactMap { files.integer($0) }
        let room = ControlGroupLimits(files: files).taskRoom
        return (most + (room.map { [$0] } ?? [])).min()
    }

    /// Starts that many threads at once, and ends them; returns how many could be started.
    ///
    /// The limit of a user counts processes that this one may not see, and does not hold for all
    /// users. So it cannot be computed, only tried.
    package static func available(upTo count: Int) -> Int {
        raiseProcessLimit()
        var attributes = pthread_attr_t()
        guard count > 0, unsafe pthread_attr_init(&attributes) == 0 else { return 0 }
        defer { unsafe pthread_attr_destroy(&attributes) }
        // Little address space, which may be limited, too: the real threads are in many processes.
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        // A pipe that cannot be made is another shortage, which the first real pipe reports.
        guard let (readEnd, writeEnd) = try? System.pipe() else { return count }
        defer { System.close(readEnd) }
        var threads: [pthread_t] = []
        for _ in 0..<count {
            var thread = pthread_t()
            let code = unsafe pthread_create(
                &thread,
                &attributes,
                { argument in
                    System.waitForEnd(of: Int32(truncatingIfNeeded: Int(bitPattern: argument)))
                    return nil
                },
                UnsafeMutableRawPointer(bitPattern: Int(readEnd))
            )
            guard code == 0 else { break }
            threads.append(thread)
        }
        System.close(writeEnd)
        for thread in threads { pthread_join(thread, nil) }
        return threads.count
    }

    /// Refuses to go on where this process cannot start that many threads now.
    ///
    /// libzmq aborts the program where it gets no thread.
    package static func require(_ count: Int) throws(RunError) {
        guard available(upTo: count) < count else { return }
        throw .system("starting \(count) threads", EAGAIN)
    }

    private static let stackBytes = 256 << 10

    /// Raises the limit of this user's processes as far as it may be.
    private static func raiseProcessLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(__RLIMIT_NPROC.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else {
            return
        }
        limit.rlim_cur = limit.rlim_max
        // If this fails, the lower limit holds.
        _ = unsafe setrlimit(resource, &limit)
    }
}
