import FoundationEssentials
import TestSupport
import Testing

@testable import Record
@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What comparisons of simulated trials find, and how often wrongly.
struct ComparedStatisticTests {
    private static let rule = CompareRule(confidence: 0.99)

    /// A machine on which trials of 3.2 ms are disturbed.
    struct Machine: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The fraction of trials that meet a neighbour, on average; a replicate has more or fewer.
        var disturbedShare: Double
        /// Whether both sides of a pair meet the same neighbours.
        var isShared: Bool
        /// Whether a disturbed trial can take any number of times longer (Pareto's law, without a
        /// variance); if not, it takes half as long again.
        var isHeavyTailed: Bool

        static let all = [
            Machine("quiet", 0, isShared: true, isHeavyTailed: false),
            Machine("shared neighbours", 0.1, isShared: true, isHeavyTailed: true),
            Machine("neighbours of one side", 0.1, isShared: false, isHeavyTailed: true),
        ]

        init(_ name: String, _ share: Double, isShared: Bool, isHeavyTailed: Bool) {
            testDescription = name
            disturbedShare = share
            self.isShared = isShared
            self.isHeavyTailed = isHeavyTailed
        }

        /// The trials of one replicate of both sides; with `stalls`, B loses a millisecond after
        /// every ten that it computes.
        func pair(
            trials: Int,
            stalls: Bool = false,
            _ generator: inout SeededGenerator
        ) -> [[UInt64]] {
            // The speed of the machine, of the two processes, and how busy their neighbours are.
            let speed = exp(0.1 * generator.normal())
            let common = -log(generator.uniform())
            return [false, true].map { isSecond in
                let own = speed * exp(0.01 * generator.normal())
                let busy = isShared ? common : -log(generator.uniform())
                let share = min(disturbedShare * busy, 0.9)
                var computed = 0.0
                return (0..<trials).map { _ in
                    var time = 3.2e6 * own * exp(0.01 * generator.normal())
                    if isSecond && stalls {
                        computed += time
                        if computed >= 1e7 {
                            computed -= 1e7
                            time += 1e6
                        }
                    }
                    guard share > 0, generator.uniform() < share else { return UInt64(time) }
                    let excess = isHeavyTailed ? pow(generator.uniform(), -1 / 1.5) - 1 : 1
                    return UInt64(min(time * (1 + 0.5 * excess), 1e18))
                }
            }
        }

        func point(
            pairs: Int,
            trials: Int,
            stalls: Bool = false,
            _ generator: inout SeededGenerator
        ) -> ComparedPoint {
            let sides = (0..<pairs).map { _ in
                pair(trials: trials, stalls: stalls, &generator)
            }
            return ComparedPoint(
                workers: 1,
                threads: [1, 1],
                firstNanoseconds: sides.map { $0[0] },
                secondNanoseconds: sides.map { $0[1] }
            )
        }
    }

    @Test func `the statistics of some trials are what their names say`() throws {
        let trials: [UInt64] = [11, 10, 12, 13, 14, 15, 16, 17, 18, 19, 100]
        // Four of eleven are the fastest third, and rank 9 of 0…10 the 90th percentile.
        for (statistic, time) in [
            (ComparedStatistic.fastEnd, 11.5), (.mean, 245.0 / 11), (.percentile90, 19),
        ] {
            let found = try #require(statistic.logTime(trials))
            #expect(abs(found - log(time)) < 1e-12, "\(statistic)")
            #expect(statistic.logTime([]) == nil)
            #expect(statistic.logTime([0, 0]) == nil)
            #expect(statistic.logTime([7]).map { abs($0 - log(7)) < 1e-12 } == true)
        }
    }

    @Test func `a program that stalls now and then is slower in all but its fast end`() throws {
        var generator = SeededGenerator(seed: 41)
        let machine = Machine("a few neighbours", 0.02, isShared: false, isHeavyTailed: true)
        var found: [ComparedStatistic: Int] = [:]
        let runs = 40
        for _ in 0..<runs {
            var point = machine.point(pairs: 32, trials: 16, stalls: true, &generator)
            point.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
            #expect(point[.fastEnd]?.comparison.map { abs($0.ratio - 1) < 0.02 } == true)
            for statistic in point.statistics where statistic.verdict == .slower {
                found[statistic.statistic, default: 0] += 1
            }
            let mean = try #require(point[.mean]?.comparison?.ratio)
            let high = try #require(point[.percentile90]?.comparison?.ratio)
            #expect((1.05...1.15).contains(mean) && (1.2...1.4).contains(high), "\(mean), \(high)")
        }
        #expect(found[.fastEnd] == nil)
        #expect(found[.mean, default: 0] >= runs * 9 / 10, "\(found)")
        #expect(found[.percentile90, default: 0] >= runs * 9 / 10, "\(found)")
    }

    /// Two points of one program against itself: all six intervals hold in 99 of 100 comparisons.
    ///
    /// There is no threshold: it would hide most of the intervals that miss.
    @Test(arguments: Machine.all)
    func `a program differs from itself in at most one of a hundred comparisons`(
        machine: Machine
    ) {
        var generator = SeededGenerator(seed: 42)
        let strict = CompareRule(
            threshold: 0,
            meanThreshold: 0,
            percentile90Threshold: 0,
            confidence: 0.99
        )
        let runs = isThorough ? 20_000 : 700
        var missed = 0
        var alarms = 0
        for _ in 0..<runs {
            let points = (0..<2).map { _ in machine.point(pairs: 12, trials: 8, &generator) }
            func isAlarm(_ rule: CompareRule) -> Bool {
                points.contains { point in
                    var point = point
                    point.comparePairs(rule, points: points.count, secondsPerPair: 1)
                    return point.statistics.contains {
                        [.slower, .faster].contains($0.verdict)
                    }
                }
            }
            // What is beyond a threshold is beyond zero, too.
            guard isAlarm(strict) else { continue }
            missed += 1
            alarms += isAlarm(Self.rule) ? 1 : 0
        }
        // The interval is exact and misses once in a million.
        let interval = ExactBinomial.interval(events: missed, runs: runs, confidence: 1 - 1e-6)
        #expect(interval.lowerBound <= 0.01, "\(missed) of \(runs)")
        let rate = ExactBinomial.interval(events: alarms, runs: runs, confidence: 1 - 1e-6)
        #expect(rate.lowerBound <= 0.002, "\(alarms) of \(runs)")
    }

    /// The 90th percentile of few trials lies lower than that of many.
    @Test func `another number of trials raises no alarm`() {
        var generator = SeededGenerator(seed: 43)
        let machine = Machine("neighbours", 0.15, isShared: false, isHeavyTailed: false)
        let runs = 40
        var alarms = 0
        for _ in 0..<runs {
            let many = machine.point(pairs: 30, trials: 60, &generator)
            let few = machine.point(pairs: 30, trials: 6, &generator)
            var point = ComparedPoint(
                workers: 1,
                threads: [1, 1],
                firstNanoseconds: many.firstNanoseconds,
                secondNanoseconds: few.secondNanoseconds
            )
            point.compareIndependently(Self.rule, points: 1)
            alarms += point.statistics.contains { [.slower, .faster].contains($0.verdict) } ? 1 : 0
        }
        #expect(alarms <= 2, "\(alarms) of \(runs)")
    }
}
