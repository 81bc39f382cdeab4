import Platform

/// The faults `slow` and `stall`: when a worker pauses, and for how long.
///
/// It spins, so that the core stays busy as with a slower kernel.
struct InjectedDelays {
    private let fault: InjectedFault?
    /// The computing time since the last stall.
    private var computedNanoseconds: UInt64 = 0

    /// The computing time between two stalls.
    private static let stallPeriodNanoseconds: UInt64 = 10_000_000

    init(_ fault: InjectedFault?) {
        self.fault = fault
    }

    /// Delays the end of a shard that began at `start`.
    mutating func delay(since start: UInt64) {
        // Without such a fault, the clock is not read.
        switch fault {
        case .slow, .stall: break
        default: return
        }
        let end = Clock.nanoseconds
        let deadline = end + nanoseconds(afterComputing: end - start)
        while Clock.nanoseconds < deadline {}
    }

    /// The delay of a shard that took `nanoseconds` to compute.
    mutating func nanoseconds(afterComputing nanoseconds: UInt64) -> UInt64 {
        switch fault {
        case .slow(let percent):
            return nanoseconds * UInt64(percent) / 100
        case .stall(let percent):
            computedNanoseconds += nanoseconds
            let stalls = computedNanoseconds / Self.stallPeriodNanoseconds
            computedNanoseconds %= Self.stallPeriodNanoseconds
            return stalls * Self.stallPeriodNanoseconds * UInt64(percent) / 100
        default:
            return 0
        }
    }
}
