import Record
import Statistics
import Testing

/// Verdicts on made-up samples.
struct ComparedPointTests {
    private static let rule = CompareRule(confidence: 0.99)

    /// Replicates of nine samples around these medians.
    private static func replicates(_ medians: [Double]) -> [[UInt64]] {
        medians.map { median in (-4...4).map { UInt64(median * (1 + 0.01 * Double($0))) } }
    }

    private static func point(_ first: [Double], _ second: [Double]) -> ComparedPoint {
        ComparedPoint(
            workers: 2,
            threads: [1, 1],
            firstNanoseconds: replicates(first),
            secondNanoseconds: replicates(second)
        )
    }

    @Test(arguments: [
        (1.1, TimeComparison.Verdict.slower), (0.9, .faster), (1.0, .same), (1.005, .same),
        (1.02, .ambiguous),
    ])
    func `pairs are judged by their ratio, whatever the machine did to both`(
        ratio: Double,
        verdict: TimeComparison.Verdict
    ) throws {
        // The machine's speed changes by half from replicate to replicate, and both sides see it.
        let drift = [1e7, 1.5e7, 1.2e7, 0.9e7, 1.4e7, 1.1e7]
        let wobble = [1.001, 0.999, 1.002, 0.998, 1.0005, 0.9995]
        var point = Self.point(drift, zip(drift, wobble).map { $0 * $1 * ratio })
        point.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
        let comparison = try #require(point[.fastEnd]?.comparison)
        #expect(point[.fastEnd]?.verdict == verdict)
        #expect(abs(comparison.ratio - ratio) < 0.002)
        let isDecided = point.statistics.allSatisfy { $0.verdict != .ambiguous }
        #expect((point.reason == nil) == isDecided)
        // As two measurements at different times they decide nothing.
        point.compareIndependently(Self.rule, points: 1)
        #expect(point[.fastEnd]?.verdict == .ambiguous)
        #expect(point.reason != nil)
    }

    /// Replicates whose median is far from their mean.
    @Test(arguments: [true, false])
    func `the ratio is the quotient of the two times`(isPaired: Bool) throws {
        var point = Self.point([1e7, 1.1e7, 2e7, 1.05e7], [1.5e7, 3e7, 1.4e7, 1.45e7])
        if isPaired {
            point.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
        } else {
            point.compareIndependently(Self.rule, points: 1)
        }
        let first = try #require(point[.fastEnd]?.firstNanoseconds)
        let second = try #require(point[.fastEnd]?.secondNanoseconds)
        let ratio = try #require(point[.fastEnd]?.comparison).ratio
        #expect(abs(second / first / ratio - 1) < 1e-12)
    }

    @Test func `a replicate without a partner is left out of both times`() throws {
        var point = ComparedPoint(
            workers: 1,
            threads: [1, 1],
            firstNanoseconds: [[100], [900], [100]],
            secondNanoseconds: [[200], [], [200]]
        )
        point.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
        #expect(abs(try #require(point[.fastEnd]?.firstNanoseconds) - 100) < 1e-9)
        #expect(abs(try #require(point[.fastEnd]?.comparison).ratio - 2) < 1e-9)
    }

    @Test func `an undecided point names the replicates that would decide, and the flags`() throws {
        var point = Self.point([1e7, 1.03e7, 1.06e7], [1.1e7, 1.13e7, 1.16e7])
        point.compareIndependently(Self.rule, points: 1) { "--replicates \($0) --budget 99" }
        #expect(point[.fastEnd]?.verdict == .ambiguous)
        let needed = try #require(point[.fastEnd]?.comparison?.neededReplicates)
        #expect(needed > 3)
        let most = point.statistics.compactMap { $0.comparison?.neededReplicates }.max() ?? 0
        let reason = try #require(point.reason)
        #expect(reason.contains("3"), "\(reason)")
        #expect(reason.contains("\(most)"), "\(reason)")
        #expect(reason.contains("--replicates \(most) --budget 99"), "\(reason)")
        var scattered = Self.point([1e7, 1.03e7, 1.06e7], [1.1e7, 1.2e7, 1.0e7])
        scattered.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
        let pairs = scattered.statistics.compactMap { $0.comparison?.neededReplicates }.max() ?? 0
        #expect(scattered.reason?.contains("--replicates \(pairs)") == true)
    }

