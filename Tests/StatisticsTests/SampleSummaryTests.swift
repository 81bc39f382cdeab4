import TestSupport
import Testing

@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct SampleSummaryTests {
    @Test func `the summary of ten numbers is what a textbook says`() throws {
        let summary = try #require(
            SampleSummary(nanoseconds: [4.0, 1, 9, 2, 10, 3, 8, 5, 7, 6])
        )
        #expect(summary.count == 10)
        #expect(summary.medianNanoseconds == 5.5)
        #expect(summary.minimumNanoseconds == 1)
        #expect(summary.maximumNanoseconds == 10)
        #expect(summary.meanNanoseconds == 5.5)
        #expect(summary.medianAbsoluteDeviationNanoseconds == 2.5)
        #expect(abs(summary.percentile95Nanoseconds - 9.55) < 1e-12)
        #expect(summary.medianLowerBoundNanoseconds == 2)
        #expect(summary.medianUpperBoundNanoseconds == 9)
        #expect(summary.outlierCount == 0)
        #expect(summary.relativeUncertainty == 3.5 / 5.5)
    }

    @Test func `nothing measured has no summary`() {
        #expect(SampleSummary(nanoseconds: [Double]()) == nil)
        #expect(SampleSummary(nanoseconds: [UInt64]()) == nil)
    }

    @Test func `one sample is its own summary and claims no interval`() throws {
        let summary = try #require(SampleSummary(nanoseconds: [UInt64(42)]))
        #expect(summary.medianNanoseconds == 42)
        #expect(summary.percentile95Nanoseconds == 42)
        #expect(summary.medianAbsoluteDeviationNanoseconds == 0)
        #expect(summary.medianLowerBoundNanoseconds == nil)
        #expect(summary.relativeUncertainty == nil)
        #expect(summary.outlierCount == 0)
    }

    /// The ranks of the published tables for the sign-test interval at 95 %.
    @Test(
        arguments: [
            (1, nil), (5, nil), (6, 1), (8, 1), (9, 2), (11, 2), (12, 3), (15, 4), (20, 6),
            (25, 8), (30, 10), (50, 18), (100, 40),
        ] as [(Int, Int?)]
    )
    func `the interval of the median has the published ranks`(count: Int, rank: Int?) {
        #expect(MedianInterval.lowerRank(sampleCount: count) == rank)
    }

    @Test func `the interval stays exact where powers of one half underflow`() throws {
        // The normal approximation is (n − 1.96 √n) / 2 = 4902.
        let rank = try #require(MedianInterval.lowerRank(sampleCount: 10_000))
        #expect((4901...4903).contains(rank))
    }

    /// Seeded draws from a skewed distribution with a known median: the promise itself.
    @Test func `the interval holds the true median in 95 of 100 experiments`() throws {
        var generator = SplitMix(seed: 7)
        var covered = 0
        let experiments = 2_000
        for _ in 0..<experiments {
            // The square of a uniform number has the median one quarter.
            let samples = (0..<12).map { _ in
                let uniform = Double.random(in: 0..<1, using: &generator)
                return uniform * uniform
            }
            let summary = try #require(SampleSummary(nanoseconds: samples))
            let lower = try #require(summary.medianLowerBoundNanoseconds)
            let upper = try #require(summary.medianUpperBoundNanoseconds)
            if lower <= 0.25 && 0.25 <= upper { covered += 1 }
        }
        // Twelve samples cover with probability 0.9614; five standard errors are 0.022.
        #expect(Double(covered) / Double(experiments) > 0.939)
        #expect(Double(covered) / Double(experiments) < 0.984)
    }

    @Test func `an outlier is counted and stays in the maximum`() throws {
        let summary = try #require(
            SampleSummary(nanoseconds: [100.0, 101, 99, 102, 98, 100, 250])
        )
        #expect(summary.outlierCount == 1)
        #expect(summary.count == 7)
        #expect(summary.maximumNanoseconds == 250)
        #expect(SampleSummary.outlierIndices([100.0, 101, 250, 102, 98, 100]) == [2])
    }

    @Test func `an outlier among equal samples is found although their deviation is zero`() {
        let samples = [Double](repeating: 5, count: 9) + [50]
        #expect(SampleSummary.outlierIndices(samples) == [9])
        #expect(SampleSummary.outlierIndices([5, 5, 5]).isEmpty)
    }

    @Test func `the mean of equal samples is the sample`() throws {
        let summary = try #require(SampleSummary(nanoseconds: [0.1, 0.1, 0.1]))
        #expect(summary.meanNanoseconds == 0.1)
    }
}

