import Record
import Testing

@Suite struct MovingCostTests {
    /// Two trials of two workers, 1 MiB in messages each.
    private static func samples(computing: UInt64? = 70, messages: UInt64? = 1 << 20)
        -> [TrialSample]
    {
        (1...2).map { trial in
            TrialSample(
                trial: trial,
                wallNanoseconds: 100,
                cpuNanoseconds: 10_000_000,
                workers: (0..<2).map { worker in
                    WorkerSample(
                        worker: worker,
                        computeNanoseconds: worker == 0 ? 60 : 20,
                        cpuNanoseconds: 1_000_070,
                        computeCPUNanoseconds: computing,
                        messageBytes: messages
                    )
                }
            )
        }
    }

    private static func cost(_ samples: [TrialSample], usesMessages: Bool = true) -> MovingCost? {
        MovingCost(samples, leastBytesSent: 5, leastBytesReceived: 6, usesMessages: usesMessages)
    }

    @Test func `time beside computing is divided by what travelled in messages`() throws {
        let cost = try #require(Self.cost(Self.samples()))
        #expect(cost.messageBytes == 2 * 1_048_576)
        #expect(cost.cpuNanoseconds == 12_000_000)
        #expect(cost.coreMillisecondsPerMebibyte == 6)
        #expect(cost.leastBytesSent == 5 && cost.leastBytesReceived == 6)
    }

    @Test func `what cannot be told is absent`() throws {
        #expect(Self.cost([]) == nil)
        #expect(Self.cost(Self.samples(messages: nil)) == nil)
        let untold = try #require(Self.cost(Self.samples(computing: nil)))
        #expect(untold.cpuNanoseconds == nil && untold.coreMillisecondsPerMebibyte == nil)
        let shared = try #require(Self.cost(Self.samples(), usesMessages: false))
        #expect(shared.cpuNanoseconds == 12_000_000 && shared.coreMillisecondsPerMebibyte == nil)
        // Nothing travelled, so there is nothing to divide by.
        #expect(Self.cost(Self.samples(messages: 0))?.coreMillisecondsPerMebibyte == nil)
    }

    @Test func `a thread that ran between two readings takes nothing away`() throws {
        let cost = try #require(Self.cost(Self.samples(computing: 9_000_000)))
        #expect(cost.cpuNanoseconds == 0)
    }

    @Test func `imbalance is the busiest worker over the mean`() {
        #expect(Self.samples().imbalance == 1.5)
        #expect([TrialSample]().imbalance == nil)
        #expect([TrialSample(trial: 1, wallNanoseconds: 1, workers: [])].imbalance == nil)
    }
}
