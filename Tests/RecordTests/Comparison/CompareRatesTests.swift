import TestSupport
import Testing

@testable import Files
@testable import Host
@testable import Plan
@testable import Record
@testable import Statistics

/// The alarm rates of many comparisons.
struct CompareRatesTests {
    private static let host = HostDescription.current()

    private static func outcome(
        _ verdict: TimeComparison.Verdict,
        mean: TimeComparison.Verdict? = nil,
        faults: [String] = [],
        threshold: Double = 0.02
    ) -> CompareOutcome {
        let side = ComparedSide(
            path: "p.json",
            plan: RunPlan(),
            hostFingerprint: host.fingerprint,
            instructionSet: "avx2"
        )
        var point = ComparedPoint(
            workers: 2,
            threads: [1, 1],
            firstNanoseconds: [[1, 2], [3]],
            secondNanoseconds: [[1, 2], [3]]
        )
        point.statistics = ComparedStatistic.allCases.map { statistic in
            let isMean = statistic == .mean
            return StatisticComparison(
                statistic,
                comparison: TimeComparison(
                    ratio: isMean ? 2 : 1.5,
                    lowerBound: 1.25,
                    upperBound: 1.75,
                    verdict: isMean ? mean ?? verdict : verdict
                )
            )
        }
        let record = CompareRecord(
            form: .plans,
            host: host,
            started: "2025-11-21T01:24:00Z",
            commandLine: [],
            first: side,
            second: side,
            rule: CompareRule(threshold: threshold, confidence: 0.99, seed: .random(in: 0...99)),
            points: [point]
        )
        return CompareOutcome(record, faults: faults, seconds: 10)
    }

    private static func rates(
        _ outcomes: [CompareOutcome]
    ) throws(ExperimentError) -> CompareRates {
        try CompareRates(
            outcomes,
            source: "o.jsonl",
            plan: RunPlan(),
            host: host,
            commandLine: ["x"]
        )
    }