    @Test func `a ratio at the threshold asks for another threshold, not for replicates`() throws {
        let a = [1.0e7, 1.0005e7, 0.9995e7, 1.0002e7]
        var point = Self.point(a, a.map { $0 * 1.02 })
        point.compareIndependently(Self.rule, points: 1)
        #expect(point[.fastEnd]?.verdict == .ambiguous)
        #expect(point[.fastEnd]?.comparison?.neededReplicates == nil)
        #expect(point.reason?.contains("--threshold") == true)
    }

    @Test func `steady replicates of two times are judged`() {
        let a = [1.0e7, 1.001e7, 0.999e7, 1.0005e7]
        var point = Self.point(a, a.map { $0 * 1.2 })
        point.compareIndependently(Self.rule, points: 1)
        #expect(point[.fastEnd]?.verdict == .slower)
        #expect(point.reason == nil)
        // The mean of the fastest three of nine.
        #expect(point[.fastEnd]?.firstNanoseconds.map { abs($0 - 9.7e6) < 1e4 } == true)
    }

    @Test(
        arguments: [
            ([1e7], [2e7, 2.1e7], ["A"]), ([1e7, 1.1e7], [2e7], ["B"]), ([1e7], [2e7], ["A", "B"]),
        ] as [([Double], [Double], [String])]
    )
    func `one replicate is ambiguous, and the reason names the record and the flag`(
        first: [Double],
        second: [Double],
        names: [String]
    ) throws {
        var point = Self.point(first, second)
        point.compareIndependently(Self.rule, points: 1)
        #expect(point[.fastEnd]?.verdict == .ambiguous)
        #expect(point[.fastEnd]?.comparison?.lowerBound == nil)
        let reason = try #require(point.reason)
        let words = reason.split { !$0.isLetter }
        for name in ["A", "B"] {
            #expect(words.contains { $0 == name } == names.contains(name), "\(reason)")
        }
        #expect(reason.contains("--replicates 5"))
    }

    @Test func `nothing finished is ambiguous, and has no ratio`() {
        var point = Self.point([], [1e7])
        point.compareIndependently(Self.rule, points: 1)
        #expect(point[.fastEnd]?.verdict == .ambiguous)
        #expect(point[.fastEnd]?.comparison == nil)
        #expect(point.reason?.split { !$0.isLetter }.contains("A") == true)
        point.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
        #expect(point[.fastEnd]?.comparison == nil)
        #expect(point.reason != nil)
        var single = Self.point([1e7], [3e7])
        single.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
        #expect(single[.fastEnd]?.verdict == .ambiguous)
        #expect(single[.fastEnd]?.comparison.map { abs($0.ratio - 3) < 0.01 } == true)
        #expect(single.reason != nil)
    }

    @Test func `trials that were disturbed do not count while a quarter was not`() {
        // Eight of the twelve trials of each of B's replicates were disturbed.
        let calm = (0..<12).map { UInt64(1000 + $0) }
        let busy = calm.enumerated().map { $0.offset % 3 == 0 ? $0.element : $0.element * 2 }
        var point = ComparedPoint(
            workers: 1,
            threads: [1, 1],
            firstNanoseconds: [calm, calm, calm],
            secondNanoseconds: [busy, busy, busy]
        )
        point.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
        #expect(point[.fastEnd]?.verdict == .same)
    }

    @Test func `an empty replicate is left out with its partner`() {
        var point = ComparedPoint(
            workers: 1,
            threads: [1, 1],
            firstNanoseconds: [[100], [], [100], [100]],
            secondNanoseconds: [[200], [100], [], [200]]
        )
        point.comparePairs(Self.rule, points: 1, secondsPerPair: 1)
        #expect(point[.fastEnd]?.comparison.map { abs($0.ratio - 2) < 1e-9 } == true)
        #expect(point[.fastEnd]?.comparison?.degreesOfFreedom == 1)
    }
}
