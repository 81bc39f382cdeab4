#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The core time that the threads of a team got while they had something to compute.
package struct TeamTimes: Equatable, Sendable {
    /// CPU time of all threads together.
    package var cpuNanoseconds: UInt64
    /// The longest time that one thread was ready to compute but had no core.
    ///
    /// A thread that computes pieces never waits for anything else, so this is wall time less CPU
    /// time.
    package var offCoreNanoseconds: UInt64

    package init(cpuNanoseconds: UInt64 = 0, offCoreNanoseconds: UInt64 = 0) {
        self.cpuNanoseconds = cpuNanoseconds
        self.offCoreNanoseconds = offCoreNanoseconds
    }

    /// The times of two calls, one after the other.
    package static func + (first: TeamTimes, second: TeamTimes) -> TeamTimes {
        TeamTimes(
            cpuNanoseconds: first.cpuNanoseconds + second.cpuNanoseconds,
            offCoreNanoseconds: first.offCoreNanoseconds + second.offCoreNanoseconds
        )
    }

    /// Adds the times of a thread that computed at the same time.
    mutating func add(thread: TeamTimes) {
        cpuNanoseconds += thread.cpuNanoseconds
        offCoreNanoseconds = max(offCoreNanoseconds, thread.offCoreNanoseconds)
    }

    /// The times of the calling thread in `body`.
    static func ofThisThread(_ body: () -> Void) -> TeamTimes {
        // The wall clock encloses the CPU clock, so the difference is negative at most by their
        // resolution.
        let wall = nanoseconds(CLOCK_MONOTONIC)
        let cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID)
        body()
        let onCore = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu
        let elapsed = nanoseconds(CLOCK_MONOTONIC) - wall
        return TeamTimes(
            cpuNanoseconds: onCore,
            offCoreNanoseconds: elapsed > onCore ? elapsed - onCore : 0
        )
    }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
