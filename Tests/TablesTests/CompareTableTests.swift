import Testing

@testable import Plan
@testable import Record
@testable import Statistics
@testable import Tables

/// Comparisons as tables and sentences.
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
        let text = Self.record(Self.several).table(.terminal())
        for line in text.split(separator: "\n") {
            #expect(displayWidth(String(line)) <= 80, "\(line)")
            #expect(line.last != " ")
        }
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for word in [
            "A: plan.json, avx512", "../other/.build/release/headwise", "0123456789ab",
            "2.0 %", "5.0 %", "10 %",
            "fast end", "mean", "p90", "99 %", "1.049", "1.031…1.067", "0.700…0.900", "0.001…∞",
            "slower", "faster", "same", "ambiguous", "1000 workers: one pair of replicates",
            "A and B differ in schedule dynamic and static",
        ] {
            #expect(words.contains(word), "\(word) is missing in\n\(text)")
        }
    }

    @Test func `colour marks slower and faster`() {
        let text = Self.record(Self.several).table(Style(isColored: true))
        #expect(text.contains("\u{1B}[1;31mslower"))
        #expect(text.contains("\u{1B}[32mfaster"))
        #expect(!Self.record(Self.several).table().contains("\u{1B}"))
    }

    @Test func `a comparison is a Markdown table too`() {
        var record = Self.record(Self.several)
        record.notes = ["a | b"]
        let lines = record.markdown.split(separator: "\n")
        let rows = lines.filter { $0.hasPrefix("|") }
        #expect(rows.count == 2 + 3 * Self.several.count)
        #expect(rows.allSatisfy { $0.split(separator: "|").count == 9 })
        #expect(rows[5].contains("**slower**"))
        #expect(lines.contains { $0.hasPrefix("- ") && $0.hasSuffix("a \\| b") })
        #expect(lines.first == "**\(escapedMarkdown(record.sentence))**")
    }

    @Test func `the quotient of the two times is the ratio`() throws {
        var point = ComparedPoint(
            workers: 2,
            threads: [1, 1],
            firstNanoseconds: [[40_000_000], [41_000_000], [80_000_000]],
            secondNanoseconds: [[70_000_000], [42_000_000], [44_000_000]]
        )
        point.compareIndependently(CompareRule(confidence: 0.99), points: 1)
        let record = Self.record([point])
        let cells = record.markdown.split(separator: "\n")
            .filter { $0.hasPrefix("| 2 | fast end") }
            .flatMap { $0.split(separator: "|").map { $0.filter { "0123456789.".contains($0) } } }
        let (a, b) = (try #require(Double(cells[2])), try #require(Double(cells[3])))
        #expect(abs(b / a - (try #require(Double(cells[4])))) < 0.005, "\(cells)")
        let text = record.table()
        #expect(text.contains("geometric"), "the headlines define the times\n\(text)")

        let rows = record.samples.csv.split(separator: "\r\n").map {
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

    @Test func `an ambiguous comparison says how many replicates would decide it`() throws {
        var point = Self.point(workers: 2, .ambiguous)
        point.statistics[0].comparison?.neededReplicates = 9
        let alone = Self.record([point]).sentence
        #expect(alone.contains("9 replicates"), "\(alone)")
        let beside = Self.record([point, Self.point(workers: 4, .slower)]).sentence
        let place = try #require(beside.firstRange(of: "2 workers"), "\(beside)")
        #expect(beside[place.upperBound...].contains("9 replicates"), "\(beside)")
        // If one statistic has no such number, the sentence has none.
        for hopeless in [
            [point, Self.point(workers: 4, .ambiguous)],
            [point, Self.point(workers: 4, .same, percentile90: .ambiguous)],
        ] {
            let found = Self.record(hopeless).sentence
            #expect(!found.contains("replicates"), "\(found)")
        }
    }

    /// What a sentence has to say: verdicts, statistics and worker counts in this order, and these
    /// percentages in any order.
    struct Told: Sendable {
        var words: [String]
        var percents: [String]
    }

    private static let slowerEnd = ["4.9 %", "3.1 %", "6.7 %"]
    private static let slowerOther = ["31 %", "27 %", "35 %"]

    private static func check(_ sentence: String, _ told: Told) throws {
        var rest = sentence[...]
        for word in told.words {
            let found = try #require(rest.firstRange(of: word), "\(word): \(sentence)")
            rest = rest[found.upperBound...]
        }
        let pieces = sentence.split { !($0.isNumber || ".%".contains($0)) }.map { String($0) }
        let percents = zip(pieces, pieces.dropFirst()).filter { $1.hasPrefix("%") }
        #expect(percents.map { "\($0.0) %" }.sorted() == told.percents.sorted(), "\(sentence)")
        #expect(sentence.last == ".")
    }

    @Test(
        arguments: [
            (
                [point(workers: 2, .slower, mean: .slower, percentile90: .slower)],
                Told(
                    words: ["slower", "fast end", "mean", "90th percentile"],
                    percents: slowerEnd + slowerOther + slowerOther
                )
            ),
            (
                [point(workers: 2, .same, mean: .slower, percentile90: .ambiguous)],
                Told(
                    words: ["slower", "mean", "same", "fast end", "90th percentile"],
                    percents: slowerOther + ["2.0 %"]
                )
            ),
            (
                [point(workers: 2, .faster, ratio: 0.8, bounds: (0.7, 0.9), mean: .notSlower)],
                Told(
                    words: ["faster", "fast end", "same", "90th percentile", "not slower", "mean"],
                    percents: ["20 %", "10 %", "30 %", "10 %"]
                )
            ),
            (
                [point(workers: 1, .same), point(workers: 2, .slower)],
                Told(
                    words: [
                        "slower", "fast end", "2 workers", "same", "fast end", "1 worker", "mean",
                        "90th percentile",
                    ],
                    percents: slowerEnd + ["2.0 %", "5.0 %", "10 %"]
                )
            ),
            (
                [
                    point(workers: 2, .slower), point(workers: 4, .slower),
                    point(workers: 8, .ambiguous),
                ],
                Told(
                    words: [
                        "slower", "fast end", "2 and 4 workers", "same", "mean", "90th percentile",
                        "fast end", "8 workers",
                    ],
                    percents: slowerEnd + ["5.0 %", "10 %"]
                )
            ),
            (
                [point(workers: 1, .same)],
                Told(
                    words: ["fast end", "mean", "90th percentile"],
                    percents: ["2.0 %", "5.0 %", "10 %"]
                )
            ),
            (
                [point(workers: 1, .ambiguous, mean: .ambiguous, percentile90: .ambiguous)],
                Told(words: ["fast end", "mean", "90th percentile"], percents: [])
            ),
        ] as [([ComparedPoint], Told)]
    )
    func `one sentence has the verdict of every statistic`(
        points: [ComparedPoint],
        told: Told
    ) throws {
        try Self.check(Self.record(points).sentence, told)
    }

    @Test func `without points the sentence has no verdict`() {
        let sentence = Self.record([]).sentence
        for word in TimeComparison.Verdict.allCases.map(\.rawValue) + ["interval", "within"] {
            #expect(!sentence.contains(word), "\(sentence)")
        }
        #expect(!sentence.isEmpty)
    }

    @Test func `a record of the fast end alone has no other statistic`() throws {
        var record = Self.record([Self.point(workers: 2, .slower)])
        record.points[0].statistics = Array(record.points[0].statistics.prefix(1))
        record.rule.meanThreshold = nil
        record.rule.percentile90Threshold = nil
        let sentence = record.sentence
        try Self.check(sentence, Told(words: ["slower", "fast end"], percents: Self.slowerEnd))
        for word in ["mean", "percentile"] { #expect(!sentence.contains(word), "\(sentence)") }
        for text in [
            record.table(), record.markdown, record.samples.csv,
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
        for text in [record.table(), record.markdown] {
            #expect(text.contains("Warning: A: other programs used 1.2 of 2 CPUs; stop them"))
        }
    }

    @Test func `a wrong output takes the place of all times`() {
        var record = Self.record(Self.several)
        record.verdict = Verdict(
            reasons: ["record B, 2 workers: the output is wrong"],
            sentence: ""
        )
        let sentence = record.sentence
        #expect(sentence.contains("record B, 2 workers: the output is wrong"), "\(sentence)")
        #expect(!sentence.contains("%"), "\(sentence)")
    }
}
