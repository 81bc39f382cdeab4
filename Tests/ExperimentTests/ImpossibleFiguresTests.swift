import Testing

@testable import Experiment

struct ImpossibleFiguresTests {
    private static let roofs = MeasuredRoofs(
        fmaGigaflopsPerSecond: 100,
        linkGigabytesPerSecond: 4
    )

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
        let reasons = ImpossibleFigures.reasons(
            bytesPerTrial: ["received": received * 1e6, "sent": sent * 1e6],
            nanoseconds: 1e6,
            transport: .tcp,
            roofs: Self.roofs
        )
        #expect(reasons.count == count)
        #expect(reasons.allSatisfy { $0.contains("bare tcp connection") })
    }

    @Test func `what was not measured refutes nothing`() {
        let reasons = ImpossibleFigures.reasons(
            bytesPerTrial: ["received": 1e30],
            nanoseconds: 1,
            transport: .ipc,
            roofs: MeasuredRoofs(fmaGigaflopsPerSecond: 100)
        )
        #expect(reasons.isEmpty)
    }
}
