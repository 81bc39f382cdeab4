import TestSupport
import Testing

@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

struct MedianRatioTests {
    /// How replicates and samples are spread, and the least coverage that is then promised.
    struct Design: Sendable {
        var replicates: Int
        var samples: Int
        /// The deviation of the processes' own level, shared by both sides or not.
        var between: Double
        var isShared = false
        var atLeast = 0.95
        /// Samples of the last replicate where it has more.
        var lastSamples: Int?
    }

    @Test(
        arguments: [
            Design(replicates: 1, samples: 6, between: 0),
            Design(replicates: 1, samples: 15, between: 0),
            Design(replicates: 1, samples: 100, between: 0),
            // Student's t is exact for normal medians; those of few skewed samples are nearly so.
            Design(replicates: 2, samples: 8, between: 0.05, atLeast: 0.94),
            Design(replicates: 3, samples: 5, between: 0.05, atLeast: 0.94),
            Design(replicates: 3, samples: 2, between: 0, atLeast: 0.94),
            Design(replicates: 5, samples: 10, between: 0.03, isShared: true, atLeast: 0.94),
            Design(replicates: 3, samples: 5, between: 0.03, atLeast: 0.94, lastSamples: 30),
            Design(replicates: 3, samples: 3, between: 0, atLeast: 0.94, lastSamples: 30),
            // Replicates that differ by far more than their trials: the median of all of them is
            // little more than the middle one, and no centre for an interval.
            Design(replicates: 3, samples: 9, between: 0.4),
            Design(replicates: 10, samples: 9, between: 0.4),
        ]
    )
    func `the interval of a ratio holds it as often as promised`(design: Design) {
        var generator = SplitMix(seed: 41)
        var covered = 0
        for _ in 0..<2_000 {
            var sides: [[ReplicateSample]] = [[], []]
            for replicate in 0..<design.replicates {
                var level = design.between * generator.normal()
                let isLast = replicate == design.replicates - 1
                let count = isLast ? design.lastSamples ?? design.samples : design.samples
                for side in 0..<2 {
                    if side == 1, !design.isShared { level = design.between * generator.normal() }
                    sides[side] += (0..<count).map { _ in
                        ReplicateSample(
                            nanoseconds: (side == 0 ? 130 : 100) * exp(level)
                                * generator.time(spread: 0.04),
                            replicate: replicate
                        )
                    }
                }
            }
            let ratio = MedianRatio.estimate(sides[0], over: sides[1])
            let isHeld =
                (ratio?.lowerBound ?? .infinity) <= 1.3 && (ratio?.upperBound ?? 0) >= 1.3
            covered += isHeld ? 1 : 0
        }
        expectRate(covered, of: 2_000, atLeast: design.atLeast)
    }

    @Test func `the value is the quotient of the medians that are shown`() throws {
        // Even counts, whose medians lie between two samples.
        let base = [100.0, 110, 130, 180].map { ReplicateSample(nanoseconds: $0, replicate: 0) }
        let point = [50.0, 55, 75, 77].map { ReplicateSample(nanoseconds: $0, replicate: 0) }
        let medians = try [base, point].map { try #require(SampleSummary($0)).medianNanoseconds }
        #expect(MedianRatio.estimate(base, over: point)?.value == medians[0] / medians[1])
    }

    @Test func `replicates on one side alone have their variance counted`() throws {
        let base = (0..<12).map { ReplicateSample(nanoseconds: 100 + Double($0), replicate: 0) }
        let point = [50.0, 50, 60, 60, 70, 70].enumerated().map {
            ReplicateSample(nanoseconds: $1, replicate: $0 / 2)
        }
        let ratio = try #require(MedianRatio.estimate(base, over: point))
        let lower = try #require(ratio.lowerBound)
        // Three replicates that lie 17 % apart: by t(2), no better than a factor of 1.5.
        #expect(lower < ratio.value / 1.4)
    }

    @Test func `too few samples have a ratio without bounds, and none no ratio`() throws {
        let five = (0..<5).map { ReplicateSample(nanoseconds: 100 + Double($0), replicate: 0) }
        let ratio = try #require(MedianRatio.estimate(five, over: five))
        #expect(ratio == Estimate(1))
        #expect(MedianRatio.estimate([], over: five) == nil)
        let zero = [ReplicateSample(nanoseconds: 0, replicate: 0)]
        #expect(MedianRatio.estimate(zero, over: five) == nil)
    }
}
