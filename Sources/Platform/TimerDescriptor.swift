import CSystem
import Glibc

/// A moment that a poll can wait for.
package struct TimerDescriptor: ~Copyable {
    /// Readable from the moment on.
    package let descriptor: Int32

    package init() throws(RunError) {
        descriptor = headwise_timer()
        guard descriptor >= 0 else { throw .system("timerfd_create", errno) }
    }

    deinit { System.close(descriptor) }

    /// Waits for a moment of `Clock.nanoseconds` instead of the former; for none if it is nil.
    package func set(_ nanoseconds: UInt64?) {
        // 0 is no moment, and a moment in the past is now.
        _ = headwise_timer_set(descriptor, UInt(nanoseconds.map { max($0, 1) } ?? 0))
    }
}
