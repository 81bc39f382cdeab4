import Attention
import Testing

@testable import Record
@testable import Tables

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

    @Test func `the last sentence counts the comparisons and gives the largest error`() {
        let rows = [Self.row("a", .exact), Self.row("b", .agrees)]
        let sentence = Self.record(rows).sentence
        for word in ["1,234,567", "3 instruction sets", "25 %"] {
            #expect(sentence.contains(word), "\(sentence)")
        }
        #expect(!sentence.contains("UNFINISHED"), "\(sentence)")
    }

    @Test func `the last sentence counts failures instead of the error`() {
        let rows = [
            Self.row("a", .disagrees), Self.row("b", .agrees), Self.row("c", .mistrusted),
        ]
        let wrong = Self.record(rows).sentence
        #expect(wrong.contains("1 of 3") && wrong.contains("DISAGREE"), "\(wrong)")
        let mistrusted = Self.record(Array(rows.dropFirst())).sentence
        #expect(mistrusted.contains("1 of 2"), "\(mistrusted)")
        for sentence in [wrong, mistrusted] { #expect(!sentence.contains("25 %"), "\(sentence)") }
        let empty = Self.record([], isComplete: false).sentence
        #expect(!empty.contains { $0.isNumber }, "\(empty)")
    }

    @Test func `a catalogue that stopped early says so, and names the signal`() {
        let rows = [Self.row("a", .agrees)]
        var stopped = Self.record(rows, isComplete: false)
        #expect(stopped.sentence != Self.record(rows).sentence)
        stopped.exitCode = 130
        let text = stopped.unfinished ?? ""
        #expect(text.contains("UNFINISHED") && text.contains("Ctrl-C"), "\(text)")
        stopped.exitCode = 0
        #expect(stopped.unfinished == nil)
    }

    @Test func `the table of a catalogue fits a terminal, and commands are never wrapped`() {
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
        let lines = record.table(.terminal()).split(separator: "\n")
        #expect(lines.contains { $0.hasSuffix(command) })
        for line in lines where !line.contains(command) {
            #expect(displayWidth(line) <= 80, "\(line)")
            #expect(line.last != " ")
        }
        #expect(lines.contains { $0.hasPrefix("causal bottom-right") && $0.contains("DIFFER") })
        for row in record.rows.indices { record.rows[row].feature = VerifyRow.givenCase }
        let each = record.table()
        #expect(each.contains(command))
        #expect(each.contains("avx512"))
    }
}
