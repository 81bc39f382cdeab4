import Testing

@testable import Record
@testable import Tables

/// The formats that other programs read.
struct RecordFormatTests {
    private static var sweep: RunRecord {
        Samples.record([
            Samples.point(workers: 1, milliseconds: 79.8),
            Samples.point(
                workers: 2,
                milliseconds: 42.1,
                faults: [Fault(worker: 1, shard: 17, reason: "a|b *c* <d>\ne", trial: 4)]
            ),
        ])
    }

    private func rows(_ text: String) -> [[Substring]] {
        #expect(text.hasSuffix("\r\n"))
        return text.split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
    }

    @Test func `every sample is one row of CSV`() throws {
        let record = Self.sweep
        let rows = rows(record.samples.csv)
        let columns = record.samples.columns
        #expect(rows[0].map(String.init) == columns)
        #expect(rows.count == 1 + 4 * 12)
        for row in rows { #expect(row.count == columns.count) }
        func column(_ name: String) throws -> [String] {
            let index = try #require(columns.firstIndex(of: name))
            return rows.dropFirst().map { String($0[index]) }
        }
        #expect(try column("configuration").filter { $0 == "process" }.count == 24)
        #expect(try column("workers").suffix(12).allSatisfy { $0 == "2" })
        let walls = try column("wall_nanoseconds").suffix(12).map { UInt64($0) }
        #expect(walls == record.points[1].samples.map(\.wallNanoseconds))
        let parts = try ["compute", "queue", "transfer", "merge", "idle"].map {
            UInt64(try #require(try column("\($0)_nanoseconds").last)) ?? 0
        }
        let last = try #require(record.points[1].samples.last)
        #expect(parts.reduce(0, +) == last.workers.reduce(0) { $0 + ($1.partsNanoseconds ?? 0) })
        #expect(try column("replicate").allSatisfy(\.isEmpty), "older records have none")
        #expect(try column("status").last == "AGREES")
    }

    @Test func `commas and quotes are quoted, and line ends are shown`() throws {
        var record = Self.sweep
        record.started = "a,b"
        record.host.fingerprint = "say \"x\"\r\ny"
        let text = record.samples.csv
        #expect(
            text.contains(
                #"headwise.scale/1,"a,b","say ""x""\u{d}\u{a}y",process,0,1,,1,"#
            )
        )
        #expect(text.split(separator: "\r\n").count == 1 + 4 * 12)
    }

    @Test func `every sample of a kernel is one row`() {
        let row = Samples.kernelRow(128, mask: .none, fraction: 0.8)
        let samples = Samples.kernel([row, row]).samples
        let rows = rows(samples.csv)
        #expect(rows[0].map(String.init) == samples.columns)
        #expect(rows.count == 1 + 2 * row.samplesNanoseconds.count)
        #expect(rows.allSatisfy { $0.count == samples.columns.count })
    }

    @Test func `a Markdown table has a rule and the same cells in every row`() {
        for text in [
            Self.sweep.markdown,
            Samples.record([Self.sweep.points[1]]).markdown,
            Samples.kernel([Samples.kernelRow(128, mask: .none, fraction: 0.8)]).markdown,
        ] {
            let tables = text.split(separator: "\n\n").filter { $0.hasPrefix("| ") }
            #expect(!tables.isEmpty)
            for table in tables {
                let counts = table.split(separator: "\n").map { line in
                    line.split(separator: " | ", omittingEmptySubsequences: false).count
                }
                #expect(Set(counts).count == 1, "\(table)")
                let rule = table.split(separator: "\n")[1]
                #expect(rule.allSatisfy { "|:- ".contains($0) })
            }
            #expect(!text.contains("\n\n\n"))
        }
    }

    @Test func `Markdown begins with the sentence and lists faults`() {
        let text = Self.sweep.markdown
        #expect(text.hasPrefix("**\(Self.sweep.sentence)**"))
        #expect(text.contains("| 2 | 42.1 ms | ±0.7 % | **1.86** | 93 % |"))
        #expect(text.contains("effi") && text.contains("| efficiency |"))
        let fault = text.split(separator: "\n").filter { $0.contains("a\\|b \\*c\\* \\<d\\>") }
        #expect(fault.count == 1)
        for word in ["2 workers", "worker 1", "shard 17", "trial 4"] {
            #expect(fault.first?.contains(word) == true, "\(word): \(fault)")
        }
        let empty = Samples.record([], baseCases: [])
        let sentence = empty.sentence
        #expect(empty.markdown.hasPrefix("**\(sentence)**"))
    }
}
