import Timing

/// The faults `slow` and `stall`: when a worker computes no further, and for how long.
///
/// It spins, as a slower kernel would, so that the core stays as busy.
struct InjectedDelays {
    private let fault: InjectedFault?
    /// Computed since the last stall.
    private var computedNanoseconds: UInt64 = 0

    /// Between two stalls.
    private static let stallPeriodNanoseconds: UInt64 = 10_000_000

    init(_ fault: InjectedFault?) {
        self.fault = fault
    }

    /// Delays the end of a shard that was begun at `start`.
    mutating func delay(since start: UInt64) {
        // Without such a fault not even the clock is read.
        switch fault {
        case .slow, .stall: break
        default: return
        }
        let end = Clock.nanoseconds
        let deadline = end + nanoseconds(afterComputing: end - start)
        while Clock.nanoseconds < deadline {}
    }

    /// What a shard that was computed for so long takes beyond that.
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
