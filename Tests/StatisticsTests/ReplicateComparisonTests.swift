import TestSupport
import Testing

@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct StudentDistributionTests {
    /// The published table of two-sided quantiles, three decimals.
    @Test(
        arguments: [
            (0.05, 1.0, 12.706), (0.05, 2, 4.303), (0.05, 10, 2.228), (0.05, 120, 1.980),
            (0.01, 1, 63.657), (0.01, 5, 4.032), (0.01, 30, 2.750), (0.5, 1, 1.0),
            (0.9, 4, 0.134), (0.05, 1_000_000, 1.960),
        ]
    )
    func `the quantiles are those of the published table`(
        tail: Double,
        degrees: Double,
        expected: Double
    ) {
        let t = StudentDistribution.twoSidedQuantile(tail: tail, degreesOfFreedom: degrees)
        #expect(abs(t - expected) < 6e-4)
    }

    /// With one degree of freedom it is Cauchy's distribution, whose quantile is a tangent.
    @Test(arguments: [1e-12, 1e-6, 0.01, 0.3, 0.7, 0.999, 1])
    func `one degree of freedom gives Cauchy's distribution`(tail: Double) {
        let t = StudentDistribution.twoSidedQuantile(tail: tail, degreesOfFreedom: 1)
        let exact = 1 / tan(.pi / 2 * tail)
        #expect(abs(t - exact) <= 1e-9 * max(exact, 1))
    }
}

struct ExactBinomialTests {
    @Test func `no alarm in n runs has the bound of the closed formula`() {
        for runs in [1, 20, 200, 1_000] {
            let bound = ExactBinomial.upperBound(events: 0, runs: runs)
            let exact = -expm1(log(0.05) / Double(runs))
            #expect(abs(bound - exact) < 1e-12)
        }
        #expect(ExactBinomial.upperBound(events: 7, runs: 7) == 1)
        #expect(ExactBinomial.lowerBound(events: 0, runs: 7) == 0)
    }

    @Test func `the bounds mirror each other`() {
        for events in 0...12 {
            let upper = ExactBinomial.upperBound(events: events, runs: 12)
            let lower = ExactBinomial.lowerBound(events: 12 - events, runs: 12)
            #expect(abs(upper + lower - 1) < 1e-12)
        }
    }

    @Test func `the upper bound holds the true rate as often as it promises`() {
        var generator = SplitMix(seed: 11)
        var covered = 0
        for _ in 0..<2_000 {
            let events = (0..<60).count { _ in Double.random(in: 0..<1, using: &generator) < 0.07 }
            covered += ExactBinomial.upperBound(events: events, runs: 60) >= 0.07 ? 1 : 0
        }
        expectRate(covered, of: 2_000, atLeast: 0.95)
    }
}

struct ReplicateComparisonTests {
    private let comparison = ReplicateComparison(intervals: 1, threshold: 0.05)

    @Test(
        arguments: [
            (1.06, 1.2, .slower), (1.05, 1.2, .ambiguous), (0.8, 0.95, .faster),
            (0.8, 0.953, .notSlower), (0.96, 1.04, .same), (0.96, 1.06, .ambiguous),
            (1.01, 1.02, .same), (0.5, 2, .ambiguous), (0.5, 1.05, .notSlower),
            (0.5, 1.051, .ambiguous),
        ] as [(Double, Double, TimeComparison.Verdict)]
    )
    func `the verdict follows from interval and threshold`(
        lower: Double,
        upper: Double,
        expected: TimeComparison.Verdict
    ) {
        #expect(comparison.verdict(lowerBound: lower, upperBound: upper) == expected)
    }

    @Test func `too few replicates give a ratio and no interval`() {
        let pair = comparison.paired(logRatios: [log(1.5)])
        #expect(abs(pair.ratio - 1.5) < 1e-12)
        #expect(pair.lowerBound == nil && pair.upperBound == nil)
        #expect(pair.verdict == .ambiguous)
        let records = comparison.independent(first: [0, 0.01, 0.02], second: [1])
        #expect(records.lowerBound == nil)
        #expect(records.degreesOfFreedom == nil)
        #expect(records.verdict == .ambiguous)
    }

