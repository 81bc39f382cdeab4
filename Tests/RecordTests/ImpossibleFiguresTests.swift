import Testing
import Work

@testable import Record

struct ImpossibleFiguresTests {
    private static let roofs = MeasuredRoofs(
        fmaGigaflopsPerSecond: 100,
        linkGigabytesPerSecond: 4,
        copyGigabytesPerSecond: 8
    )

    /// `sent` and `received` are in GB/s.
    private static func reasons(
        sent: Double,
        received: Double,
        _ transport: Transport,
        _ inputs: PlaneName,
        _ outputs: OutputRoute
    ) -> [String] {
        ImpossibleFigures.reasons(
            bytesSent: sent * 1e6,
            bytesReceived: received * 1e6,
            nanoseconds: 1e6,
            transport: transport,
            inputs: inputs,
            outputs: outputs,
            roofs: roofs
        )
    }

    @Test(arguments: [(109.9, 1, true), (110.1, 1, false), (219.9, 2, true), (220.1, 2, false)])
    func `a rate more than a tenth above the roof of its threads is impossible`(
        rate: Double,
        threads: Int,
        isPossible: Bool
    ) {
        let reasons = ImpossibleFigures.reasons(rate: rate, threads: threads, roofs: Self.roofs)
        #expect(reasons.isEmpty == isPossible)
        for figure in ["\(Int(rate)) GFLOP/s", "\(100 * threads) GFLOP/s"] {
            #expect(reasons.allSatisfy { $0.contains(figure) }, "\(reasons)")
        }
    }

    @Test(arguments: [
        (5.9, 0.0, 0), (6.1, 0, 1), (0, 6.1, 1), (6.1, 6.1, 2), (0, 0, 0),
    ])
    func `more bytes than a bare connection carries are impossible in either direction`(
        received: Double,
        sent: Double,
        count: Int
    ) {
        let reasons = Self.reasons(sent: sent, received: received, .tcp, .inline, .messages)
        #expect(reasons.count == count)
        // The roof of the connection.
        #expect(reasons.allSatisfy { $0.contains("tcp") && $0.contains("4.0 GB/s") })
    }

    @Test(arguments: [(7.0, 5.9, 0), (99, 11.9, 0), (0, 12.1, 1), (99, 12.1, 1)])
    func `copied inputs are judged by the copy rate, and outputs in their place by nothing`(
        received: Double,
        sent: Double,
        count: Int
    ) {
        let reasons = Self.reasons(sent: sent, received: received, .ipc, .copied, .shared)
        #expect(reasons.count == count)
        #expect(reasons.allSatisfy { $0.contains("8.0 GB/s") })
    }

    @Test func `without a measured roof no figure is impossible`() {
        let reasons = ImpossibleFigures.reasons(
            bytesSent: 1e30,
            bytesReceived: 1e30,
            nanoseconds: 1,
            transport: .ipc,
            inputs: .resident,
            outputs: .shared,
            roofs: MeasuredRoofs(fmaGigaflopsPerSecond: 100)
        )
        #expect(reasons.isEmpty)
    }
}
