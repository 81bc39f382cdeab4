import Testing

@testable import Tables

struct TerminalTests {
    @Test(arguments: [
        ("132", 132), ("20", 20), ("1000", 1000), ("19", nil), ("1001", nil), ("wide", nil),
        ("", nil), ("-5", nil),
    ])
    func `COLUMNS sets the width if it is a width`(stated: String, columns: Int?) {
        // No descriptor of this number is a terminal.
        #expect(Terminal.width(of: -1) { $0 == "COLUMNS" ? stated : nil } == columns)
    }

    @Test func `a wide terminal shows more and wraps less`() {
        let record = Samples.record([
            Samples.point(workers: 1, milliseconds: 79.8),
            Samples.point(workers: 2, milliseconds: 42.1),
        ])
        var style = Style.plain
        let narrow = record.table(style)
        #expect(!narrow.contains("p95"))
        style.columns = 160
        let wide = record.table(style)
        #expect(wide.contains("p95") && wide.contains("p99"))
        #expect(wide.split(separator: "\n").count < narrow.split(separator: "\n").count)
        for line in wide.split(separator: "\n") { #expect(displayWidth(line) <= 110, "\(line)") }
    }

    @Test func `a wide table fits the width it needs`() {
        let style = Style.terminal(PointTable.wideColumns)
        let points = [Samples.point(workers: 128, milliseconds: 1_079.8, status: .mistrusted)]
        for line in PointTable.table(points).rendered(style: style).split(separator: "\n") {
            #expect(displayWidth(line) <= style.columns, "\(line)")
        }
    }
}
