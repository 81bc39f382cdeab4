import Testing

@testable import Timing

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
        var generator = SplitMix(state: 7)
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

/// A small seeded generator, so that a failing test fails again.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