    @Test func `the interval of two replicates is as wide as Student's t makes it`() throws {
        let result = comparison.paired(logRatios: [0.10, 0.11])
        // Mean 0.105, standard error 0.005, t(0.995; 1) = 63.657.
        let lower = try #require(result.lowerBound)
        #expect(abs(lower - exp(0.105 - 63.6567 * 0.005)) < 1e-5)
        #expect(result.verdict == .ambiguous)
    }

    @Test func `equal replicates need no spread to be judged`() {
        #expect(comparison.paired(logRatios: [0, 0, 0]).verdict == .same)
        let shifted = comparison.independent(first: [1, 1], second: [1.2, 1.2])
        #expect(shifted.verdict == .slower)
        #expect(shifted.degreesOfFreedom == 2)
    }

    @Test func `swapping the sides inverts ratio, interval and verdict`() throws {
        let a = [0.01, 0.02, 0.015, 0.013]
        let b = [0.21, 0.22, 0.213, 0.217, 0.215]
        let there = comparison.independent(first: a, second: b)
        let back = comparison.independent(first: b, second: a)
        #expect(there.verdict == .slower && back.verdict == .faster)
        #expect(abs(there.ratio * back.ratio - 1) < 1e-12)
        let lower = try #require(there.lowerBound)
        #expect(abs(lower * (try #require(back.upperBound)) - 1) < 1e-12)
    }

    /// Two equal programs, six points, few replicates whose spreads differ: what is promised.
    @Test(arguments: [false, true])
    func `all intervals of a family hold their truths as often as promised`(isPaired: Bool) {
        var generator = SplitMix(seed: isPaired ? 21 : 22)
        let family = ReplicateComparison(intervals: 6, threshold: 0.02)
        var covered = 0
        var alarms = 0
        for _ in 0..<2_500 {
            let results = (0..<6).map { point in
                let truth = 0.03 * Double(point)
                let replicates = 3 + point
                let b = (0..<replicates).map { _ in truth + 0.02 * generator.normal() }
                if isPaired { return (truth, family.paired(logRatios: b)) }
                let a = (0..<4).map { _ in 0.05 * generator.normal() }
                return (truth, family.independent(first: a, second: b))
            }
            let holdsAll = results.allSatisfy { truth, result in
                exp(truth) >= result.lowerBound ?? .infinity && exp(truth) <= result.upperBound ?? 0
            }
            covered += holdsAll ? 1 : 0
            alarms += [.slower, .faster].contains(results[0].1.verdict) ? 1 : 0
        }
        // Welch's degrees of freedom are an approximation, good to a fraction of a percent.
        expectRate(covered, of: 2_500, atLeast: isPaired ? 0.99 : 0.985, atMost: 0.997)
        expectRate(alarms, of: 2_500, atMost: 0.01 / 6)
    }

    /// Every tenth replicate met a neighbour that slowed it by up to a third.
    @Test(arguments: [false, true])
    func `intervals of many replicates hold in spite of a few slow ones`(isPaired: Bool) throws {
        var generator = SplitMix(seed: isPaired ? 31 : 32)
        let rule = ReplicateComparison(intervals: 1, threshold: 0.02)
        var covered = 0
        var found = 0
        for trial in 0..<2_500 {
            let isDisturbed = trial % 2 == 0
            func replicate() -> Double {
                let isSlow = isDisturbed && Double.random(in: 0..<1, using: &generator) < 0.1
                let noise = 0.01 * generator.normal()
                return isSlow ? noise + Double.random(in: 0...0.3, using: &generator) : noise
            }
            let count = 10 + trial % 30
            let a = (0..<count).map { _ in replicate() }
            let b = (0..<count).map { _ in replicate() }
            let result =
                isPaired
                ? rule.paired(logRatios: zip(b, a).map { $0 - $1 })
                : rule.independent(first: a, second: b)
            covered += result.lowerBound ?? 2 <= 1 && result.upperBound ?? 0 >= 1 ? 1 : 0
            let slower = rule.paired(logRatios: zip(b, a).map { 0.05 + $0 - $1 })
            found += count >= 25 && slower.verdict == .slower ? 1 : 0
        }
        expectRate(covered, of: 2_500, atLeast: 0.985)
        // Half of all have 25 replicates or more.
        expectRate(found, of: 1_250, atLeast: 0.95)
    }

