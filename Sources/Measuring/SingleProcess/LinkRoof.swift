import Glibc
import Platform
import Work

/// The speed of one bare connection of this machine: the roof of every transport here.
///
/// One thread writes, another reads into warm memory, and nothing else happens: no framing, no
/// queues, no lookup of a place. ZeroMQ adds all of these, and its one I/O thread reads no faster.
enum LinkRoof {
    private static let pieceBytes = 1 << 20
    private static let pieces = 24
    private static let rounds = 4

    /// 10⁹ bytes per second, the best of several rounds.
    static func measureGigabytesPerSecond(
        _ transport: Transport
    ) throws(RunError) -> Double {
        let (sender, receiver) = try System.connectedPair(isTCP: transport == .tcp)
        defer { System.close(receiver) }
        let writer = try PlainThread {
            let bytes = [UInt8](repeating: 1, count: pieceBytes)
            for _ in 0...rounds {
                for _ in 0..<pieces where !System.sendAll(bytes, to: sender) { break }
            }
            System.close(sender)
        }
        defer { writer.join() }
        var buffer = [UInt8](repeating: 0, count: pieceBytes)
        var best = 0.0
        // The first round only warms up.
        for round in 0...rounds {
            let start = Clock.nanoseconds
            var left = pieceBytes * pieces
            while left > 0 {
                let count = try System.receive(into: &buffer, atMost: left, from: receiver)
                guard count > 0 else { return best }
                left -= count
            }
            let elapsed = Clock.nanoseconds - start
            if round > 0 { best = max(best, Double(pieceBytes * pieces) / Double(elapsed)) }
        }
        return best
    }
}
