import TestSupport
import Testing

@testable import Report

/// Pictures by gnuplot, and by programs that only have its name.
struct GnuplotTests {
    private static let plot = Plot(
        name: "curve",
        blocks: [Plot.Block("a line", columns: ["x", "y"], rows: [["1", "2"], ["2", "3"]])],
        legend: ["a line"]
    ) { _ in
        ["plot DATA index 0 using 1:2 with lines lc rgb '\(Palette.blue.marker)' title 'a line'"]
    }

    private func draw(_ gnuplot: inout Gnuplot) -> VectorPicture? {
        gnuplot.draw(Self.plot, .wide, identifier: "p", label: "a <line>")
    }

    @Test(.enabled(if: hasGnuplot)) func `a plot becomes a picture with the colours of the page`()
        throws
    {
        var gnuplot = Gnuplot()
        let picture = try #require(draw(&gnuplot))
        #expect(gnuplot.problem == nil)
        #expect(picture.markup.hasPrefix("<svg"))
        #expect(picture.markup.hasSuffix("</svg>"))
        #expect(picture.markup.contains("var(--blue,#0072b2)"))
        #expect(picture.markup.contains("<text>a line</text>"))
        #expect(picture.markup.contains("aria-label=\"a &lt;line&gt;\""))
        #expect(!picture.markup.contains("rgb("))
        #expect(!picture.markup.contains("Gnuplot"))
        let markup = Markup(picture.markup)
        #expect(markup.faults.isEmpty)
        #expect(markup.identifiers.allSatisfy { $0.hasPrefix("p-") })
        let alone = Markup(picture.standalone)
        #expect(alone.faults.isEmpty)
        #expect(picture.standalone.contains("prefers-color-scheme:dark"))
    }

    @Test(
        .enabled(if: hasGnuplot),
        arguments: [
            "100%", "%g", "%.2f", "a%%b", "5 %", "'", "'s", "a''''b", "''", "it's \"`\\n\\", "%'",
        ]
    )
    func `a mark shows its text and not a number`(text: String) throws {
        let plot = Plot(
            name: "p",
            blocks: [Plot.Block("a", columns: ["x", "y"], rows: [["1", "2"], ["2", "3"]])],
            legend: []
        ) { _ in
            [
                "set xtics (\(quotedMark(text)) 1.5)",
                "plot DATA index 0 using 1:2 with lines notitle",
            ]
        }
        var gnuplot = Gnuplot()
        let picture = gnuplot.draw(plot, .wide, identifier: "p", label: "l")
        let markup = try #require(picture, "\(gnuplot.problem ?? "")").markup
        // gnuplot leaves quotes as they are.
        let shown = escapedMarkup(text).replacing("&#39;", with: "'").replacing(
            "&quot;",
            with: "\""
        )
        #expect(markup.contains("<text>\(shown)</text>"), "\(markup)")
    }

    @Test(.enabled(if: hasGnuplot), arguments: Plot.Format.allCases, [1, 4, 9])
    func `a legend stands above its plot`(_ format: Plot.Format, _ count: Int) throws {
        let legend = (1...count).map { "entry number \($0)" }
        let plot = Plot(
            name: "p",
            blocks: [Plot.Block("a", columns: ["x", "y"], rows: [["1", "2"], ["2", "3"]])],
            legend: legend
        ) { _ in
            let curves = legend.map { "DATA index 0 using 1:2 with lines title \(quoted($0))" }
            return ["plot \(curves.joined(separator: ", "))"]
        }
        func number(after word: String, in text: String) throws -> Double {
            let rest = try #require(text.split(separator: word).dropFirst().first)
            return try #require(Double(rest.prefix { $0.isNumber || $0 == "." }))
        }
        let script = plot.script(format)
        let height = try number(after: "size \(format.width),", in: script)
        let top = height * (1 - (try number(after: "set tmargin at screen ", in: script)))
        var gnuplot = Gnuplot()
        let picture = gnuplot.draw(plot, format, identifier: "p", label: "l")
        let markup = try #require(picture, "\(gnuplot.problem ?? "")").markup
        let last = try #require(markup.range(of: "<text>\(legend[count - 1])</text>")).lowerBound
        let place = try #require(markup[..<last].split(separator: "translate(").last)
        // The line on which its letters stand, and what is below that.
        let base = try #require(Double(place.split { ",)".contains($0) }[1]))
        #expect(base + 3 < top)
    }

