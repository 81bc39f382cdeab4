import Experiment
import Testing
import Timing

@testable import Report

/// Comparisons as people read them.
struct CompareTableTests {
    private static func point(
        workers: Int,
        _ verdict: TimeComparison.Verdict,
        ratio: Double = 1.049,
        bounds: (Double, Double)? = (1.031, 1.067),
        mean: TimeComparison.Verdict = .same,
        percentile90: TimeComparison.Verdict = .same,
        reason: String? = nil
    ) -> ComparedPoint {
        var point = ComparedPoint(
            workers: workers,
            threads: [1, 1],
            firstNanoseconds: [[40_000_000, 41_000_000], [40_500_000, 42_000_000]],
            secondNanoseconds: [[42_000_000, 43_000_000], [42_500_000, 44_000_000]]
        )
        let verdicts = [verdict, mean, percentile90]
        point.statistics = zip(ComparedStatistic.allCases, verdicts).map { statistic, found in
            let own: (ratio: Double, bounds: (Double, Double)?) =
                statistic == .fastEnd ? (ratio, bounds) : figures(found)
            return StatisticComparison(
                statistic,
                firstNanoseconds: 4e7,
                secondNanoseconds: 4e7 * own.ratio,
                comparison: TimeComparison(
                    ratio: own.ratio,
                    lowerBound: own.bounds?.0,
                    upperBound: own.bounds?.1,
                    degreesOfFreedom: 1,
                    verdict: found
                )
            )
        }
        point.reason = reason
        return point
    }

    private static func figures(
        _ verdict: TimeComparison.Verdict
    ) -> (ratio: Double, bounds: (Double, Double)?) {
        switch verdict {
        case .faster: (0.8, (0.72, 0.88))
        case .slower: (1.31, (1.27, 1.35))
        case .same: (1.001, (0.993, 1.009))
        case .notSlower: (0.93, (0.85, 1.01))
        case .ambiguous: (1.02, (0.9, 1.14))
        }
    }

