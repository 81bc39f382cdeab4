import Testing

@testable import Plan
@testable import Record
@testable import Tables

/// Records of runs that did not finish.
struct UnfinishedRecordTests {
    /// The end of a run, as in its record.
    enum Ending: CaseIterable {
        case finished, invalid
        case killed, interrupted
        /// The run ended early, and its figures are impossible too.
        case interruptedAndInvalid

        var verdict: Verdict? {
            switch self {
            case .finished: Verdict(reasons: [], sentence: "All is well.")
            case .invalid: Verdict(reasons: ["too fast"], sentence: "None can be.")
            case .killed: nil
            case .interrupted:
                Verdict(reasons: ["SIGTERM"], sentence: "All is well.", isFinished: false)
            case .interruptedAndInvalid:
                Verdict(reasons: ["SIGTERM", "too fast"], sentence: "None can be.")
            }
        }

        var exitCode: Int32? {
            switch self {
            case .finished: 0
            case .invalid: 12
            case .killed: nil
            case .interrupted, .interruptedAndInvalid: 143
            }
        }

        var standing: String {
            switch self {
            case .finished: "VALID"
            case .invalid: "INVALID"
            case .killed, .interrupted: "UNFINISHED"
            case .interruptedAndInvalid: "INVALID UNFINISHED"
            }
        }

        var isUnfinished: Bool { standing.contains("UNFINISHED") }
    }

    private static func run(_ ending: Ending, points: Int = 2) -> RunRecord {
        var record = Samples.record(
            (1...points).map { Samples.point(workers: $0, milliseconds: 80 / Double($0)) }
        )
        record.verdict = ending.verdict
        record.exitCode = ending.exitCode
        return record
    }

    private static func kernel(_ ending: Ending) -> KernelRecord {
        var record = Samples.kernel([Samples.kernelRow(128, mask: .none, fraction: 0.8)])
        record.verdict = ending.verdict
        record.exitCode = ending.exitCode
        return record
    }

    private static func comparison(_ ending: Ending) -> CompareRecord {
        let side = ComparedSide(
            path: "plan.json",
            plan: RunPlan(),
            hostFingerprint: "0",
            instructionSet: "avx512"
        )
        var record = CompareRecord(
            form: .plans,
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "compare"],
            first: side,
            second: side,
            rule: CompareRule(threshold: 0.02, confidence: 0.99),
            points: [
                ComparedPoint(
                    workers: 2,
                    threads: [1, 1],
                    firstNanoseconds: [[40, 41]],
                    secondNanoseconds: [[42, 43]]
                )
            ]
        )
        record.points[0].comparePairs(record.rule, points: 1, secondsPerPair: 1)
        record.verdict = ending.verdict
        record.exitCode = ending.exitCode
        return record
    }

    @Test(arguments: Ending.allCases)
    func `all tables and Markdown mark an unfinished record, and no other`(
        ending: Ending
    ) {
        let texts = [
            Self.run(ending, points: 1).table(),
            Self.run(ending).table(), Self.run(ending).markdown,
            Self.kernel(ending).table(), Self.kernel(ending).markdown,
            Self.comparison(ending).table(),
            Self.comparison(ending).markdown,
        ]
        for text in texts {
            #expect(text.contains("UNFINISHED") == ending.isUnfinished, "\(text)")
        }
    }

    @Test(arguments: [Ending.killed, .interrupted, .interruptedAndInvalid])
    func `Markdown begins with the mark`(ending: Ending) {
        for text in [
            Self.run(ending).markdown, Self.kernel(ending).markdown,
            Self.comparison(ending).markdown,
        ] {
            #expect(text.hasPrefix("**UNFINISHED"), "\(text)")
        }
    }

    @Test(arguments: Ending.allCases)
    func `every row of CSV has the standing`(ending: Ending) throws {
        for text in [
            Self.run(ending).samples.csv, Self.kernel(ending).samples.csv,
            Self.comparison(ending).samples.csv,
        ] {
            let rows = text.split(separator: "\r\n").map {
                $0.split(separator: ",", omittingEmptySubsequences: false)
            }
            let place = try #require(rows[0].firstIndex { $0 == "standing" })
            #expect(rows.count > 1)
            #expect(rows.dropFirst().allSatisfy { $0[place] == ending.standing[...] }, "\(text)")
        }
    }

    @Test func `a comparison names its unfinished record`() throws {
        var record = Self.comparison(.finished)
        record.first.standing = "VALID"
        record.second.standing = "UNFINISHED"
        for text in [record.table(), record.markdown] {
            let sides = ["A: ", "B: "].map { name in
                text.split(separator: "\n").first { $0.contains(name) } ?? ""
            }
            #expect(sides.map { $0.contains("UNFINISHED") } == [false, true], "\(text)")
        }
        let rows = record.samples.csv.split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        for (column, standing) in [
            ("a_standing", "VALID"), ("b_standing", "UNFINISHED"), ("standing", "VALID"),
        ] {
            let place = try #require(rows[0].firstIndex { $0 == column })
            #expect(rows[1][place] == standing)
        }
    }
}
