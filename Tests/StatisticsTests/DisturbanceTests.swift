import Testing

@testable import Statistics

struct DisturbanceTests {
    private func disturbance(_ shares: [Double]) -> Disturbance {
        Disturbance(
            subject: "2 workers",
            shares.enumerated().map {
                Disturbance.Trial(
                    offNanoseconds: UInt64($1 * 1e7),
                    wallNanoseconds: 10_000_000,
                    worker: $0
                )
            }
        )
    }

    /// The edge and both neighbours of what counts, and of what is most.
    @Test(
        arguments: [
            ([0, 0.02, 0.05], 0, false), ([0, 0.051, 0.05], 1, false),
            ([0.06, 0.3, 0.01], 2, true),
            ([0.06, 0.06, 0, 0], 2, false), ([], 0, false), ([1], 1, true),
        ] as [([Double], Int, Bool)]
    )
    func `trials above the least share are counted`(
        shares: [Double],
        count: Int,
        isMost: Bool
    ) {
        let found = disturbance(shares)
        #expect(found.trials == shares.count)
        #expect(found.disturbedTrials == count)
        #expect(found.isMost == isMost)
    }

    @Test(arguments: [(1000, 0), (10_000, 0), (10_001, 1)])
    func `waking up is no disturbance of a short trial`(off: UInt64, count: Int) {
        let trial = Disturbance.Trial(offNanoseconds: off, wallNanoseconds: 12_000)
        #expect(Disturbance(subject: "1 process", [trial]).disturbedTrials == count)
    }

    @Test func `the most disturbed thread is named`() {
        let found = disturbance([0.01, 0.4, 0.06])
        #expect(found.worker == 1)
        #expect(found.largestShare == 0.4)
        #expect(found.sentence.contains("40 %"))
        #expect(found.sentence.contains("worker 1"))
    }

    @Test(arguments: [(1, 30, false), (2, 30, true), (2, 40, false), (3, 40, true)])
    func `a warning is given for more than a few trials`(
        disturbed: Int,
        trials: Int,
        isWarned: Bool
    ) {
        let shares = (0..<trials).map { $0 < disturbed ? 0.5 : 0 }
        let samples = (0..<trials).map {
            ReplicateSample(nanoseconds: 1e7 + Double($0 % 3), replicate: 0)
        }
        let warnings = MeasurementWarnings(
            configurations: [
                MeasurementWarnings.Configuration(
                    subject: "2 workers",
                    computeThreads: 2,
                    samples: samples,
                    disturbance: disturbance(shares)
                )
            ],
            sampling: SamplingReport(
                warmupRounds: 2,
                warmupEnd: .fixed,
                rounds: trials,
                replicates: 1,
                end: .trials,
                targetInterval: nil,
                widestInterval: nil
            ),
            coreCount: 2,
            clockResolutionNanoseconds: 1,
            isDebugBuild: false
        ).all()
        #expect(warnings.contains { $0.kind == .disturbed } == isWarned, "\(warnings)")
    }
}
