import Testing

@testable import Scheduling

@Suite struct PauseWatchTests {
    /// A loop's clocks, in milliseconds.
    private struct Loop {
        var now = 1000
        var suspended = 0
        var running = 10
        var ready = 5
        var watch: PauseWatch

        init() {
            watch = PauseWatch(
                .init(
                    now: .milliseconds(1000),
                    sinceBoot: .milliseconds(1000),
                    running: .milliseconds(10)
                ),
                ready: .milliseconds(5)
            )
        }

        /// The next wake-up, after a time of which these parts were spent so.
        mutating func pass(_ gap: Int, running: Int = 0, ready: Int = 0, suspended: Int = 0) {
            now += gap
            self.running += running
            self.ready += ready
            self.suspended += suspended
            let readyNow = Duration.milliseconds(self.ready)
            watch.note(
                .init(
                    now: .milliseconds(now),
                    sinceBoot: .milliseconds(now + self.suspended),
                    running: .milliseconds(self.running)
                ),
                ready: { readyNow }
            )
        }
    }

    @Test func `waits, long work and a busy machine are no pause`() {
        var loop = Loop()
        for _ in 0..<100 { loop.pass(50, running: 1) }
        loop.pass(199)
        loop.pass(5000, running: 4900)
        loop.pass(5000, running: 10, ready: 4900)
        #expect(loop.watch.paused == .zero)
    }

    @Test(arguments: [199, 200, 201, 60_000])
    func `a gap in which the loop neither ran nor was ready is a pause`(gap: Int) {
        var loop = Loop()
        loop.pass(gap)
        #expect(loop.watch.paused == (gap >= 200 ? .milliseconds(gap) : .zero))
    }

    @Test func `only the part of a gap in which the loop was stopped is a pause`() {
        var loop = Loop()
        loop.pass(1000, running: 100, ready: 250)
        #expect(loop.watch.paused == .milliseconds(650))
        // What it waited for a processor earlier is not taken off again.
        loop.pass(1000, running: 100)
        #expect(loop.watch.paused == .milliseconds(1550))
    }

    @Test(arguments: [0, 9, 10, 3_600_000])
    func `a suspended machine shows in the clock that goes on`(suspended: Int) {
        var loop = Loop()
        loop.pass(20, running: 1, suspended: suspended)
        loop.pass(50)
        #expect(loop.watch.paused == (suspended >= 10 ? .milliseconds(suspended) : .zero))
    }

    @Test func `pauses add up`() {
        var loop = Loop()
        for _ in 0..<3 {
            loop.pass(300)
            loop.pass(50, suspended: 100)
        }
        #expect(loop.watch.paused == .milliseconds(1200))
    }
}
