import Testing

@testable import Tables

struct TextTableTests {
    @Test func `numbers stand right, words left, and no line ends in a blank`() {
        var table = TextTable([.words("name"), .number("time"), .words("note")])
        table.addRow(["a", "1 ms", ""])
        table.addRow(["longer", "1204 ms", "slow"])
        let expected = """
            name       time  note
            ──────  ───────  ────
            a          1 ms
            longer  1204 ms  slow

            """
        #expect(table.rendered() == expected)
    }

    @Test func `titles of several lines stand at the bottom`() {
        var table = TextTable([.number("workers"), .number("vs 2\nthreads")])
        table.addRow(["1", "0.97"])
        let expected = """
                        vs 2
            workers  threads
            ───────  ───────
                  1     0.97

            """
        #expect(table.rendered() == expected)
    }

    @Test func `the gaps shrink first, then words are cut, numbers never`() {
        var table = TextTable([.words("what"), .number("count")])
        table.addRow(["abcdefghijklmnop", "1234567890"])
        #expect(table.rendered(style: .terminal(28)).contains("abcdefghijklmnop  1234567890\n"))
        #expect(table.rendered(style: .terminal(27)).contains("abcdefghijklmnop 1234567890\n"))
        #expect(table.rendered(style: .terminal(26)).contains("abcdefghijklmn… 1234567890\n"))
        #expect(table.rendered(style: .terminal(5)).contains("abcdefg… 1234567890\n"))
    }

    @Test func `without a terminal a table has its full width`() {
        var table = TextTable([.words("what"), .number("count", leaves: 1)])
        let word = String(repeating: "long", count: 40)
        table.addRow([.init(word), "1"])
        #expect(table.rendered().hasSuffix("\n\(word)      1\n"))
        #expect(table.rendered(style: .terminal()).contains("…"))
    }

    /// Accents of two scalars take one column, ideographs and emoji two.
    @Test(arguments: [("", 0), ("µs", 2), ("e\u{301}", 1), ("注意", 4), ("👍🏽", 2), ("±─…", 3)])
    func `the width of a text is its columns on a terminal`(text: String, columns: Int) {
        #expect(displayWidth(text) == columns)
    }

    @Test func `wide characters keep the columns aligned`() {
        var table = TextTable([.words("name"), .number("n")])
        table.addRow(["注意力", "1"])
        table.addRow(["e\u{301}", "22"])
        let widths = table.rendered().split(separator: "\n").map { displayWidth($0) }
        #expect(widths == [10, 10, 10, 10])
    }

    @Test func `colour marks the word without its padding`() {
        var table = TextTable([.number("bits")])
        table.addRow([.init("ok", .good)])
        #expect(table.rendered().hasSuffix("  ok\n"))
        #expect(
            table.rendered(style: Style(isColored: true)).hasSuffix("  \u{1B}[32mok\u{1B}[0m\n")
        )
    }

    @Test func `a long sentence is broken at spaces and indented`() {
        #expect(wrapped("one two three", columns: 8) == "one two\n  three")
        #expect(wrapped("one", columns: 8) == "one")
        #expect(wrapped("incomprehensible words", columns: 8) == "incomprehensible\n  words")
        #expect(wrapped("", columns: 8) == "")
    }

    @Test(
        arguments: [
            (true, [:], true), (false, [:], false), (true, ["NO_COLOR": ""], true),
            (true, ["NO_COLOR": "1"], false), (true, ["TERM": "dumb"], false),
            (true, ["TERM": "xterm"], true),
        ] as [(Bool, [String: String], Bool)]
    )
    func `only a terminal that allows colour gets it`(
        isTerminal: Bool,
        environment: [String: String],
        isColored: Bool
    ) {
        let style = Style(isTerminal: isTerminal) { environment[$0] }
        #expect(style.isColored == isColored)
    }
}
