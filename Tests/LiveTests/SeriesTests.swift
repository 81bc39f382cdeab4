import TestSupport
import Testing

@testable import Live

/// Which trials a page shows of many.
struct SeriesTests {
    @Test(arguments: [0, 1, 599, 600])
    func `all trials are shown while a screen has room`(_ count: Int) {
        #expect(Snapshot.Series.shown([UInt64](repeating: 7, count: count)) == Array(0..<count))
    }

    @Test(arguments: [601, 1000, 100_000])
    func `of many trials no outlier is lost`(_ count: Int) {
        var numbers = SplitMix(seed: UInt64(count))
        var times = (0..<count).map { _ in 1000 + numbers.next() % 10 }
        // One in every part at most, so that none hides another.
        let outliers = stride(from: 5, to: count, by: max(count / 100, 7)).map { $0 }
        for (index, trial) in outliers.enumerated() {
            times[trial] = index % 2 == 0 ? 5000 : 10
        }
        let shown = Snapshot.Series.shown(times)
        #expect(shown.count <= Snapshot.Series.mostTrials)
        #expect(shown == shown.sorted())
        #expect(Set(shown).count == shown.count)
        #expect(Set(outliers).isSubset(of: shown))
    }

    @Test(arguments: [
        (33.123456, 33.12), (0.00012345678, 0.0001235), (123456.7, 123457), (0, 0),
        (-2.71828, -2.718),
    ])
    func `numbers are sent with four digits`(_ value: Double, _ sent: Double) {
        #expect(rounded(value) == sent)
    }
}
