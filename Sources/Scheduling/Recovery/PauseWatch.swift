/// Recognises, by the coordinator's own clocks, that its process was stopped or the machine was
/// suspended.
///
/// The loop wakes up at least every `longestWait`. In a far longer gap it either ran, or was ready
/// while others had the processors, or was stopped; only the last is a pause. Whoever was stopped
/// with it is not to blame for that time, and a trial with a pause has no time.
package struct PauseWatch: Sendable {
    /// What the clocks show when the loop wakes up.
    package struct Reading: Sendable {
        /// By the clock that stands still while the machine is suspended.
        package var now: Duration
        /// By the clock that goes on meanwhile.
        package var sinceBoot: Duration
        /// How long the loop's thread has run so far.
        package var running: Duration

        package init(now: Duration, sinceBoot: Duration, running: Duration) {
            self.now = now
            self.sinceBoot = sinceBoot
            self.running = running
        }
    }

    /// The loop waits no longer than this at once.
    package static let longestWait = Duration.milliseconds(50)
    /// A shorter gap may be a wait that ended late.
    package static let leastPause = Duration.milliseconds(200)
    /// The two clocks agree to microseconds while the machine runs.
    package static let leastSuspension = Duration.milliseconds(10)

    private var last: Reading
    private var lastReady: Duration
    /// All pauses so far.
    package private(set) var paused = Duration.zero

    package init(_ reading: Reading, ready: Duration) {
        last = reading
        lastReady = ready
    }

    /// Takes the clocks at a wake-up.
    ///
    /// `ready` is how long the loop's thread was ready so far while others had the processors. It
    /// takes longer to find out, so it is asked for only after a long gap.
    package mutating func note(_ reading: Reading, ready: () -> Duration) {
        let gap = reading.now - last.now
        let suspension = reading.sinceBoot - last.sinceBoot - gap
        let idle = gap - (reading.running - last.running)
        last = reading
        if suspension >= Self.leastSuspension { paused += suspension }
        guard idle >= Self.leastPause else { return }
        let readyNow = ready()
        let stopped = idle - (readyNow - lastReady)
        lastReady = readyNow
        if stopped >= Self.leastPause { paused += stopped }
    }
}
