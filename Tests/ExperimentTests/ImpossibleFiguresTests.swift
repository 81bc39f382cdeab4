import Testing
import Work

@testable import Experiment

struct ImpossibleFiguresTests {
    private static let roofs = MeasuredRoofs(
        fmaGigaflopsPerSecond: 100,
        linkGigabytesPerSecond: 4,
        copyGigabytesPerSecond: 8
    )

    /// At so many GB/s each way.
    private static func reasons(
        sent: Double,
        received: Double,
        _ transport: Transport,
        _ outputs: OutputRoute
    ) -> [String] {
        ImpossibleFigures.reasons(
            bytesSent: sent * 1e6,
            bytesReceived: received * 1e6,
            nanoseconds: 1e6,
            transport: transport,
            outputs: outputs,
            roofs: roofs
        )
    }

    @Test(arguments: [(109.9, 1, true), (110.1, 1, false), (219.9, 2, true), (220.1, 2, false)])
    func `faster than the roof of so many threads is impossible`(
        rate: Double,
        threads: Int,
        isPossible: Bool
    ) {
        let reasons = ImpossibleFigures.reasons(rate: rate, threads: threads, roofs: Self.roofs)
        #expect(reasons.isEmpty == isPossible)
        #expect(reasons.allSatisfy { $0.contains("GFLOP/s measured as the roof") })
    }

    @Test(arguments: [
        (5.9, 0.0, 0), (6.1, 0, 1), (0, 6.1, 1), (6.1, 6.1, 2), (0, 0, 0),
    ])
    func `more bytes than a bare connection carries are impossible, each way by itself`(
        received: Double,
        sent: Double,
        count: Int
    ) {
        let reasons = Self.reasons(sent: sent, received: received, .tcp, .messages)
        #expect(reasons.count == count)
        #expect(reasons.allSatisfy { $0.contains("bare tcp connection") })
    }

    @Test(arguments: [(11.9, 5.9, 0), (12.1, 0, 1), (0, 6.1, 1), (12.1, 6.1, 2)])
    func `outputs in shared memory are held against copying, and tasks against the connection`(
        received: Double,
        sent: Double,
        count: Int
    ) {
        let reasons = Self.reasons(sent: sent, received: received, .ipc, .shared)
        #expect(reasons.count == count)
        #expect(
            reasons.contains { $0.contains("8.0 GB/s that one thread copied") } == (received > 12)
        )
        #expect(reasons.contains { $0.contains("bare ipc connection") } == (sent > 6))
    }

    @Test func `what was not measured refutes nothing`() {
        let reasons = ImpossibleFigures.reasons(
            bytesSent: 1e30,
            bytesReceived: 1e30,
            nanoseconds: 1,
            transport: .ipc,
            outputs: .shared,
            roofs: MeasuredRoofs(fmaGigaflopsPerSecond: 100)
        )
        #expect(reasons.isEmpty)
    }
}
