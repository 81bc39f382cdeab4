extension Clock {
    /// The smallest step between two readings of the clock, in nanoseconds.
    ///
    /// Shorter times cannot be told apart. The step is measured: `clock_getres` reports 1 ns even
    /// where reading the clock takes 20 ns. It is zero if the clock does not move.
    package static func resolutionNanoseconds(
        readings: Int = 2_000,
        now: () -> UInt64 = { Clock.nanoseconds }
    ) -> UInt64 {
        var smallest = UInt64.max
        var last = now()
        for _ in 0..<readings {
            let reading = now()
            if reading > last { smallest = min(smallest, reading - last) }
            last = reading
        }
        return smallest == .max ? 0 : smallest
    }
}