    @Test func `alarms are counted, and their rate is bounded`() throws {
        let slow = ["0:slow:5"]
        let outcomes =
            (0..<197).map { _ in Self.outcome(.same) } + [Self.outcome(.ambiguous)]
            + [Self.outcome(.faster), Self.outcome(.slower)]
            + (0..<57).map { _ in Self.outcome(.slower, faults: slow) }
            + (0..<3).map { _ in Self.outcome(.ambiguous, faults: slow) }
        let rates = try Self.rates(outcomes)
        try #require(rates.counts.count == 2)
        let (same, planted) = (rates.counts[0], rates.counts[1])
        #expect(same.faults == [])
        #expect(
            [same.runs, same.same, same.ambiguous, same.faster, same.slower] == [200, 197, 1, 1, 1]
        )
        #expect(same.rate == 0.01)
        // SciPy: scipy.stats.beta.ppf(0.95, 3, 198).
        #expect(abs(same.rateUpperBound - 0.0311426) < 1e-6)
        #expect(planted.runs == 60)
        #expect(planted.rate == 0.95)
        // SciPy: scipy.stats.beta.ppf(0.05, 57, 4).
        #expect(abs(planted.rateLowerBound - 0.8758128) < 1e-6)
        let statistics = try #require(planted.statistics)
        #expect(statistics.map(\.statistic) == [.fastEnd, .mean, .percentile90])
        #expect(statistics.map(\.medianRatio) == [1.5, 2, 1.5])
        #expect(statistics[0].medianHalfWidth == 0.25)
        #expect(rates.medianSeconds == 10)
    }

    @Test func `an alarm of any statistic is an alarm of the comparison`() throws {
        let stall = ["0:stall:10"]
        let rates = try Self.rates(
            (0..<8).map { _ in Self.outcome(.same, mean: .notSlower) }
                + [Self.outcome(.same, mean: .slower), Self.outcome(.ambiguous, mean: .faster)]
                + [Self.outcome(.same, mean: .slower, faults: stall)]
        )
        try #require(rates.counts.count == 2)
        let (same, stalled) = (rates.counts[0], rates.counts[1])
        #expect([same.slower, same.faster, same.same, same.ambiguous] == [1, 1, 8, 0])
        #expect(same.rate == 0.2)
        let statistics = try #require(same.statistics)
        #expect(statistics.map(\.rate) == [0, 0.2, 0])
        #expect(statistics.map(\.same) == [9, 8, 9])
        #expect(statistics.map(\.ambiguous) == [1, 0, 1])
        #expect(statistics[1].rateUpperBound == same.rateUpperBound)
        #expect(stalled.rate == 1)
        #expect(stalled.statistics?.map(\.rate) == [0, 1, 0])
    }

    /// Earlier versions compared the fast end alone.
    @Test func `lines and rates of earlier versions are still read`() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("o.jsonl", Self.earlierLine)
        let outcome = try #require(try CompareOutcome.read(path).first)
        #expect(outcome.points.map(\.statistics.count) == [1])
        let found = try #require(outcome.points.first?.statistics.first)
        #expect(found.statistic == .fastEnd)
        #expect(found.verdict == .slower)
        #expect(found.comparison?.ratio == 1.0387)
        #expect(outcome.rule.statistics == [.fastEnd])
        // Their rule is another one, so they are not summed up with later ones.
        #expect(throws: ExperimentError.self) { try Self.rates([Self.outcome(.same), outcome]) }
        let outcomes = PackageFolder.path + "/results/compare-outcomes.jsonl"
        #expect(try !CompareOutcome.read(outcomes).isEmpty)
        let rates = try JSONFile(reading: PackageFolder.record("compare-rates"), noun: "record")
        #expect(try !rates.decode(CompareRates.self).counts.isEmpty)
    }

    private static let earlierLine = #"""
        {"exitCode":20,"faults":["0:slow:5"],"hostFingerprint":"\#(host.fingerprint)",\#
        "loadAverage":1.78,"planDigest":"\#(RunPlan().digest)","points":[{"comparison":\#
        {"degreesOfFreedom":19,"lowerBound":1.0309,"ratio":1.0387,"upperBound":1.0465,\#
        "verdict":"slower"},"workers":2}],"replicates":32,"rule":{"budgetSeconds":10,\#
        "confidence":0.99,"replicates":32,"threshold":0.02},"seconds":9.99,\#
        "started":"2026-11-21T16:00:27Z","trials":561}

        """#

    @Test func `outcomes of several kinds are not summed up`() throws {
        #expect(throws: ExperimentError.self) { try Self.rates([]) }
        #expect(throws: ExperimentError.self) {
            try Self.rates([Self.outcome(.same), Self.outcome(.same, threshold: 0.05)])
        }
        var elsewhere = Self.outcome(.same)
        elsewhere.hostFingerprint = "0"
        #expect(throws: ExperimentError.self) { try Self.rates([elsewhere]) }
        var other = Self.outcome(.same)
        other.planDigest = "0"
        #expect(throws: ExperimentError.self) { try Self.rates([other]) }
    }

    @Test func `outcomes are added to a file line by line, and read again`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/o.jsonl"
        let outcomes = [Self.outcome(.same), Self.outcome(.slower, faults: ["0:slow:5"])]
        for outcome in outcomes { try outcome.append(to: path) }
        #expect(try CompareOutcome.read(path) == outcomes)
        let lines = try folder.bytes("o.jsonl").split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == 2)
        #expect(String(decoding: lines[0], as: UTF8.self).contains(#""faults":[]"#))
        _ = try folder.write("o.jsonl", "{\"half\":")
        #expect(throws: ExperimentError.self) { try CompareOutcome.read(path) }
        #expect(throws: ExperimentError.self) {
            try Self.outcome(.same).append(to: folder.path + "/no/o.jsonl")
        }
    }
}
