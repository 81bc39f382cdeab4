import TestSupport
import Testing

@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct SteadyStateTests {
    @Test(
        arguments: [
            ([], false), ([100], false), ([100, 100], true), ([105, 100], true),
            ([106, 100], false), ([94, 100], false), ([300, 100, 100], true),
            ([300, 110, 100], false), ([300, 100, 103, 101], false),
            ([300, 100, 103, 101, 102], true),
            // A line, falling or rising, is waited for at every window.
            ([100, 90, 80, 70], false), ([160, 150, 140, 130, 120, 110], false),
            ([110, 120, 130, 140, 150, 160], false),
            // Noise around one level is not.
            ([130, 100, 120, 105], true), ([100, 140, 90, 130, 95, 120], true),
        ] as [([UInt64], Bool)]
    )
    func `rounds are steady when the last are like those before`(times: [UInt64], steady: Bool) {
        #expect(SteadyState.isReached(rounds: times.map { [$0] }) == steady)
    }

    @Test func `one configuration that still falls keeps all of them warming up`() {
        #expect(!SteadyState.isReached(rounds: [[100, 200], [100, 100]]))
        #expect(SteadyState.isReached(rounds: [[100, 200], [100, 200]]))
    }

    @Test func `ten rounds of clean noise are enough almost always`() {
        var generator = SplitMix(seed: 31)
        for spread in [0.01, 0.1, 0.3] {
            let settled = (0..<1_000).count { _ in
                var rounds: [[UInt64]] = []
                for _ in 0..<10 {
                    rounds.append((0..<4).map { _ in UInt64(1e6 * generator.time(spread: spread)) })
                    if SteadyState.isReached(rounds: rounds) { return true }
                }
                return false
            }
            expectRate(settled, of: 1_000, atLeast: 0.9)
        }
    }
}

/// Drives a schedule with made-up times and keeps its steps.
private struct Drive {
    var schedule: SamplingSchedule
    var warmups: [Int: Int] = [:]
    var measured: [Int: Int] = [:]
    var rounds: [Int] = []
    var restarts: [Int] = []
    /// The samples of the first configuration.
    var samples: [ReplicateSample] { all.first ?? [] }
    /// The samples of every configuration.
    var all: [[ReplicateSample]] = []
    var spent: UInt64 = 0
    /// Whether the outputs of all trials are wrong, so that none is a sample.
    var drops = false
    /// What keeping the first round's times takes.
    var keeping: UInt64 = 0
    var report: SamplingReport?

    init(
        target: Double = 0.01,
        budget: UInt64 = 1_000,
        warmup: Int? = nil,
        trials: Int? = nil,
        replicates: Int = 1
    ) {
        schedule = SamplingSchedule(
            targetInterval: target,
            budgetNanoseconds: budget,
            warmup: warmup,
            trials: trials,
            replicates: replicates
        )
    }

    /// `times` gives every configuration's time of a step; the round lasts as long as all of them.
    mutating func run(_ times: (SamplingSchedule.Step) -> [UInt64]) {
        var step = schedule.next()
        for _ in 0..<10_000 {
            switch step {
            case .restart(let replicate):
                restarts.append(replicate)
                step = schedule.next()
                continue
            case .warmup(let replicate): warmups[replicate, default: 0] += 1
            case .measure(let replicate, let round):
                measured[replicate, default: 0] += 1
                rounds.append(round)
            case .finished(let report):
                self.report = report
                return
            }
            let made = times(step)
            if case .measure(let replicate, _) = step {
                if all.isEmpty { all = made.map { _ in [] } }
                for (index, time) in made.enumerated() where !drops {
                    all[index].append(
                        ReplicateSample(nanoseconds: Double(time), replicate: replicate)
                    )
                }
            }
            let round = made.reduce(0, +)
            spent += round
            step = schedule.next(
                after: SamplingSchedule.Round(
                    configurationNanoseconds: made,
                    roundNanoseconds: round
                )
            ) { [all] in all }
            if rounds.count == 1 { schedule.noteKeeping(nanoseconds: keeping) }
        }
        Issue.record("the schedule does not end")
    }
}

