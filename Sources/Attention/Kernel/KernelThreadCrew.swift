import CSystem
import Platform
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The threads of a team except its caller, and the state that they share with it.
///
/// `@unchecked Sendable`: everything that changes is an atomic, or is touched only while the mutex
/// is held; only the owner uses `threads`. The mutex is taken at the start and the end of a call,
/// never between its pieces.
@safe
final class ThreadCrew: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Signalled when there is work, or when the threads must end.
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Signalled when a thread has started or has no more pieces.
    private let done = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var threads: [pthread_t] = []

    private var work: (any ThreadWork)?
    /// Counts the calls, so that a thread takes part once in each.
    private var generation = 0
    private var pendingCount = 0
    private var busyCount = 0
    private var isStopping = false
    /// The times of the threads that have no more pieces in the current call.
    private var times = TeamTimes()
    private let isTimed: Bool
    private(set) var memberCount = 0
    private(set) var pinnedCount = 0

    private let nextPiece = Atomic<Int>(0)
    let counter = ProgressCounter()
    private let cancellation: Cancellation?

    var progress: UInt64 { counter.value }

    init(cancellation: Cancellation?, isTimed: Bool) {
        self.cancellation = cancellation
        self.isTimed = isTimed
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe wake.initialize(to: pthread_cond_t())
        unsafe done.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe pthread_cond_init(wake, nil)
        unsafe pthread_cond_init(done, nil)
    }

    deinit {
        unsafe pthread_cond_destroy(done)
        unsafe pthread_cond_destroy(wake)
        unsafe pthread_mutex_destroy(mutex)
        unsafe done.deallocate()
        unsafe wake.deallocate()
        unsafe mutex.deallocate()
    }

    private func locked<R>(_ body: () -> R) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body()
    }
}

// MARK: - The owner's side

extension ThreadCrew {
    /// Starts a thread; false when the system cannot start another.
    func start(cpu: Int?) -> Bool {
        let member = unsafe Unmanaged.passRetained(CrewMember(crew: self, cpu: cpu))
        locked { pendingCount += 1 }
        #if canImport(Darwin)
        var thread: pthread_t?
        let code = unsafe pthread_create(&thread, nil, { unsafe enter($0) }, member.toOpaque())
        #else
        var thread = pthread_t()
        let code = unsafe pthread_create(&thread, nil, { unsafe enter($0) }, member.toOpaque())
        #endif
        guard code == 0 else {
            unsafe member.release()
            locked { pendingCount -= 1 }
            return false
        }
        #if canImport(Darwin)
        if let thread { unsafe threads.append(thread) }
        #else
        threads.append(thread)
        #endif
        return true
    }

    /// Waits until every thread has its scratch memory, or has given up because there is none.
    func waitUntilStarted() {
        locked {
            while pendingCount > 0 { unsafe pthread_cond_wait(done, mutex) }
        }
    }

    /// Computes all pieces of `work` with the calling thread and the crew.
    ///
    /// The result is zeros unless the crew is timed.
    @unsafe
    func run(_ work: any ThreadWork, workspace: borrowing KernelWorkspace) -> TeamTimes {
        nextPiece.store(0, ordering: .relaxed)
        locked {
            self.work = work
            generation += 1
            busyCount = memberCount
            unsafe pthread_cond_broadcast(wake)
        }
        let own = unsafe takePieces(of: work, workspace: workspace)
        return locked {
            while busyCount > 0 { unsafe pthread_cond_wait(done, mutex) }
            self.work = nil
            times.add(thread: own)
            defer { times = TeamTimes() }
            return times
        }
    }

    /// Ends and joins the threads.
    func stop() {
        locked {
            isStopping = true
            unsafe pthread_cond_broadcast(wake)
        }
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }

    /// Lets the calling thread run on one CPU only; false when the system refuses.
    static func pinCurrentThread(to cpu: Int) -> Bool {
        #if os(Linux)
        guard (0..<1024).contains(cpu) else { return false }
        var mask = [UInt64](repeating: 0, count: 16)
        mask[cpu / 64] = 1 << UInt64(cpu % 64)
        return unsafe headwise_set_affinity(0, mask, mask.count) == 0
        #else
        return false
        #endif
    }
}

// MARK: - The threads' side

extension ThreadCrew {
    @unsafe
    private func takePieces(
        of work: any ThreadWork,
        workspace: borrowing KernelWorkspace
    ) -> TeamTimes {
        guard isTimed else {
            unsafe takeAllPieces(of: work, workspace: workspace)
            return TeamTimes()
        }
        return TeamTimes.ofThisThread { unsafe takeAllPieces(of: work, workspace: workspace) }
    }

    @unsafe
    private func takeAllPieces(of work: any ThreadWork, workspace: borrowing KernelWorkspace) {
        let count = work.pieceCount
        // Between two calls, the inputs may have changed.
        workspace.scores.forget()
        while cancellation?.isCancelled != true {
            let piece = nextPiece.add(1, ordering: .relaxed).oldValue
            guard piece < count else { return }
            counter.add(work.compute(piece: piece, workspace: workspace))
        }
    }

    fileprivate func serve(cpu: Int?) {
        let isPinned = cpu.map(Self.pinCurrentThread(to:)) ?? false
        // Each thread allocates its own workspace, so that the memory is near the thread's CPU.
        guard let workspace = KernelWorkspace() else { return report(joins: false, isPinned) }
        report(joins: true, isPinned)
        var seen = 0
        while let work = unsafe nextWork(after: &seen) {
            let own = unsafe takePieces(of: work, workspace: workspace)
            locked {
                times.add(thread: own)
                busyCount -= 1
                if busyCount == 0 { unsafe pthread_cond_signal(done) }
            }
        }
    }

    private func report(joins: Bool, _ isPinned: Bool) {
        locked {
            pendingCount -= 1
            if joins { memberCount += 1 }
            if joins && isPinned { pinnedCount += 1 }
            unsafe pthread_cond_signal(done)
        }
    }

    /// Sleeps until there is a call this thread has not taken part in; nil at the end.
    @unsafe
    private func nextWork(after seen: inout Int) -> (any ThreadWork)? {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while generation == seen && !isStopping { unsafe pthread_cond_wait(wake, mutex) }
        seen = generation
        return isStopping ? nil : work
    }
}

/// What a new thread receives.
private final class CrewMember {
    private let crew: ThreadCrew
    private let cpu: Int?

    init(crew: ThreadCrew, cpu: Int?) {
        self.crew = crew
        self.cpu = cpu
    }

    func serve() { crew.serve(cpu: cpu) }
}

private func enter(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    let member = unsafe Unmanaged<CrewMember>.fromOpaque(argument).takeRetainedValue()
    member.serve()
    return nil
}
