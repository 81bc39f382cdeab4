#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The monotonic clock of this machine; never subtract the stamps of two machines.
package enum Clock {
    /// Nanoseconds since a fixed moment; the value never decreases.
    ///
    /// The clock stands still while the machine is suspended.
    @inline(__always)
    package static var nanoseconds: UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// Nanoseconds since a fixed moment, with the time in which the machine was suspended.
    package static var nanosecondsSinceBoot: UInt64 {
        #if os(Linux)
        var time = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
        #else
        return nanoseconds
        #endif
    }
}
