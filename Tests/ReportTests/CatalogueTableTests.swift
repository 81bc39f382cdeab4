import Attention
import Experiment
import Testing

@testable import Report

struct CatalogueTableTests {
    private static func row(_ name: String, _ status: VerificationStatus, error: Double = 1e-7)
        -> VerifyRow
    {
        VerifyRow(
            name: name,
            feature: "causal bottom-right",
            specification: "length=3 head-dimension=4",
            instructionSet: .avx512,
            clusterComparisons: 1234,
            verification: VerificationSummary(
                status: status,
                bitwiseEqual: status != .disagrees,
                maxAbsoluteError: error,
                rmsError: 1e-8,
                boundMaxAbsolute: 4e-7,
                boundRms: 1e-7,
                rowsChecked: 3,
                rowsTotal: 3
            )
        )
    }

    private static func record(_ rows: [VerifyRow], isComplete: Bool = true) -> VerifyRecord {
        var counts = VerifyCounts()
        counts.clusterComparisons = 1_234_000
        counts.processComparisons = 560
        counts.referenceComparisons = 7
        for row in rows { counts.statuses[row.verification.status.rawValue, default: 0] += 1 }
        return VerifyRecord(
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "verify"],
            seed: 1,
            randomCases: 200,
            instructionSets: [.baseline, .avx2, .avx512],
            workers: [1, 2, 3],
            counts: counts,
            rows: rows,
            isComplete: isComplete
        )
    }

    @Test func `the last sentence says what was compared and how near it came`() {
        #expect(
            VerifyTable.sentence(Self.record([Self.row("a", .exact), Self.row("b", .agrees)]))
                == "1,234,567 comparisons on 3 instruction sets: every bit is equal, and the "
                + "largest error is 25 % of what is allowed."
        )
    }

    @Test func `the last sentence says the bad news first`() {
        let rows = [
            Self.row("a", .disagrees), Self.row("b", .agrees), Self.row("c", .mistrusted),
        ]
        #expect(
            VerifyTable.sentence(Self.record(rows)).hasSuffix("1 of 3 checks DISAGREES.")
        )
        #expect(
            VerifyTable.sentence(Self.record(Array(rows.dropFirst())))
                .hasSuffix("nothing disagrees, but 1 of 2 checks prove nothing.")
        )
        #expect(
            VerifyTable.sentence(Self.record([], isComplete: false))
                == "Nothing was checked. UNFINISHED: the run did not get to its end."
        )
    }

    @Test func `a table of a catalogue fits a terminal, and a repeating line is left whole`() {
        let command = "headwise verify --case \"" + String(repeating: "x", count: 90) + "\""
        var record = Self.record([Self.row("a", .disagrees), Self.row("b", .agrees)])
        record.notes = [String(repeating: "a long note ", count: 12) + "ends"]
        record.failures = [
            VerifyFailure(
                name: "a",
                specification: "s",
                shrunkSpecification: nil,
                command: command,
                reasons: [String(repeating: "a long reason ", count: 12)]
            )
        ]
        let lines = VerifyTable.rendered(record, style: .terminal()).split(separator: "\n")
        #expect(lines.contains { $0.hasSuffix("repeat: " + command) })
        for line in lines where !line.contains(command) {
            #expect(displayWidth(line) <= 80, "\(line)")
            #expect(line.last != " ")
        }
        #expect(lines.contains { $0.hasPrefix("causal bottom-right") && $0.contains("DIFFER") })
        let each = VerifyTable.renderedEach(record)
        #expect(each.contains(command))
        #expect(each.contains("avx512"))
    }
}
