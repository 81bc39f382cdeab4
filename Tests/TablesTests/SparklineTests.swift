import Testing

@testable import Tables

struct SparklineTests {
    @Test(
        arguments: [
            ([1, 2, 3, 4, 5, 6, 7, 8], "▁▂▃▄▅▆▇█", ".:-=+*%#"),
            ([100], "▁", "."),
            // A few percent are no mountain, and zeros are no fault.
            ([100, 101, 100], "▁▁▁", "..."), ([0, 0], "▁▁", ".."),
            ([100, 125], "▁█", ".#"), ([100, nil, 200], "▁·█", ".?#"),
        ] as [([Double?], String, String)]
    )
    func `bars reach from the least to the greatest`(
        _ numbers: [Double?],
        _ bars: String,
        _ shades: String
    ) {
        let cell = Sparkline.cell(numbers)
        #expect(cell.text == bars)
        #expect(cell.shaded == shades)
        #expect(displayWidth(shades) == displayWidth(bars))
    }

    @Test func `nothing has no bars`() {
        #expect(Sparkline.cell([]).text == Sparkline.cell([nil]).text)
        #expect(Sparkline.cell([nil]).shaded == nil)
    }

    @Test(
        arguments: [
            (["LANG": "en_US.UTF-8"], true), (["LANG": "C"], false), ([:], true),
            (["LANG": "en_US.UTF-8", "LC_ALL": "POSIX"], false),
            (["LANG": "C", "LC_CTYPE": "C.utf8"], true), (["LC_ALL": "", "LANG": "C"], false),
        ] as [([String: String], Bool)]
    )
    func `only a terminal without UTF-8 gets shades`(
        _ environment: [String: String],
        _ isUnicode: Bool
    ) {
        let terminal = Style(isTerminal: true) { environment[$0] }
        #expect(terminal.isUnicode == isUnicode)
        #expect(Style(isTerminal: false) { environment[$0] }.isUnicode)
        var table = TextTable([.words("trend"), .number("x")])
        table.addRow([Sparkline.cell([1, 2]), "1"])
        #expect(table.rendered(style: terminal).contains("▁█") == isUnicode)
        #expect(table.rendered(style: terminal).contains(".#") != isUnicode)
    }
}
