import Platform
import Scheduling

extension PauseWatch {
    /// How long the calling thread was ready so far while others had the processors.
    package static func ready() -> Duration {
        .nanoseconds(Int64(clamping: System.threadReadyNanoseconds))
    }
}

extension PauseWatch.Reading {
    /// What the clocks of the calling thread show now.
    package static var current: PauseWatch.Reading {
        PauseWatch.Reading(
            now: .nanoseconds(Int64(Clock.nanoseconds)),
            sinceBoot: .nanoseconds(Int64(Clock.nanosecondsSinceBoot)),
            running: .nanoseconds(Int64(System.threadCPUNanoseconds))
        )
    }
}
