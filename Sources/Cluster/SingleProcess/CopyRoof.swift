import Attention
import Timing

/// How fast one thread copies what another has just written to memory that two processes could
/// share: the roof of outputs that do not travel as messages.
enum CopyRoof {
    /// As much as the outputs of a common run: more than the caches next to a core hold.
    private static let byteCount = 16 << 20
    private static let rounds = 4

    /// 10⁹ bytes per second, the best of several rounds.
    static func measureGigabytesPerSecond() throws(ClusterError) -> Double {
        let memory = try SharedOutput()
        let writer = try Writer(memory.descriptor, at: memory.makeRoom(byteCount: byteCount))
        let target = try ClusterError.environment { () throws(AttentionError) in
            try AttentionInputs.slab(.output, byteCount: byteCount)
        }
        try writer.write(0)
        try memory.open()
        guard let source = unsafe memory.base else { return 0 }
        var best = 0.0
        for round in 1...rounds {
            try writer.write(UInt8(round))
            let start = Clock.nanoseconds
            unsafe target.base.copyMemory(from: source, byteCount: byteCount)
            best = max(best, Double(byteCount) / Double(Clock.nanoseconds - start))
        }
        return best
    }

    /// The other end, with a thread of its own for every round.
    private final class Writer: @unchecked Sendable {
        private let slab: Slab

        init(_ descriptor: Int32, at offset: Int) throws(ClusterError) {
            guard
                let slab = Slab(
                    sharing: descriptor,
                    at: offset,
                    byteCount: byteCount,
                    isWritable: true
                )
            else { throw ClusterError(.environment, "no memory to share: \(byteCount) bytes") }
            self.slab = slab
        }

        /// Fills the memory and returns when it stands.
        func write(_ value: UInt8) throws(ClusterError) {
            try PlainThread { [self] in
                unsafe slab.base.initializeMemory(
                    as: UInt8.self,
                    repeating: value,
                    count: byteCount
                )
            }.join()
        }
    }
}
