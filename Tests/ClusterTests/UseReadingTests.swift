import Testing

@testable import Cluster

@Suite struct UseReadingTests {
    @Test func `the first trial is read, and reading rests a hundred times as long as it took`() {
        var reading = UseReading()
        #expect(reading.isDue(at: 0))
        reading.noteReading(from: 1000, to: 1010)
        // Twice ten, before the trial and after it.
        #expect(!reading.isDue(at: 1011) && !reading.isDue(at: 3009) && reading.isDue(at: 3010))
        reading.noteReading(from: 5000, to: 5000)
        #expect(reading.isDue(at: 5000))
    }
}