struct SamplingScheduleTests {
    @Test(
        arguments: [
            (10, 3, [4, 3, 3]), (3, 3, [1, 1, 1]), (2, 3, [1, 1]), (1, 5, [1]), (7, 1, [7]),
        ]
    )
    func `a fixed number of trials is split evenly over the replicates`(
        trials: Int,
        replicates: Int,
        expected: [Int]
    ) throws {
        // Neither the budget nor the interval matters then.
        var drive = Drive(target: 1, budget: 0, warmup: 2, trials: trials, replicates: replicates)
        drive.run { _ in [100, 50] }
        #expect(expected.indices.map { drive.measured[$0] } == expected)
        #expect(expected.indices.map { drive.warmups[$0] } == expected.map { _ in 2 })
        #expect(drive.restarts == Array(1..<expected.count))
        #expect(drive.rounds == Array(0..<trials))
        let report = try #require(drive.report)
        #expect(report.end == .trials)
        #expect(report.warmupEnd == .fixed)
        #expect(report.rounds == trials)
        #expect(report.replicates == expected.count)
        #expect(report.warmupRounds == 2 * expected.count)
    }

    @Test func `a warm-up of 0 rounds runs no round`() {
        var drive = Drive(warmup: 0, trials: 2)
        drive.run { _ in [100] }
        #expect(drive.warmups.isEmpty)
        #expect(drive.report?.warmupEnd == .fixed)
    }

    @Test func `warming up ends when the rounds are steady`() {
        var times: [UInt64] = [100, 100, 101, 140, 300]
        var drive = Drive(budget: 1_000_000, trials: 1)
        drive.run { _ in [times.popLast() ?? 100] }
        // Two before two are far apart until the seventh round, when the medians of three agree.
        #expect(drive.warmups[0] == 7)
        #expect(drive.report?.warmupEnd == .steady)
    }

    @Test(arguments: [(UInt64(499), 1), (500, 1), (1_000, 2), (1_499, 2), (1_500, 3), (9_999, 10)])
    func `warming up takes at most a fifth of the share and ten rounds`(
        budget: UInt64,
        expected: Int
    ) {
        var isHigh = false
        var drive = Drive(budget: budget, trials: 1)
        var level: UInt64 = 100
        drive.run { step in
            guard case .warmup = step else { return [100] }
            isHigh.toggle()
            // Every round takes 100 in all, one configuration ever more of it.
            level = level * 8 / 10
            return [level, 100 - level]
        }
        #expect(drive.warmups[0] == expected)
        #expect(drive.report?.warmupEnd == .budget)
    }

    @Test(arguments: [(UInt64(0), 3), (399, 3), (400, 3), (499, 3), (500, 4), (1_000, 9)])
    func `no round begins that would pass the budget, but three are always measured`(
        budget: UInt64,
        expected: Int
    ) {
        // One warm-up of 100, then rounds of 100 whose interval is never narrow enough.
        var drive = Drive(target: 0, budget: budget, warmup: 1)
        var turn: UInt64 = 0
        drive.run { _ in
            turn += 1
            return [40 + turn % 2, 60 - turn % 2]
        }
        #expect(drive.measured[0] == expected)
        #expect(drive.report?.end == .budget)
    }

    @Test(arguments: [(UInt64(0), 9), (300, 6), (100_000, 3)])
    func `the time for keeping the record reduces the rounds, down to three`(
        keeping: UInt64,
        expected: Int
    ) {
        var drive = Drive(target: 0, budget: 1_000, warmup: 1)
        drive.keeping = keeping
        var turn: UInt64 = 0
        drive.run { _ in
            turn += 1
            return [40 + turn % 2, 60 - turn % 2]
        }
        #expect(drive.measured[0] == expected)
        #expect(drive.report?.end == .budget)
    }

    @Test func `replicates share the budget and measure the same number of rounds`() {
        var short = Drive(target: 0, budget: 1, warmup: 0, replicates: 4)
        short.run { _ in [100] }
        #expect((0..<4).map { short.measured[$0] } == [1, 1, 1, 1])
        #expect(short.restarts == [1, 2, 3])

        var wide = Drive(target: 0, budget: 1_500, warmup: 0, replicates: 3)
        var turn: UInt64 = 0
        wide.run { _ in
            turn += 1
            return [50 + turn % 2, 50 - turn % 2]
        }
        // A share is 500, a tenth of which stays in reserve.
        #expect((0..<3).map { wide.measured[$0] } == [4, 4, 4])
        #expect(wide.report?.end == .budget)

        var two = Drive(target: 0, budget: 0, warmup: 0, replicates: 2)
        two.run { _ in [100] }
        // Three in all at least.
        #expect((0..<2).map { two.measured[$0] } == [2, 2])
    }

