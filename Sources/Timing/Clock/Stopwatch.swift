/// Reads the clock at the start and at every lap.
package struct Stopwatch: Sendable {
    private let started: UInt64
    private var lapStarted: UInt64

    package init() {
        started = Clock.nanoseconds
        lapStarted = started
    }

    /// The time since the stopwatch was made.
    package var elapsedNanoseconds: UInt64 { Clock.nanoseconds - started }

    /// The time since the last lap, or since the start; the next lap begins at the same reading, so
    /// that laps add up to the whole.
    package mutating func lapNanoseconds() -> UInt64 {
        let now = Clock.nanoseconds
        defer { lapStarted = now }
        return now - lapStarted
    }
}