    @Test func `an undecided comparison says how many replicates would have decided it`() throws {
        let rule = ReplicateComparison(intervals: 1, threshold: 0.02)
        let three = rule.independent(first: [0, 0.01, 0.02], second: [0.1, 0.11, 0.12])
        // The difference of 0.1 must be known to ±0.0802, with standard errors of √(2·10⁻⁴/n) and
        // 2n − 2 degrees of freedom: t(0.995; 4) = 4.604 gives ±0.0376.
        #expect(three.verdict == .slower && three.neededReplicates == nil)
        let wide = rule.independent(first: [0, 0.03, 0.06], second: [0.1, 0.13, 0.16])
        // ±0.1128 with three; t(0.995; 6) = 3.707 gives ±0.0786 with four.
        #expect(wide.verdict == .ambiguous)
        #expect(wide.neededReplicates == 4)
        // One that is sought is enough, and the number before it is not.
        let pairs = rule.paired(logRatios: [-0.03, 0.03, 0.02, -0.02])
        let needed = try #require(pairs.neededReplicates)
        let deviation = (0.0026 / 3).squareRoot()
        func width(_ count: Int) -> Double {
            // From ten on, a fifth at either end is cut off.
            let kept = count < 10 ? count : count - 2 * (count / 5)
            return StudentDistribution.twoSidedQuantile(
                tail: 0.01,
                degreesOfFreedom: Double(kept - 1)
            ) * deviation / Double(count).squareRoot()
        }
        #expect(width(needed) <= log(1.02) && width(needed - 1) > log(1.02))
    }

    @Test func `no number of replicates is named where none would decide`() {
        let rule = ReplicateComparison(intervals: 1, threshold: 0.02)
        // The ratio lies at the threshold, known well enough.
        let edge = rule.paired(logRatios: [0.0195, 0.0198, 0.0201, 0.0204])
        #expect(edge.verdict == .ambiguous && edge.neededReplicates == nil)
        // Not even a thousand.
        #expect(rule.paired(logRatios: [-3, 3, 0.5, -0.5]).neededReplicates == nil)
        #expect(rule.paired(logRatios: [0.1]).neededReplicates == nil)
        let exact = ReplicateComparison(intervals: 1, threshold: 0)
        #expect(exact.paired(logRatios: [-0.1, 0.1]).neededReplicates == nil)
    }

    /// Planned with the spread that was seen, as many do decide about as often as not.
    @Test func `the named number of replicates decides more often than not`() throws {
        var generator = SplitMix(seed: 24)
        let rule = ReplicateComparison(intervals: 2, threshold: 0.02)
        var (planned, decided) = (0, 0)
        for _ in 0..<1_000 {
            func side(_ count: Int, _ level: Double) -> [Double] {
                (0..<count).map { _ in level + 0.01 * generator.normal() }
            }
            let first = rule.independent(first: side(4, 0), second: side(4, 0.05))
            guard let needed = first.neededReplicates else { continue }
            planned += 1
            let second = rule.independent(first: side(needed, 0), second: side(needed, 0.05))
            decided += second.verdict == .slower ? 1 : 0
        }
        #expect(planned > 200)
        expectRate(decided, of: planned, atLeast: 0.5)
    }

    @Test func `a planted slowdown is found and a difference below the threshold is not`() {
        var generator = SplitMix(seed: 23)
        var found = 0
        var small = 0
        for _ in 0..<2_000 {
            let noise = (0..<10).map { _ in 0.01 * generator.normal() }
            let planted = ReplicateComparison(intervals: 3, threshold: 0.02)
            found += planted.paired(logRatios: noise.map { $0 + 0.05 }).verdict == .slower ? 1 : 0
            small += planted.paired(logRatios: noise.map { $0 + 0.01 }).verdict == .slower ? 1 : 0
        }
        expectRate(found, of: 2_000, atLeast: 0.9)
        expectRate(small, of: 2_000, atMost: 0.001)
    }

    @Test func `replicates enter as the logarithms of their medians`() {
        let samples = [(3.0, 1), (10, 0), (1, 1), (30, 0), (2, 1), (20, 0), (0, 2)].map {
            ReplicateSample(nanoseconds: $0.0, replicate: $0.1)
        }
        #expect(ReplicateSample.logMedians(samples) == [log(20), log(2)])
    }
}