    @Test(arguments: [105, 110, 150, 300] as [UInt64])
    func `a machine that slows down uses the reserve, then rounds, never more than the budget`(
        slower: UInt64
    ) {
        var drive = Drive(target: 0, budget: 15_000, warmup: 0, replicates: 3)
        var turn: UInt64 = 0
        drive.run { step in
            turn += 1
            let time: UInt64 =
                switch step {
                case .measure(replicate: 0, round: _): 100
                default: slower
                }
            return [time + turn % 2]
        }
        let counts = (0..<3).map { drive.measured[$0] ?? 0 }
        #expect(counts[0] == 44)
        #expect(drive.spent <= 15_000)
        if slower <= 110 {
            #expect(counts == [44, 44, 44])
        } else {
            #expect(counts[1] < 44 && counts[1] >= 5_250 / slower - 1)
        }
    }

    @Test func `later replicates warm up only in the time that their rounds leave`() {
        var drive = Drive(target: 0, budget: 30_000, replicates: 3)
        var level: UInt64 = 1_000
        drive.run { step in
            switch step {
            // The first is steady at once; later ones never are.
            case .warmup(replicate: 0): return [100]
            case .warmup:
                level = level * 7 / 10
                return [level, 1_000 - level]
            default: return [100]
            }
        }
        let counts = (0..<3).map { drive.measured[$0] ?? 0 }
        #expect(Set(counts).count == 1, "\(counts)")
        #expect(drive.warmups[1] ?? 0 >= 1)
        #expect(drive.spent <= 30_000)
    }

    @Test func `equal times need six samples, and as many of each replicate`() throws {
        var single = Drive(budget: 1_000_000, warmup: 1)
        single.run { _ in [100, 100] }
        let report = try #require(single.report)
        #expect(report.rounds == 6)
        #expect(report.end == .interval)
        #expect(report.widestInterval == 0)
        #expect(report.intervalBasis == .trials)

        var several = Drive(budget: 1_000_000, warmup: 1, replicates: 3)
        several.run { _ in [100] }
        #expect((0..<3).map { several.measured[$0] } == [6, 6, 6])
        #expect(several.report?.end == .interval)
        #expect(several.report?.intervalBasis == .replicates)
    }

    @Test func `the first replicate ends when equal replicates would be enough`() {
        #expect(SamplingSchedule.expectedNarrowing(1) == 1)
        // Student's t of two degrees of freedom is 4.303.
        #expect(abs(SamplingSchedule.expectedNarrowing(3) - 4.303 / 1.96 / 1.7321) < 1e-3)
        #expect(SamplingSchedule.expectedNarrowing(2) > 4)
        #expect(SamplingSchedule.expectedNarrowing(30) < 0.2)
    }

    @Test func `replicates that differ end without the interval, and the report says so`() throws {
        var generator = SplitMix(seed: 36)
        var drive = Drive(target: 0.01, budget: 1_000_000_000, warmup: 0, replicates: 3)
        drive.run { step in
            guard case .measure(let replicate, _) = step else { return [100_000] }
            return [UInt64(100_000 * (1 + 0.1 * Double(replicate)) * generator.time(spread: 0.005))]
        }
        let report = try #require(drive.report)
        #expect(report.end == .replicates)
        #expect(try #require(report.widestInterval) > 0.1)
        #expect(report.intervalBasis == .replicates)
        #expect(Set(drive.measured.values).count == 1)
    }

    @Test func `a number of trials has no interval to reach`() throws {
        var drive = Drive(target: 0.01, warmup: 0, trials: 12)
        drive.run { _ in [100] }
        let report = try #require(drive.report)
        #expect(report.targetInterval == nil)
        #expect(report.widestInterval == 0)
    }

    @Test func `the widest configuration decides`() {
        var generator = SplitMix(seed: 33)
        var drive = Drive(target: 0.02, budget: 100_000_000, warmup: 0)
        drive.run { _ in [1_000, UInt64(10_000 * generator.time(spread: 0.05))] }
        #expect(drive.report?.end == .interval)
        #expect(drive.report?.rounds ?? 0 > 15)
        #expect(drive.report?.widestInterval ?? 1 <= 0.02)
    }

