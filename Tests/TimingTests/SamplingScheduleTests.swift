import Testing

@testable import Timing

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
        var generator = SplitMix(state: 31)
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

/// Drives a schedule with made-up times and keeps what it asked for.
private struct Drive {
    var schedule: SamplingSchedule
    var warmups: [Int: Int] = [:]
    var measured: [Int: Int] = [:]
    var rounds: [Int] = []
    var restarts: [Int] = []
    var samples: [Double] = []
    var spent: UInt64 = 0
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
            if case .measure = step { samples.append(Double(made[0])) }
            let round = made.reduce(0, +)
            spent += round
            step = schedule.next(
                after: SamplingSchedule.Round(
                    configurationNanoseconds: made,
                    roundNanoseconds: round
                )
            )
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
    func `so many trials as asked for are split evenly over the replicates`(
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

    @Test func `no warm-up is none at all`() {
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
    func `warming up takes a fifth of the share and ten rounds at most`(
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
    func `no round is begun that would end past the budget, but three are measured`(
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

    @Test func `every replicate measures one round and gets its share of what is left`() {
        var short = Drive(target: 0, budget: 1, warmup: 0, replicates: 4)
        short.run { _ in [100] }
        #expect((0..<4).map { short.measured[$0] } == [1, 1, 1, 1])
        #expect(short.restarts == [1, 2, 3])

        var wide = Drive(target: 0, budget: 1_200, warmup: 0, replicates: 3)
        var turn: UInt64 = 0
        wide.run { _ in
            turn += 1
            return [50 + turn % 2, 50 - turn % 2]
        }
        #expect((0..<3).map { wide.measured[$0] } == [4, 4, 4])
        #expect(wide.spent == 1_200)

        var two = Drive(target: 0, budget: 0, warmup: 0, replicates: 2)
        two.run { _ in [100] }
        // Three in all: the last replicate makes up for it.
        #expect((0..<2).map { two.measured[$0] } == [1, 2])
    }

    @Test func `equal times need six samples, and two rounds of each replicate`() throws {
        var single = Drive(budget: 1_000_000, warmup: 1)
        single.run { _ in [100, 100] }
        let report = try #require(single.report)
        #expect(report.rounds == 6)
        #expect(report.end == .interval)
        #expect(report.widestInterval == 0)

        var several = Drive(budget: 1_000_000, warmup: 1, replicates: 3)
        several.run { _ in [100] }
        #expect((0..<3).map { several.measured[$0] } == [6, 2, 2])
        #expect(several.report?.end == .interval)
    }

    @Test func `the widest configuration decides`() {
        var generator = SplitMix(state: 33)
        var drive = Drive(target: 0.02, budget: 100_000_000, warmup: 0)
        drive.run { _ in [1_000, UInt64(10_000 * generator.time(spread: 0.05))] }
        #expect(drive.report?.end == .interval)
        #expect(drive.report?.rounds ?? 0 > 15)
        #expect(drive.report?.widestInterval ?? 1 <= 0.02)
    }

    @Test func `replicates of steady noise share the samples about evenly`() {
        var generator = SplitMix(state: 34)
        var drive = Drive(target: 0.01, budget: 1_000_000_000, warmup: 0, replicates: 4)
        drive.run { _ in [UInt64(10_000 * generator.time(spread: 0.05))] }
        #expect(drive.report?.end == .interval)
        for replicate in 0..<4 {
            let fraction =
                Double(drive.measured[replicate] ?? 0) / Double(drive.report?.rounds ?? 1)
            #expect(fraction > 0.1 && fraction < 0.55)
        }
    }

    /// Stopping where the interval happens to be narrow costs some of its confidence.
    @Test func `the interval still holds its median where it stopped the measurement`() {
        var generator = SplitMix(state: 35)
        var covered = 0
        for _ in 0..<2_000 {
            var drive = Drive(target: 0.02, budget: 1_000_000_000, warmup: 0)
            drive.run { _ in [UInt64(100_000 * generator.time(spread: 0.05))] }
            let summary = SampleSummary(nanoseconds: drive.samples)
            let lower = summary?.medianLowerBoundNanoseconds ?? .infinity
            let upper = summary?.medianUpperBoundNanoseconds ?? 0
            covered += lower <= 100_000 && upper >= 100_000 ? 1 : 0
        }
        expectRate(covered, of: 2_000, atLeast: 0.92)
    }

    @Test func `an interrupted measurement reports what it had`() {
        var schedule = SamplingSchedule(
            targetInterval: 0.01,
            budgetNanoseconds: 1_000,
            warmup: nil,
            trials: nil,
            replicates: 2
        )
        #expect(schedule.next() == .warmup(replicate: 0))
        let report = schedule.interrupted()
        #expect(report.end == .interrupted)
        #expect(report.rounds == 0)
        #expect(report.widestInterval == nil)
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
