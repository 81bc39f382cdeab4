import Platform
import Testing

struct ClockTests {
    @Test func `the clock never goes backwards`() {
        var last = Clock.nanoseconds
        for _ in 0..<10_000 {
            let now = Clock.nanoseconds
            #expect(now >= last)
            last = now
        }
    }

    @Test func `the clock's resolution is its smallest step`() {
        var time: UInt64 = 0
        var step: UInt64 = 0
        let smallest = Clock.resolutionNanoseconds(readings: 9) {
            step += 1
            time += step % 3 * 40
            return time
        }
        #expect(smallest == 40)
        #expect(Clock.resolutionNanoseconds(readings: 9) { 5 } == 0)
        #expect(Clock.resolutionNanoseconds() > 0)
    }
}
