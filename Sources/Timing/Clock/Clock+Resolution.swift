extension Clock {
    /// The smallest step between two readings, in nanoseconds: nothing shorter can be told apart.
    ///
    /// Measured, not asked for: `clock_getres` says 1 ns where reading the clock takes 20. Zero when
    /// the clock does not move.
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
