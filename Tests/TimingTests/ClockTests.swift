import Testing
import Timing

struct ClockTests {
    @Test func `the clock never goes backwards`() {
        var last = Clock.nanoseconds
        for _ in 0..<10_000 {
            let now = Clock.nanoseconds
            #expect(now >= last)
            last = now
        }
    }
}
