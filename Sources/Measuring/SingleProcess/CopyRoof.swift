import Attention
import Platform

/// The speed at which one thread copies what another has just written to memory of the kind that
/// processes share.
///
/// This is the roof of outputs that do not travel as messages.
enum CopyRoof {
    /// The size of the outputs of a common run, which exceeds the caches next to a core.
    private static let byteCount = 16 << 20
    private static let rounds = 4

    /// 10⁹ bytes per second, the best of several rounds.
    static func measureGigabytesPerSecond() throws(RunError) -> Double {
        let source = try Memory()
        let target = try Memory()
        var best = 0.0
        // The first round only warms up.
        for round in 0...rounds {
            try PlainThread { source.fill(UInt8(round)) }.join()
            let start = Clock.nanoseconds
            target.copy(source)
            let elapsed = Clock.nanoseconds - start
            if round > 0 { best = max(best, Double(byteCount) / Double(elapsed)) }
        }
        return best
    }

    /// Unchecked: the thread that writes has ended before another thread reads.
    private final class Memory: @unchecked Sendable {
        private let slab: Slab

        package init() throws(RunError) {
            guard let slab = Slab(sharing: nil, at: 0, byteCount: byteCount) else {
                throw RunError(
                    .environment,
                    "measuring the copy rate needs \(byteCount) bytes of memory; free some"
                )
            }
            self.slab = slab
        }

        func fill(_ value: UInt8) {
            unsafe slab.base.initializeMemory(as: UInt8.self, repeating: value, count: byteCount)
        }

        func copy(_ other: Memory) {
            unsafe LargeCopy.copy(other.slab.base, to: slab.base, byteCount: byteCount)
        }
    }
}
