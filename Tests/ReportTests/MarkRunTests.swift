import Testing

@testable import Report

/// Thousands of marks as one path.
struct MarkRunTests {
    private func line(
        _ symbol: String,
        _ x: String,
        _ y: String,
        scale: String = "1.80",
        color: String = "rgb(  0, 114, 178)"
    ) -> Substring {
        "<use xlink:href='#\(symbol)' transform='translate(\(x),\(y)) scale(\(scale))' "
            + "color='\(color)'/>"
    }

    @Test func `dots and crosses of one kind become one path`() throws {
        var dots = try #require(MarkRun(line("gpPt6", "54.53", "91.00")))
        let isTaken = dots.take(line("gpPt6", "274.82", "18.01"))
        #expect(isTaken)
        let path = dots.markup { _ in "C" }
        #expect(path.contains(" d='M54.5 91h0M274.8 18h0'"))
        #expect(path.contains("stroke='C'") && path.contains("stroke-width='3.6'"))
        #expect(path.contains("round"))
        let cross = try #require(MarkRun(line("gpPt1", "10.00", "20.00", scale: "3.00")))
        #expect(cross.markup { $0 }.contains(" d='M7 17l6 6m0-6l-6 6'"))
    }

    @Test func `another kind, size or colour begins another path`() throws {
        var run = try #require(MarkRun(line("gpPt6", "1", "2")))
        for other in [
            line("gpPt1", "1", "2"), line("gpPt6", "1", "2", scale: "1.9"),
            line("gpPt6", "1", "2", color: "white"), "<g>", line("gpPt6", "x", "2"),
        ] {
            let isTaken = run.take(other)
            #expect(!isTaken, "\(other)")
        }
        #expect(MarkRun(line("gpPt4", "1", "2")) == nil)
        #expect(MarkRun("</svg>") == nil)
        #expect(MarkRun(line("gpPt6", "1e300", "2")) == nil)
    }

    @Test func `a picture keeps the order and the colour of its marks`() throws {
        let text =
            "<svg\n width=\"9\">\n\(line("gpPt6", "1.00", "2.00"))\n\(line("gpPt6", "3.00", "4.00"))\n"
            + "\(line("gpPt1", "5.00", "6.00"))\n<path d='M0,0'/>\n"
            + "\(line("gpPt6", "7.00", "8.00", color: "white"))\n</svg>\n"
        let markup = try #require(VectorPicture(gnuplot: text, identifier: "p", label: "l")).markup
        var rest = markup[...]
        for part in [
            "var(--blue", "M1 2h0M3 4h0", "M3.2 4.2l3.6 3.6", "M0,0", "var(--paper)", "M7 8h0",
            "</svg>",
        ] {
            let found = try #require(rest.firstRange(of: part), "\(part) in \(markup)")
            rest = rest[found.upperBound...]
        }
    }
}