    @Test func `a missing gnuplot is reported with the command that installs it`() {
        for path in ["/nowhere", "", nil] as [String?] {
            var gnuplot = Gnuplot(path: path)
            #expect(draw(&gnuplot) == nil)
            #expect(gnuplot.problem?.contains("apt-get install gnuplot-nox") == true)
        }
    }

    @Test(arguments: [
        ("echo 'line 3: nonsense' >&2; exit 7", ["7", "line 3: nonsense"]),
        ("kill -9 $$", ["signal 9"]),
        // It closes its streams and goes on.
        ("exec >&- 2>&- <&-; read -t 600 <> <(:)", ["300 ms"]),
        ("while :; do :; done", ["300 ms"]),
    ])
    func `a failed gnuplot is reported with the reason`(
        body: String,
        reason: [String]
    ) throws {
        let folder = try TemporaryFolder()
        try folder.standIn(body)
        let isEndless = reason == ["300 ms"]
        var gnuplot = Gnuplot(path: folder.path, milliseconds: isEndless ? 300 : 60_000)
        // The stand-ins use commands of the shell only.
        #expect(draw(&gnuplot) == nil)
        let problem = try #require(gnuplot.problem)
        for word in reason + ["curve"] { #expect(problem.contains(word), "\(problem)") }
    }

    @Test(arguments: ["exit 0", "cat >/dev/null; echo '<svg viewBox=\"0 0 1 1\">'"])
    func `a gnuplot without a whole picture is reported`(body: String) throws {
        let folder = try TemporaryFolder()
        try folder.standIn(body)
        var gnuplot = Gnuplot(path: folder.path)
        #expect(draw(&gnuplot) == nil)
        let problem = try #require(gnuplot.problem)
        #expect(problem.contains("curve"), "\(problem)")
        for other in ["code", "signal", " ms"] { #expect(!problem.contains(other), "\(problem)") }
    }

    @Test func `quoted words have no special meaning in a script`() {
        #expect(quoted("it's") == "\"it's\"")
        #expect(quoted("a\nset output '/etc/passwd'\r\n") == "\"aset output '/etc/passwd'\"")
        #expect(quoted("'\"`\\") == "\"'\\042\\140\\134\"")
        #expect(quoted("`rm -rf /`") == "'`rm -rf /`'")
        #expect(figure(nil) == "?")
        #expect(figure(.nan) == "?")
        #expect(figure(1.5) == "1.5")
    }

    @Test func `all colours differ`() {
        #expect(Set(Palette.allCases.map(\.components)).count == Palette.allCases.count)
        #expect(Set(Palette.allCases.map(\.dark)).count == Palette.allCases.count)
        for color in Palette.allCases { #expect(color.components.count == 3) }
    }

    @Test(arguments: [
        (100.0, 5, 20.0), (101, 8, 20), (1, 5, 0.2), (0.3, 4, 0.1), (45, 5, 10), (33, 4, 10),
        (0, 4, 1),
    ])
    func `the marks of an axis are at round numbers`(span: Double, count: Int, step: Double) {
        #expect(abs(tickStep(span, count: count) - step) < 1e-9)
    }

    @Test func `a logarithmic axis has marks within its range`() {
        #expect(
            logarithmicTicks(from: 3, to: 60, isSparse: false)
                == "('5' 5.0, '10' 10.0, '20' 20.0, '50' 50.0)"
        )
        #expect(
            logarithmicTicks(from: 3, to: 600, isSparse: true) == "('10' 10.0, '100' 100.0)"
        )
        #expect(logarithmicTicks(from: 0, to: 1, isSparse: true) == "autofreq")
    }

    @Test(
        arguments: [
            .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity,
        ] as [Double]
    )
    func `the marks of an axis end where powers of ten do`(_ extreme: Double) {
        #expect(logarithmicTicks(from: extreme, to: 10, isSparse: true) == "autofreq")
        #expect(logarithmicTicks(from: 10, to: extreme, isSparse: true) == "autofreq")
        #expect(tickStep(extreme, count: 4) == 1)
    }
}
