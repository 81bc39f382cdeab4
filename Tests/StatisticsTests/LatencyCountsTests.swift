import TestSupport
import Testing

@testable import Statistics

/// Quantiles of latencies that are only counted.
struct LatencyCountsTests {
    @Test(arguments: [1, 2, 10, 1000, 5000])
    func `a quantile is that of the sorted latencies, to a fifth of a per cent`(count: Int) throws {
        var random = SplitMix(seed: UInt64(count))
        var counts = LatencyCounts()
        var all: [UInt64] = []
        for _ in 0..<count {
            let bits = UInt64.random(in: 4...40, using: &random)
            let latency = UInt64.random(in: 1...1 << bits, using: &random)
            all.append(latency)
            counts.add(latency)
        }
        all.sort()
        #expect(counts.count == UInt64(count))
        #expect(counts.longestNanoseconds == all.last)
        for fraction in [0, 0.1, 0.5, 0.9, 0.99, 1] {
            let rank = max(1, Int((fraction * Double(count)).rounded(.up)))
            let right = Double(all[rank - 1])
            let found = try #require(counts.quantile(fraction))
            #expect(abs(found - right) <= right / 512, "\(fraction)")
        }
    }

    @Test(arguments: [0, 1, 511, 512, 513, 1023, 1024, 1 << 32, .max] as [UInt64])
    func `one latency is every quantile`(latency: UInt64) {
        var counts = LatencyCounts()
        #expect(counts.quantile(0.5) == nil)
        counts.add(latency)
        for fraction in [0, 0.5, 1] {
            let found = counts.quantile(fraction) ?? -1
            #expect(abs(found - Double(latency)) <= Double(latency) / 512)
        }
    }
}
