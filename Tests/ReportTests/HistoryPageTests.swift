import Host
import TestSupport
import Testing

@testable import Record
@testable import Report
@testable import Tables

/// The page of a history: a plot for each plan, and every record in a table.
struct HistoryPageTests {
    /// Three records of one plan, and one of another.
    private static func history(
        _ change: (inout [HistoryRecord.Measured]) throws -> Void = { _ in }
    ) throws -> HistoryRecord {
        var records: [HistoryRecord.Measured] = []
        for minute in 1...3 {
            var record = try Records.measured()
            record.started = "2025-11-21T01:0\(minute):00Z"
            records.append(("results/\(minute).json", record))
        }
        var other = try Records.measured()
        other.plan.plane = .named(.inline)
        records.append(("results/other.json", other))
        try change(&records)
        return HistoryRecord(
            host: .current(),
            started: "2025-11-21T02:00:00Z",
            commandLine: ["headwise", "history"],
            sources: ["results"],
            entries: HistoryRecord.entries(of: records)
        )
    }

    private static func numbers(_ block: Plot.Block) -> [[Double]] {
        block.rows.map { $0.map { Double($0) ?? .nan } }
    }

    @Test func `a plan is drawn with each worker count, its intervals and its changes`() throws {
        let history = try Self.history { records in
            var last = try #require(records[2].record as? RunRecord)
            for point in last.points.indices {
                for sample in last.points[point].samples.indices {
                    last.points[point].samples[sample].wallNanoseconds *= 3
                }
            }
            records[2].record = last
        }
        let series = try #require(history.series.first { $0.count == 3 })
        let plot = try #require(HistoryFigures.times(series, in: history)).plot
        #expect(plot.blocks.map(\.name).prefix(2) == ["1 worker", "2 workers"])
        for block in plot.blocks.prefix(2) {
            let rows = Self.numbers(block)
            #expect(rows.map { $0[0] } == [1, 2, 3])
            #expect(rows.allSatisfy { $0[2] < $0[1] && $0[1] < $0[3] })
        }
        // The third record is slower, and nothing is doubtful or faster.
        let marks = plot.blocks.suffix(3).map(Self.numbers)
        #expect(marks[1].map { $0[0] } == [3])
        #expect(marks[0][0][0].isNaN && marks[2][0][0].isNaN)
        #expect(plot.legend.count == 3)
    }

    @Test func `an unfinished record is apart from the line, and an invalid one is not drawn`()
        throws
    {
        let history = try Self.history { records in
            var killed = try #require(records[0].record as? RunRecord)
            (killed.verdict, killed.exitCode) = (nil, nil)
            records[0].record = killed
            var wrong = try #require(records[1].record as? RunRecord)
            wrong.verdict = Verdict(reasons: ["too fast"], sentence: "")
            wrong.exitCode = 12
            records[1].record = wrong
        }
        let series = try #require(history.series.first { $0.count == 3 })
        let figure = try #require(HistoryFigures.times(series, in: history))
        let blocks = figure.plot.blocks
        #expect(Self.numbers(blocks[1]).map { $0[0] } == [3])
        #expect(Self.numbers(blocks[2]).map { $0[0] } == [1])
        #expect(figure.table.rows.contains { $0.contains { $0.text == "INVALID" } })
        #expect(figure.table.rows.contains { $0.contains { $0.text == "UNFINISHED" } })
    }

    @Test func `a plan with one time has no plot`() throws {
        let history = try Self.history()
        let one = try #require(history.series.first { $0.count == 1 })
        #expect(HistoryFigures.times(one, in: history) == nil)
    }

    @Test(.enabled(if: hasGnuplot)) func `the page has a picture for each plan that has two times`()
        throws
    {
        let history = try Self.history()
        try history.validate(source: "history.json")
        let page = try ReportPage([try Records.stored(history)], gnuplot: Gnuplot())
        #expect(page.problem == nil)
        #expect(Markup(page.text).faults.isEmpty)
        #expect(page.plots.count == Plot.Format.allCases.count)
        for entry in history.entries {
            #expect(page.text.contains(HistoryTable.name(entry, in: history)))
        }
    }

    @Test func `many rows of a kernel record are drawn as far as they can be told apart`() throws {
        let kernel = try Records.kernel()
        var later = kernel
        later.started = "2099-01-01T00:00:00Z"
        let history = HistoryRecord(
            host: .current(),
            started: "2025-11-21T02:00:00Z",
            commandLine: ["headwise", "history"],
            sources: ["results"],
            entries: HistoryRecord.entries(of: [("a.json", kernel), ("b.json", later)])
        )
        let figure = try #require(HistoryFigures.times(history.entries, in: history))
        #expect(kernel.rows.count > 8)
        #expect(figure.plot.blocks.count == 8 + 3)
        #expect(figure.caption.contains("8 of \(kernel.rows.count)"))
        #expect(figure.table.rows.count == 2 * kernel.rows.count)
    }
}