    @Test func `replicates of steady noise have the same number of samples`() {
        var generator = SplitMix(seed: 34)
        var drive = Drive(target: 0.01, budget: 1_000_000_000, warmup: 0, replicates: 4)
        drive.run { _ in [UInt64(10_000 * generator.time(spread: 0.05))] }
        #expect([.interval, .replicates].contains(drive.report?.end))
        #expect(Set(drive.measured.values).count == 1)
        #expect(drive.measured.count == 4)
    }

    /// In a single replicate, stopping where the interval happens to be narrow costs some of its
    /// confidence; that between replicates decides nothing, whether they differ or not.
    @Test(arguments: [(1, 0.0, 0.92), (3, 0, 0.95), (3, 0.02, 0.95), (5, 0.1, 0.95)])
    func `the interval still holds its median where the schedule ended the measurement`(
        replicates: Int,
        between: Double,
        promise: Double
    ) {
        var generator = SplitMix(seed: 35)
        var covered = 0
        for _ in 0..<2_000 {
            var drive = Drive(
                target: 0.02,
                budget: 1_000_000_000,
                warmup: 0,
                replicates: replicates
            )
            let levels = (0..<replicates).map { _ in exp(between * generator.normal()) }
            drive.run { step in
                guard case .measure(let replicate, _) = step else { return [100_000] }
                return [UInt64(100_000 * levels[replicate] * generator.time(spread: 0.05))]
            }
            let summary = SampleSummary(drive.samples)
            let lower = summary?.medianLowerBoundNanoseconds ?? .infinity
            let upper = summary?.medianUpperBoundNanoseconds ?? 0
            covered += lower <= 100_000 && upper >= 100_000 ? 1 : 0
        }
        expectRate(covered, of: 2_000, atLeast: promise)
    }

    @Test(arguments: [1, 2, 4])
    func `new workers warm up as often as they must, whatever the budget`(least: Int) {
        var schedule = SamplingSchedule(
            targetInterval: 0.01,
            budgetNanoseconds: 10,
            warmup: nil,
            leastWarmups: least,
            trials: 3,
            replicates: 1
        )
        let round = SamplingSchedule.Round(configurationNanoseconds: [90], roundNanoseconds: 100)
        var warmups = 0
        var step = schedule.next()
        while case .warmup = step {
            warmups += 1
            step = schedule.next(after: round)
        }
        #expect(warmups == least)
    }

    @Test func `an interrupted measurement reports its rounds`() {
        var schedule = SamplingSchedule(
            targetInterval: 0.01,
            budgetNanoseconds: 1_000,
            warmup: nil,
            trials: nil,
            replicates: 2
        )
        #expect(schedule.next() == .warmup(replicate: 0))
        let report = schedule.interrupted { [] }
        #expect(report.end == .interrupted)
        #expect(report.rounds == 0)
        #expect(report.widestInterval == nil)
    }
}

struct DroppedSampleTests {
    @Test func `trials without a time do not end a measurement as narrow intervals do`() throws {
        for drops in [false, true] {
            var drive = Drive(target: 0.5, budget: 100_000, warmup: 1)
            drive.drops = drops
            drive.run { _ in [100] }
            let report = try #require(drive.report)
            #expect(report.end == (drops ? .budget : .interval))
            #expect((report.widestInterval == nil) == drops)
        }
    }
}

struct SamplingProgressTests {
    @Test func `progress counts trials where they are given, else the budget`() {
        let round = SamplingSchedule.Round(configurationNanoseconds: [90], roundNanoseconds: 100)
        var fixed = SamplingSchedule(
            targetInterval: 0.01,
            budgetNanoseconds: 10,
            warmup: 1,
            trials: 4,
            replicates: 1
        )
        #expect(fixed.next() == .warmup(replicate: 0))
        #expect(fixed.next(after: round) == .measure(replicate: 0, round: 0))
        #expect(fixed.fractionDone == 0)
        _ = fixed.next(after: round)
        #expect(fixed.fractionDone == 0.25)
        var open = SamplingSchedule(
            targetInterval: 0.01,
            budgetNanoseconds: 400,
            warmup: 1,
            trials: nil,
            replicates: 1
        )
        _ = open.next()
        _ = open.next(after: round)
        #expect(open.fractionDone == 0.25)
        for _ in 0..<3 { _ = open.next(after: round) }
        #expect(open.fractionDone == 1)
    }
}
