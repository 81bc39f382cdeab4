import FoundationEssentials
import TestSupport
import Testing

@testable import Files
@testable import Record
@testable import Report
@testable import Tables

/// A record with any numbers is refused or drawn.
struct DamagedRecordTests {
    private static let values = [
        "0", "1", "2", "-1", "0.5", "-0.5", "1e-300", "1e300", "4294967296", "9007199254740993",
        "9223372036854775807", "18446744073709551615", "3200000000000000000", "null", "\"x\"", "[]",
    ]

    /// A record with few samples, so that many changes hit something else.
    private static func small() throws -> RunRecord {
        var record = try Records.sweep()
        record.points = Array(record.points.prefix(2))
        let analysed = record.analysis?.points.prefix(2) ?? []
        record.analysis?.points = Array(analysed)
        for index in record.points.indices {
            let point = record.points[index]
            record.points[index].samples = Array(point.samples.prefix(2))
            record.points[index].summary = nil
        }
        record.baseCases = Array(record.baseCases.prefix(2))
        record.analysis?.recommendation.workers = 2
        record.verdict = nil
        record.exitCode = nil
        return record
    }

    enum Kind: CaseIterable { case run, kernel, compare }

    private static func text(_ kind: Kind) throws -> String {
        switch kind {
        case .run: return try JSONText.encode(try small())
        case .kernel:
            var kernel = try Records.kernel()
            kernel.rows = Array(kernel.rows.prefix(2))
            return try JSONText.encode(kernel)
        case .compare: return try JSONText.encode(try Records.comparison())
        }
    }

    @Test(arguments: Kind.allCases)
    func `a record with changed numbers is refused or drawn`(kind: Kind) throws {
        let folder = try TemporaryFolder()
        let text = try Self.text(kind)
        let lines = text.split(separator: "\n").map(String.init)
        let places = lines.indices.filter {
            lines[$0].last.map { $0.isNumber || $0 == "," } ?? false
        }
        let seed = UInt64.random(in: 1...UInt64.max)
        var generator = SplitMix(seed: seed)
        var drawn = 0
        for round in 0..<(isThorough ? 5000 : 150) {
            var changed = lines
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                guard let place = places.randomElement(using: &generator),
                    let value = Self.values.randomElement(using: &generator)
                else { continue }
                let comma = lines[place].hasSuffix(",") ? "," : ""
                let key = lines[place].firstRange(of: " : ").map {
                    String(lines[place][..<$0.upperBound])
                }
                changed[place] = (key ?? "") + value + comma
            }
            try folder.write("r.json", changed.joined(separator: "\n"))
            do {
                let stored = try StoredRecord.read("\(folder.path)/r.json")
                let page = try ReportPage([stored], gnuplot: noGnuplot)
                if !Markup(page.text).faults.isEmpty {
                    Issue.record("the page of round \(round), seed \(seed) is no markup")
                }
                for format in RecordFormat.allCases { _ = try stored.record.text(as: format) }
                drawn += 1
            } catch let error as ExperimentError {
                #expect(error.failure == .usage, "round \(round), seed \(seed): \(error)")
            }
        }
        #expect(drawn > 0, "seed \(seed): every record was refused")
    }
}
