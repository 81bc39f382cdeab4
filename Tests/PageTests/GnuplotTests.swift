import TestSupport
import Testing

@testable import Page

/// What becomes of a page's pictures, whatever is called gnuplot on the path.
struct GnuplotTests {
    private static let plot = Plot(
        name: "line",
        blocks: [Plot.Block("a line", columns: ["x", "y"], rows: [["1", "2"], ["2", "3"]])],
        legend: ["a line"]
    ) { _ in
        ["plot DATA index 0 using 1:2 with lines lc rgb '\(Palette.blue.marker)' title 'a line'"]
    }

    private func draw(_ gnuplot: inout Gnuplot) -> VectorPicture? {
        gnuplot.draw(Self.plot, .wide, identifier: "p", label: "a <line>")
    }

    @Test(.enabled(if: hasGnuplot)) func `a plot becomes a picture in the page's colours`() throws {
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

    @Test func `without gnuplot there is a reason and what to do`() {
        for path in ["/nowhere", "", nil] as [String?] {
            var gnuplot = Gnuplot(path: path)
            #expect(draw(&gnuplot) == nil)
            #expect(gnuplot.problem?.contains("apt-get install gnuplot-nox") == true)
        }
    }

    @Test(arguments: [
        ("echo 'line 3: nonsense' >&2; exit 1", "ended with code 1: line 3: nonsense"),
        ("exit 0", "printed no whole picture"),
        ("cat >/dev/null; echo '<svg viewBox=\"0 0 1 1\">'", "printed no whole picture"),
        ("kill -9 $$", "was killed by signal 9"),
        // It closes everything and stays.
        ("exec >&- 2>&- <&-; read -t 600 <> <(:)", "was not done after 300 ms"),
        ("while :; do :; done", "was not done after 300 ms"),
    ])
    func `a gnuplot that does not draw is named with what it did`(
        body: String,
        reason: String
    ) throws {
        let folder = try TemporaryFolder()
        try folder.standIn(body)
        let isEndless = reason.contains("300")
        var gnuplot = Gnuplot(path: folder.path, milliseconds: isEndless ? 300 : 60_000)
        // The stand-ins need a shell's own commands only, since their PATH is ours.
        #expect(draw(&gnuplot) == nil)
        #expect(gnuplot.problem?.contains(reason) == true, "\(gnuplot.problem ?? "no problem")")
        #expect(gnuplot.problem?.contains("(line)") == true)
    }

    @Test func `words in a script mean only themselves`() {
        #expect(quoted("it's") == "'it''s'")
        #expect(quoted("a\nset output '/etc/passwd'\r\n") == "'aset output ''/etc/passwd'''")
        #expect(quoted("`rm -rf /`") == "'`rm -rf /`'")
        #expect(figure(nil) == "?")
        #expect(figure(.nan) == "?")
        #expect(figure(1.5) == "1.5")
    }

    @Test func `no two colours are mistaken for each other`() {
        #expect(Set(Palette.allCases.map(\.components)).count == Palette.allCases.count)
        #expect(Set(Palette.allCases.map(\.dark)).count == Palette.allCases.count)
        for color in Palette.allCases { #expect(color.components.count == 3) }
    }

    @Test(arguments: [
        (100.0, 5, 20.0), (101, 8, 20), (1, 5, 0.2), (0.3, 4, 0.1), (45, 5, 10), (33, 4, 10),
        (0, 4, 1),
    ])
    func `marks of an axis stand at round numbers`(span: Double, count: Int, step: Double) {
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
}
