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
        reason: String? = nil
    ) -> ComparedPoint {
        var point = ComparedPoint(
            workers: workers,
            threads: [1, 1],
            firstNanoseconds: [[40_000_000, 41_000_000], [40_500_000, 42_000_000]],
            secondNanoseconds: [[42_000_000, 43_000_000], [42_500_000, 44_000_000]]
        )
        point.comparison = TimeComparison(
            ratio: ratio,
            lowerBound: bounds?.0,
            upperBound: bounds?.1,
            degreesOfFreedom: 1,
            verdict: verdict
        )
        point.reason = reason
        return point
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
            rule: CompareRule(threshold: 0.02, confidence: 0.99),
            points: points,
            notes: ["A and B differ in schedule dynamic and static"]
        )
        record.exitCode = record.verdictExitCode
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
        for word in [
            "A: plan.json, avx512", "by ../other/.build/release/headwise", "commit 0123456789ab",
            "up to 2.0 % count as none", "99 %", "1.049", "1.031…1.067", "0.700…0.900", "0.001…∞",
            "slower", "faster", "same", "ambiguous", "1000 workers: one pair of replicates",
            "Note: A and B differ in schedule dynamic and static",
        ] {
            #expect(text.contains(word), "\(word) is missing in\n\(text)")
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
        #expect(rows.count == 2 + Self.several.count)
        #expect(rows.allSatisfy { $0.split(separator: "|").count == 8 })
        #expect(rows[3].contains("**slower**"))
        #expect(lines.contains("- Note: a \\| b"))
        #expect(lines.last?.hasPrefix("B is slower") == true)
    }

    @Test func `the columns of the ratio's two times give the ratio`() throws {
        var point = ComparedPoint(
            workers: 2,
            threads: [1, 1],
            firstNanoseconds: [[40_000_000], [41_000_000], [80_000_000]],
            secondNanoseconds: [[70_000_000], [42_000_000], [44_000_000]]
        )
        point.compareIndependently(ReplicateComparison(points: 1, threshold: 0.02))
        let record = Self.record([point])
        let cells = CompareTable.markdown(record).split(separator: "\n")
            .filter { $0.hasPrefix("| 2 ") }
            .flatMap { $0.split(separator: "|").map { $0.filter { "0123456789.".contains($0) } } }
        let (a, b) = (try #require(Double(cells[1])), try #require(Double(cells[2])))
        #expect(abs(b / a - (try #require(Double(cells[3])))) < 0.005, "\(cells)")
        let words = CompareTable.rendered(record).split(whereSeparator: \.isWhitespace)
        let text = words.joined(separator: " ")
        #expect(text.contains("A and B are the geometric means of their replicates"), "\(text)")

        let rows = CompareTable.csv(record).split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        #expect(rows.count == 2)
        #expect(rows.allSatisfy { $0.count == rows[0].count })
        func value(_ column: String) throws -> String {
            rows[1][try #require(rows[0].firstIndex(of: column))]
        }
        func number(_ column: String) throws -> Double { try #require(Double(value(column))) }
        let quotient = try number("b_nanoseconds") / number("a_nanoseconds")
        #expect(try abs(quotient - number("ratio")) < 1e-12)
        #expect(try value("verdict") == "ambiguous")
        #expect(try value("a_replicates") == "3")
    }

    @Test func `an undecided comparison ends with what would decide it`() {
        var point = Self.point(workers: 2, .ambiguous)
        point.comparison?.neededReplicates = 9
        let alone = CompareTable.sentence(for: Self.record([point]))
        #expect(alone.contains("takes about 9 replicates (--replicates 9)"), "\(alone)")
        let beside = CompareTable.sentence(
            for: Self.record([point, Self.point(workers: 4, .slower)])
        )
        #expect(beside.contains("undecided, which takes about 9 replicates"), "\(beside)")
        // Where one point has no number, none is promised.
        let hopeless = CompareTable.sentence(
            for: Self.record([point, Self.point(workers: 4, .ambiguous)])
        )
        #expect(!hopeless.contains("replicates"), "\(hopeless)")
    }

    @Test(arguments: [
        (
            [point(workers: 2, .slower)], "B is slower, by 4.9 % (3.1 % to 6.7 %)."
        ),
        (
            [point(workers: 2, .faster, ratio: 0.8, bounds: (0.7, 0.9))],
            "B is faster, by 20 % (10 % to 30 %)."
        ),
        (
            [point(workers: 1, .same), point(workers: 2, .slower)],
            "B is slower at 2 workers, by 4.9 % (3.1 % to 6.7 %)."
        ),
        (
            [
                point(workers: 2, .slower), point(workers: 4, .slower),
                point(workers: 8, .ambiguous),
            ],
            "B is slower at 2 and 4 workers, by up to 4.9 % (3.1 % to 6.7 %); 8 workers stays "
                + "undecided."
        ),
        ([point(workers: 1, .same)], "B is as fast as A: whatever the difference is, it is within"),
        ([point(workers: 1, .ambiguous)], "Undecided at 1 worker: "),
        ([point(workers: 1, .same), point(workers: 2, .ambiguous)], "the others are the same."),
        ([], "Nothing was compared."),
    ])
    func `one sentence says what it comes to`(points: [ComparedPoint], sentence: String) {
        let found = CompareTable.sentence(for: Self.record(points))
        #expect(found.contains(sentence), "\(found)")
        #expect(found.last == ".")
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
