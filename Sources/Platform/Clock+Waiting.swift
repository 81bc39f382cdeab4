import CSystem
import Glibc

extension Clock {
    /// Sleeps until the clock shows `nanoseconds`, by a timer: the processor is free meanwhile.
    package static func sleep(until nanoseconds: UInt64) {
        var moment = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000),
            tv_nsec: Int(nanoseconds % 1_000_000_000)
        )
        while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, nil) == EINTR {}
    }

    /// Lets timers of the calling thread end on time; the system may otherwise delay each by 50 µs.
    package static func wakeOnTime() { headwise_wake_on_time() }
}