struct ReplicateIntervalTests {
    struct Design: Sendable {
        var replicates: Int
        var samples: Int
        /// The deviation of the processes' own level.
        var between: Double
        /// Samples of the last replicate where it has another number.
        var lastSamples: Int?
    }

    private static func samples(
        _ design: Design,
        _ generator: inout SplitMix
    ) -> [ReplicateSample] {
        (0..<design.replicates).flatMap { replicate in
            let level = exp(design.between * generator.normal())
            let isLast = replicate == design.replicates - 1
            return (0..<(isLast ? design.lastSamples ?? design.samples : design.samples)).map { _ in
                ReplicateSample(
                    nanoseconds: 1e6 * level * generator.time(spread: 0.03),
                    replicate: replicate
                )
            }
        }
    }

    private static func holds(_ summary: SampleSummary?) -> Bool {
        (summary?.medianLowerBoundNanoseconds ?? .infinity) <= 1e6
            && (summary?.medianUpperBoundNanoseconds ?? 0) >= 1e6
    }

    @Test(
        arguments: [
            Design(replicates: 2, samples: 9, between: 0),
            Design(replicates: 2, samples: 9, between: 0.05),
            Design(replicates: 3, samples: 15, between: 0),
            Design(replicates: 3, samples: 15, between: 0.02),
            Design(replicates: 3, samples: 15, between: 0.3),
            Design(replicates: 3, samples: 1, between: 0.02),
            Design(replicates: 5, samples: 4, between: 0),
            Design(replicates: 5, samples: 8, between: 0.05),
            Design(replicates: 12, samples: 9, between: 0.3),
            Design(replicates: 3, samples: 15, between: 0.02, lastSamples: 3),
            Design(replicates: 4, samples: 3, between: 0, lastSamples: 40),
        ]
    )
    func `the interval between replicates holds the median in 95 of 100 experiments`(
        design: Design
    ) {
        var generator = SplitMix(seed: 8)
        var covered = 0
        for _ in 0..<2_000 {
            let summary = SampleSummary(Self.samples(design, &generator))
            #expect(summary?.medianIntervalBasis == .replicates)
            covered += Self.holds(summary) ? 1 : 0
        }
        // No wider than Student's t has to be, either, where replicates are of a kind.
        expectRate(covered, of: 2_000, atLeast: 0.95, atMost: design.lastSamples == nil ? 0.96 : 1)
    }

    @Test func `the interval of trials promises too much where processes differ`() {
        var generator = SplitMix(seed: 9)
        let design = Design(replicates: 3, samples: 15, between: 0.05)
        let covered = (0..<2_000).count { _ in
            let times = Self.samples(design, &generator).map(\.nanoseconds)
            return Self.holds(SampleSummary(nanoseconds: times))
        }
        expectRate(covered, of: 2_000, atMost: 0.7)
    }

    @Test func `a single replicate has the interval of its trials`() throws {
        let times = (0..<12).map { 100.0 + Double($0 * $0) }
        let samples = times.map { ReplicateSample(nanoseconds: $0, replicate: 4) }
        let summary = try #require(SampleSummary(samples))
        #expect(summary == SampleSummary(nanoseconds: times))
        #expect(summary.medianIntervalBasis == .trials)
        let few = try #require(SampleSummary(Array(samples.prefix(5))))
        #expect(few.medianIntervalBasis == nil && few.relativeUncertainty == nil)
    }

    @Test func `the interval reaches to the median of all samples`() throws {
        // Ten replicates agree and have one trial each; an eleventh has most of the trials.
        var samples = (0..<10).map { ReplicateSample(nanoseconds: 100, replicate: $0) }
        samples += (0..<30).map { _ in ReplicateSample(nanoseconds: 200, replicate: 10) }
        let summary = try #require(SampleSummary(samples))
        #expect(summary.medianNanoseconds == 200)
        #expect(try #require(summary.medianUpperBoundNanoseconds) >= 200)
        #expect(try #require(summary.medianLowerBoundNanoseconds) < 100)
    }
}