    private static func record(_ points: [ComparedPoint]) -> CompareRecord {
        var second = ComparedSide(
            path: "plan.json",
            plan: RunPlan(),
            hostFingerprint: "0",
            instructionSet: "avx512"
        )
        let first = second
        second.program = "../other/.build/release/headwise"
        second.commit = "0123456789abcdef0123"
        var record = CompareRecord(
            form: .builds,
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "compare"],
            first: first,
            second: second,
            rule: CompareRule(confidence: 0.99),
            points: points,
            notes: ["A and B differ in schedule dynamic and static"]
        )
        record.exitCode = record.ending
        return record
    }

    private static let several = [
        point(workers: 1, .same, ratio: 1.001, bounds: (0.993, 1.009)),
        point(workers: 2, .slower),
        point(workers: 16, .faster, ratio: 0.8, bounds: (0.7, 0.9)),
        point(
            workers: 1000,
            .ambiguous,
            bounds: nil,
            reason: "one pair of replicates says nothing"
        ),
        point(workers: 1001, .ambiguous, bounds: (0.001, 1e300)),
    ]

    @Test func `a comparison is a table that fits a terminal`() {
        let text = CompareTable.rendered(Self.record(Self.several), style: .terminal())
        for line in text.split(separator: "\n") {
            #expect(displayWidth(String(line)) <= 80, "\(line)")
            #expect(line.last != " ")
        }
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for word in [
            "A: plan.json, avx512", "by ../other/.build/release/headwise", "commit 0123456789ab",
            "2.0 % of the fast end, 5.0 % of the mean",
            "fast end", "mean", "p90", "99 %", "1.049", "1.031…1.067", "0.700…0.900", "0.001…∞",
            "slower", "faster", "same", "ambiguous", "1000 workers: one pair of replicates",
            "Note: A and B differ in schedule dynamic and static",
        ] {
            #expect(words.contains(word), "\(word) is missing in\n\(text)")
        }
    }

    @Test func `colour marks what is worse and what is better`() {
        let text = CompareTable.rendered(Self.record(Self.several), style: Style(isColored: true))
        #expect(text.contains("\u{1B}[1;31mslower"))
        #expect(text.contains("\u{1B}[32mfaster"))
        #expect(!CompareTable.rendered(Self.record(Self.several)).contains("\u{1B}"))
    }

    @Test func `as markdown it is a table too`() {
        var record = Self.record(Self.several)
        record.notes = ["a | b"]
        let lines = CompareTable.markdown(record).split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("|") }
        #expect(rows.count == 2 + 3 * Self.several.count)
        #expect(rows.allSatisfy { $0.split(separator: "|").count == 9 })
        #expect(rows[5].contains("**slower**"))
        #expect(lines.contains("- Note: a \\| b"))
        #expect(lines.last?.hasPrefix("B is slower at the fast end") == true)
    }

    @Test func `the columns of the ratio's two times give the ratio`() throws {
        var point = ComparedPoint(
            workers: 2,
            threads: [1, 1],
            firstNanoseconds: [[40_000_000], [41_000_000], [80_000_000]],
            secondNanoseconds: [[70_000_000], [42_000_000], [44_000_000]]
        )
        point.compareIndependently(CompareRule(confidence: 0.99), points: 1)
        let record = Self.record([point])
        let cells = CompareTable.markdown(record).split(separator: "\n")
            .filter { $0.hasPrefix("| 2 | fast end") }
            .flatMap { $0.split(separator: "|").map { $0.filter { "0123456789.".contains($0) } } }
        let (a, b) = (try #require(Double(cells[2])), try #require(Double(cells[3])))
        #expect(abs(b / a - (try #require(Double(cells[4])))) < 0.005, "\(cells)")
        let words = CompareTable.rendered(record).split(whereSeparator: \.isWhitespace)
        let text = words.joined(separator: " ")
        #expect(text.contains("A and B are the geometric means of their replicates"), "\(text)")

        let rows = CompareTable.csv(record).split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(rows.count == 4)
        #expect(rows.allSatisfy { $0.count == rows[0].count })
        for (row, statistic) in ["fastEnd", "mean", "percentile90"].enumerated() {
            func value(_ column: String) throws -> String {
                rows[row + 1][try #require(rows[0].firstIndex(of: column))]
            }
            func number(_ column: String) throws -> Double { try #require(Double(value(column))) }
            let quotient = try number("b_nanoseconds") / number("a_nanoseconds")
            #expect(try abs(quotient - number("ratio")) < 1e-12)
            #expect(try value("verdict") == "ambiguous")
            #expect(try value("a_replicates") == "3")
            #expect(try value("statistic") == statistic)
            #expect(try number("threshold") == [0.02, 0.05, 0.1][row])
        }
    }

    @Test func `an undecided comparison ends with what would decide it`() {
        var point = Self.point(workers: 2, .ambiguous)
        point.statistics[0].comparison?.neededReplicates = 9
        let alone = CompareTable.sentence(for: Self.record([point]))
        #expect(alone.contains("takes about 9 replicates (--replicates 9)"), "\(alone)")
        let beside = CompareTable.sentence(
            for: Self.record([point, Self.point(workers: 4, .slower)])
        )
        #expect(beside.contains("of 2 workers, which takes about 9 replicates"), "\(beside)")
        // Where one has no number, none is promised.
        for hopeless in [
            [point, Self.point(workers: 4, .ambiguous)],
            [point, Self.point(workers: 4, .same, percentile90: .ambiguous)],
        ] {
            let found = CompareTable.sentence(for: Self.record(hopeless))
            #expect(!found.contains("replicates"), "\(found)")
        }
    }

    @Test(arguments: [
        (
            [point(workers: 2, .slower, mean: .slower, percentile90: .slower)],
            "B is slower at the fast end by 4.9 % (3.1 % to 6.7 %), in the mean by 31 % (27 % to "
                + "35 %) and at the 90th percentile by 31 % (27 % to 35 %)."
        ),
        (
            [point(workers: 2, .same, mean: .slower, percentile90: .ambiguous)],
            "B is slower in the mean by 31 % (27 % to 35 %); the same at the fast end (within "
                + "2.0 %); undecided at the 90th percentile."
        ),
        (
            [point(workers: 2, .faster, ratio: 0.8, bounds: (0.7, 0.9), mean: .notSlower)],
            "B is faster at the fast end by 20 % (10 % to 30 %); the same at the 90th percentile "
                + "(within 10 %); not slower in the mean."
        ),
        (
            [point(workers: 1, .same), point(workers: 2, .slower)],
            "B is slower at the fast end of 2 workers by 4.9 % (3.1 % to 6.7 %); the same at the "
                + "fast end of 1 worker (within 2.0 %), in the mean (within 5.0 %) and at the 90th "
                + "percentile (within 10 %)."
        ),
        (
            [
                point(workers: 2, .slower), point(workers: 4, .slower),
                point(workers: 8, .ambiguous),
            ],
            "B is slower at the fast end of 2 and 4 workers by up to 4.9 % (3.1 % to 6.7 %); the "
                + "same in the mean (within 5.0 %) and at the 90th percentile (within 10 %); "
                + "undecided at the fast end of 8 workers."
        ),
        (
            [point(workers: 1, .same)],
            "B is as fast as A: whatever the difference is, it is within 2.0 % at the fast end, "
                + "5.0 % in the mean and 10 % at the 90th percentile."
        ),
        (
            [point(workers: 1, .ambiguous, mean: .ambiguous, percentile90: .ambiguous)],
            "Undecided at the fast end, in the mean and at the 90th percentile: "
        ),
        ([], "Nothing was compared."),
    ])
    func `one sentence says what it comes to`(points: [ComparedPoint], sentence: String) {
        let found = CompareTable.sentence(for: Self.record(points))
        #expect(found.contains(sentence), "\(found)")
        #expect(found.last == ".")
    }

    @Test func `a record of the fast end alone is told as such`() {
        var record = Self.record([Self.point(workers: 2, .slower)])
        record.points[0].statistics = Array(record.points[0].statistics.prefix(1))
        record.rule.meanThreshold = nil
        record.rule.percentile90Threshold = nil
        #expect(
            CompareTable.sentence(for: record)
                == "B is slower at the fast end by 4.9 % (3.1 % to 6.7 %)."
        )
        for text in [
            CompareTable.rendered(record), CompareTable.markdown(record), CompareTable.csv(record),
        ] {
            #expect(!text.contains("p90") && !text.contains("mean,"), "\(text)")
        }
    }

    @Test func `warnings stand below the table and in Markdown`() {
        var record = Self.record(Self.several)
        record.warnings = [
            MeasurementWarning(
                .busyMachine,
                subject: "A",
                sentence: "other programs used 1.2 of 2 CPUs",
                remedy: "stop them"
            )
        ]
        for text in [CompareTable.rendered(record), CompareTable.markdown(record)] {
            #expect(text.contains("Warning: A: other programs used 1.2 of 2 CPUs; stop them"))
        }
    }

    @Test func `a wrong output makes all times void`() {
        var record = Self.record(Self.several)
        record.verdict = Verdict(
            reasons: ["record B, 2 workers: the output is wrong"],
            sentence: ""
        )
        #expect(
            CompareTable.sentence(for: record)
                == "The times mean nothing: record B, 2 workers: the output is wrong."
        )
    }
}
