#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What the threads of a team got of their cores while they had something to compute.
package struct TeamTimes: Equatable, Sendable {
    /// CPU time of all threads together.
    package var cpuNanoseconds: UInt64
    /// How long the thread that lost most was ready to compute and not on a core.
    ///
    /// A thread that takes pieces never waits for anything else, so this is wall time less CPU time.
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

    /// Adds a thread that computed at the same time.
    mutating func add(thread: TeamTimes) {
        cpuNanoseconds += thread.cpuNanoseconds
        offCoreNanoseconds = max(offCoreNanoseconds, thread.offCoreNanoseconds)
    }

    /// The times of the calling thread in `body`.
    static func ofThisThread(_ body: () -> Void) -> TeamTimes {
        // The wall clock is read outside the CPU clock, so that the difference is never negative
        // but for their resolution.
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
