/// How often each latency was measured, for any number of them in bounded memory.
///
/// Latencies below 512 ns are told apart; above, those that differ by less than 1/256 of themselves may
/// count as equal. A quantile is the middle of such a range, so it is right to a fifth of a per cent.
package struct LatencyCounts: Hashable, Sendable {
    /// Counts by the leading nine bits of a latency, and by how many bits follow them.
    private var counts: [UInt64] = []
    package private(set) var count: UInt64 = 0
    package private(set) var longestNanoseconds: UInt64 = 0

    private static let leadingBits = 9
    /// The latencies of a range of one length, once the first bit is set.
    private static let half = 1 << (leadingBits - 1)

    package init() {}

    package mutating func add(_ nanoseconds: UInt64) {
        let index = Self.index(of: nanoseconds)
        if index >= counts.count {
            counts += [UInt64](repeating: 0, count: index + 1 - counts.count)
        }
        counts[index] += 1
        count += 1
        longestNanoseconds = max(longestNanoseconds, nanoseconds)
    }

    /// A quantile by the nearest rank; nil if there is no latency.
    package func quantile(_ fraction: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = max(1, UInt64((fraction * Double(count)).rounded(.up)))
        var reached: UInt64 = 0
        for (index, own) in counts.enumerated() {
            reached += own
            if reached >= rank { return min(Self.middle(of: index), Double(longestNanoseconds)) }
        }
        return Double(longestNanoseconds)
    }

    private static func index(of nanoseconds: UInt64) -> Int {
        let bits = UInt64.bitWidth - nanoseconds.leadingZeroBitCount
        let shift = max(0, bits - leadingBits)
        return shift * half + Int(nanoseconds >> UInt64(shift))
    }

    private static func middle(of index: Int) -> Double {
        let shift = max(0, index / half - 1)
        let first = Double(index - shift * half)
        // A range of one latency is that latency.
        let width = Double(1 << UInt64(shift))
        return first * width + (width - 1) / 2
    }
}
