import Testing

@testable import Timing

/// A clock that moves only when told to: what is tested is arithmetic, not speed.
private final class ManualClock {
    var nanoseconds: UInt64 = 1_000
}

struct ClockTests {
    @Test func `the clock never goes backwards and laps add up to the whole`() {
        var last = Clock.nanoseconds
        for _ in 0..<10_000 {
            let now = Clock.nanoseconds
            #expect(now >= last)
            last = now
        }
        var watch = Stopwatch()
        let laps = watch.lapNanoseconds() + watch.lapNanoseconds()
        #expect(laps <= watch.elapsedNanoseconds)
    }
}

struct BudgetedSamplingTests {
    @Test func `warm-ups run first and are not kept`() {
        var seen: [Int?] = []
        let kept = BudgetedSampling(warmups: 2, trials: 3).collect { trial in
            seen.append(trial)
            return trial
        }
        #expect(seen == [nil, nil, 0, 1, 2])
        #expect(kept == [0, 1, 2])
    }

    /// A trial takes 100 ns; the warm-up counts too.
    @Test(arguments: [(UInt64(299), 1), (300, 2), (301, 2), (399, 2), (400, 3), (9_999, 5)])
    func `no trial is begun that would end past the budget`(budget: UInt64, expected: Int) {
        let clock = ManualClock()
        let sampling = BudgetedSampling(warmups: 1, trials: 5, budgetNanoseconds: budget)
        let samples = sampling.nanoseconds(now: { clock.nanoseconds }) { _ in
            clock.nanoseconds += 100
        }
        #expect(samples == [UInt64](repeating: 100, count: expected))
    }

    @Test func `the least number of trials is taken whatever it costs`() {
        let clock = ManualClock()
        let sampling = BudgetedSampling(
            warmups: 0,
            trials: 9,
            minimumTrials: 4,
            budgetNanoseconds: 1
        )
        let samples = sampling.nanoseconds(now: { clock.nanoseconds }) { _ in
            clock.nanoseconds += 50
        }
        #expect(samples.count == 4)
    }

    private struct Broken: Error {}

    @Test func `a trial that fails ends the measurement with its own error`() {
        var calls = 0
        #expect(throws: Broken.self) {
            try BudgetedSampling(warmups: 0, trials: 9).nanoseconds { trial throws(Broken) in
                calls += 1
                if trial == 2 { throw Broken() }
            }
        }
        #expect(calls == 3)
    }
}

struct RoofsTests {
    @Test func `a roof is the best round, the warm-up left out`() {
        let clock = ManualClock()
        var durations: [UInt64] = [1, 200, 100, 400].reversed()
        let roofs = Roofs.measure(
            instructionSet: "avx2",
            rounds: 3,
            now: { clock.nanoseconds },
            fma: {
                clock.nanoseconds += durations.popLast() ?? 1
                return 1_000
            },
            read: {
                clock.nanoseconds += 50
                return 200
            }
        )
        #expect(roofs.fmaGigaflopsPerSecond == 10)
        #expect(roofs.readGigabytesPerSecond == 4)
        #expect(roofs.instructionSet == "avx2")
    }

    @Test func `probe and body alternate, and their ratio survives a clock that halves`() throws {
        let clock = ManualClock()
        var order = ""
        var slowness: UInt64 = 1
        let samples = Roofs.interleaved(
            rounds: 4,
            now: { clock.nanoseconds },
            probe: {
                order += "p"
                clock.nanoseconds += 100 * slowness
                return 1_000
            },
            body: {
                order += "b"
                clock.nanoseconds += 50 * slowness
                if order.count == 6 { slowness = 2 }
            }
        )
        #expect(order == "pbpbpbpbpb")
        #expect(samples.probeRates == [10, 10, 5, 5])
        #expect(samples.bodyNanoseconds == [50, 50, 100, 100])
        #expect(samples.bestFraction(bodyWork: 400) == 0.8)
        #expect(samples.medianFraction(bodyWork: 400) == 0.8)
    }

    @Test func `nothing measured has no fraction`() {
        let samples = InterleavedSamples(probeRates: [], bodyNanoseconds: [])
        #expect(samples.bestFraction(bodyWork: 1) == nil)
        #expect(samples.medianFraction(bodyWork: 1) == nil)
    }
}
