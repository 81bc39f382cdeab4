import Record
import TestSupport
import Testing

@testable import Tables

/// Maps on terminals of every kind.
struct TerminalMapTests {
    /// A letter of a terminal, with its colours.
    private struct Letter {
        var character: Character
        var foreground = ""
        var background = ""
    }

    /// What a terminal shows of a text.
    private static func screen(_ text: String) -> [[Letter]] {
        var (foreground, background) = ("", "")
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            var letters: [Letter] = []
            var rest = line[...]
            while let character = rest.popFirst() {
                guard character == "\u{1B}" else {
                    letters.append(
                        Letter(character: character, foreground: foreground, background: background)
                    )
                    continue
                }
                let code = rest.dropFirst().prefix { $0 != "m" }
                rest = rest.dropFirst(code.count + 2)
                if code == "0" { (foreground, background) = ("", "") }
                // A colour has the prefix 38 or 48 and two or four numbers after it.
                var words = code.split(separator: ";")[...]
                while let word = words.popFirst(), word == "38" || word == "48" {
                    let color = words.prefix(words.first == "5" ? 2 : 4)
                    words = words.dropFirst(color.count)
                    if word == "38" {
                        foreground = color.joined(separator: ";")
                    } else {
                        background = color.joined(separator: ";")
                    }
                }
            }
            return letters
        }
    }

    private static func map(_ rows: Int, _ columns: Int, title: String = "m") -> HeatMap {
        let cells = (0..<rows * columns).map { index -> Float? in
            guard index % 7 != 3 else { return nil }
            return Float(index * 31 % 101) / 100
        }
        return HeatMap(title: title, rowCount: rows, columnCount: columns, cells: cells)
    }

    private static func style(_ depth: Style.ColorDepth, columns: Int) -> Style {
        var style = Style(isColored: depth != .none)
        style.colorDepth = depth
        style.columns = columns
        return style
    }

    private static func picture(
        _ maps: [HeatMap],
        scale: MapRecord.ColorScale = .linear,
        rowLabels: [String]? = nil,
        columnLabels: [String]? = nil
    ) -> MapPicture {
        var record = MapRecord(
            .weights,
            host: Samples.host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise"],
            reduction: .maximum,
            scale: scale,
            mapsPerRow: maps.count
        )
        record.maps = maps
        record.axes.rowLabels = rowLabels
        record.axes.columnLabels = columnLabels
        return MapPicture(record)
    }

    @Test(arguments: [Style.ColorDepth.cube, .full])
    func `half a letter has the colour of its cell`(_ depth: Style.ColorDepth) throws {
        // 41 rows need 21 lines of two cells each; the last has one.
        let map = Self.map(41, 20)
        let picture = Self.picture([map])
        let screen = Self.screen(TerminalMap.text(picture, style: Self.style(depth, columns: 80)))
        let margin = 3
        for row in 0..<41 {
            let line = screen[1 + row / 2]
            for column in 0..<20 {
                let letter = margin + column < line.count ? line[margin + column] : nil
                let isUpper = row % 2 == 0
                guard let value = map[row, column] else {
                    // Nothing of this cell's half is drawn.
                    guard let letter else { continue }
                    #expect(letter.character != (isUpper ? "▀" : "▄"))
                    if !isUpper { #expect(letter.background.isEmpty) }
                    continue
                }
                let found = try #require(letter)
                let color = String(
                    depth.foreground(ColorRamp.color(picture.scale.fraction(value))).dropFirst(3)
                )
                let shown =
                    found.character == (isUpper ? "▀" : "▄") ? found.foreground : found.background
                #expect(shown == color, "row \(row), column \(column)")
            }
        }
    }

    @Test func `without colours a cell is a shade`() throws {
        let map = Self.map(20, 24)
        let picture = Self.picture([map])
        let lines = TerminalMap.text(picture, style: Self.style(.none, columns: 80))
            .split(separator: "\n").map { Array($0) }
        for row in 0..<20 {
            for column in 0..<24 {
                let line = lines[1 + row]
                let place = 3 + 2 * column
                let letters = place + 1 < line.count ? [line[place], line[place + 1]] : [" ", " "]
                let index = map[row, column].map { min(3, Int(picture.scale.fraction($0) * 4)) }
                let shade: Character = index.map { ["░", "▒", "▓", "█"][$0] } ?? " "
                #expect(letters == [shade, shade], "row \(row), column \(column)")
            }
        }
    }

    @Test(arguments: [Style.ColorDepth.none, .cube, .full])
    func `a terminal without UTF-8 has cells of ASCII`(_ depth: Style.ColorDepth) {
        var style = Self.style(depth, columns: 80)
        style.isUnicode = false
        for (rows, columns) in [(3, 3), (20, 24), (200, 300)] {
            let screen = Self.screen(
                TerminalMap.text(Self.picture([Self.map(rows, columns)]), style: style)
            )
            let cells = screen.prefix { !$0.isEmpty }.joined().map(\.character)
            #expect(cells.allSatisfy { $0.isASCII })
            #expect(cells.contains("#") == (rows > 3))
        }
    }

    @Test func `small maps have numbers and tokens`() {
        let map = HeatMap(
            title: "m",
            firstRow: 1,
            rowCount: 2,
            columnCount: 3,
            cells: [0.25, nil, 0.5, 1, 2e-5, 0]
        )
        let picture = Self.picture(
            [map],
            rowLabels: ["no", "the", "cat"],
            columnLabels: ["le", "chat", "préférable"]
        )
        let lines = TerminalMap.text(picture, style: Self.style(.none, columns: 80))
            .split(separator: "\n").map(String.init)
        #expect(lines[1] == "the  0.250         0.500")
        #expect(lines[2] == "cat  1.000 2.0e-5  0.000")
        #expect(lines[3].split(separator: " ") == ["le", "chat", "préfé…"])
        #expect(!lines.contains { $0.contains("no ") })
    }

    @Test(arguments: [Style.ColorDepth.none, .cube])
    func `numbers stand in columns, however long they are`(_ depth: Style.ColorDepth) throws {
        let cells: [Float?] = [1e-30, 0.5, 0.25, 0.125, -1e-30, 0.5, 0, nil, 1]
        let map = HeatMap(title: "m", rowCount: 3, columnCount: 3, cells: cells)
        for columns in [20, 40, 80] {
            let screen = Self.screen(
                TerminalMap.text(Self.picture([map]), style: Self.style(depth, columns: columns))
            )
            let ends = screen[1...3].map { line in
                line.lastIndex { $0.character != " " } ?? 0
            }
            #expect(Set(ends).count == 1, "\(ends)")
            for line in screen[1...3] { #expect(line.count <= columns) }
        }
    }

    @Test(arguments: [Style.ColorDepth.none, .full], [60, 200])
    func `of tokens without room every so many is written, and the caption says so`(
        _ depth: Style.ColorDepth,
        _ count: Int
    ) throws {
        let tokens = (0..<count).map { "t\($0)." }
        let picture = Self.picture(
            [Self.map(count, count)],
            rowLabels: tokens,
            columnLabels: tokens
        )
        let screen = Self.screen(TerminalMap.text(picture, style: Self.style(depth, columns: 80)))
            .map { String($0.map(\.character)) }
        func numbers(_ text: some StringProtocol) -> [Int] {
            text.split(separator: " ").filter { $0.hasPrefix("t") }
                .compactMap { Int($0.dropFirst().prefix { $0.isNumber }) }
        }
        let margin = tokens.map(\.count).max() ?? 0
        let down = screen.dropFirst().map { numbers($0.prefix(margin)) }
            .prefix { $0.count == 1 }.flatMap(\.self)
        let right = numbers(screen[1 + down.count])
        let caption = screen.suffix(8).joined(separator: " ")
        for named in [down, right] {
            try #require(named.count > 2)
            // The last one may have no room.
            let expected = Array(stride(from: 0, to: count, by: named[1]))
            #expect(named == expected || named == expected.dropLast())
            #expect(caption.contains(Units.ordinal(named[1])) || named[1] == 1, "\(caption)")
        }
        // None is cut to less than that.
        #expect(!screen[1 + down.count].contains("…"))
    }

    @Test(arguments: -9...3)
    func `a weight has two significant digits, in six letters`(_ exponent: Int) throws {
        let power = (0..<abs(exponent)).reduce(1.0) { value, _ in value * 10 }
        for digits in [1.049, 1.051, 5.64, 9.949, 9.951, 9.9996] {
            let value = Float(exponent < 0 ? digits / power : digits * power)
            let text = TerminalMap.number(value)
            #expect(displayWidth(text) <= 6, "\(text)")
            let shown = try #require(Float(text))
            #expect(abs(shown - value) <= 0.0501 * value, "\(text)")
        }
    }

    @Test(
        arguments: [20, 40, 80, 132],
        [Style.ColorDepth.none, .cube, .full]
    )
    func `no line is wider than the terminal`(columns: Int, depth: Style.ColorDepth) {
        let sizes = [(1, 1), (1, 200), (200, 1), (3, 5), (16, 8), (70, 90)]
        let long = "a token that no terminal has room for, whatever its width may be, 注意"
        for (rows, width) in sizes {
            for count in [1, 3] {
                let maps = (0..<count).map { _ in Self.map(rows, width, title: long) }
                let picture = Self.picture(
                    maps,
                    scale: .log,
                    rowLabels: Array(repeating: long, count: rows),
                    columnLabels: Array(repeating: long, count: width)
                )
                let text = TerminalMap.text(picture, style: Self.style(depth, columns: columns))
                for line in Self.screen(text) {
                    let shown = String(line.map(\.character))
                    #expect(displayWidth(shown) <= columns, "\(rows) × \(width): \(shown)")
                }
            }
        }
    }

    @Test(arguments: [Style.ColorDepth.none, .full])
    func `a large map keeps its shape`(_ depth: Style.ColorDepth) {
        for (rows, columns) in [(128, 128), (100, 50), (60, 120), (64, 64), (33, 33)] {
            let map = Self.map(rows, columns)
            for width in [40, 80] {
                let text = TerminalMap.text(
                    Self.picture([map]),
                    style: Self.style(depth, columns: width)
                )
                let lines = Self.screen(text).dropFirst().prefix { $0.count > 0 }.dropLast()
                let left =
                    lines.map { line in
                        line.prefix { $0.character.isNumber || $0.character == " " }.count
                    }.min() ?? 0
                let shown = Double((lines.map(\.count).max() ?? 0) - left)
                // A letter is twice as high as it is wide.
                let ratio = 2 * Double(lines.count) / shown
                let exact = Double(rows) / Double(columns)
                #expect(
                    ratio > exact / 1.5 && ratio < exact * 1.5,
                    "\(rows) × \(columns) in \(width): \(ratio)"
                )
            }
        }
    }

    @Test func `a token cannot send control characters`() {
        let evil = "x\u{1B}[2J"
        let picture = Self.picture(
            [Self.map(2, 2, title: evil)],
            rowLabels: [evil, evil],
            columnLabels: [evil, evil]
        )
        let text = TerminalMap.text(picture, style: Self.style(.none, columns: 80))
        #expect(!text.contains("\u{1B}"))
    }

    @Test func `a ramp of colours gets lighter and a scale keeps its ends`() {
        let steps = (0...10).map { ColorRamp.color(Double($0) / 10) }
        for (darker, lighter) in zip(steps, steps.dropFirst()) {
            #expect(lighter.green > darker.green)
        }
        // Those of a terminal with 256 colours, too.
        let numbers = (0...100).map { ColorRamp.color(Double($0) / 100).terminalNumber }
        let lights = numbers.map { ColorRamp.terminalColor($0).lightness }
        for (darker, lighter) in zip(lights, lights.dropFirst()) { #expect(lighter >= darker) }
        #expect(Set(numbers).count == 11)
        let maps = [Self.map(9, 9), Self.map(3, 3)]
        for kind in MapRecord.ColorScale.allCases {
            let scale = MapScale(maps, kind)
            #expect(scale.kind == kind)
            #expect(scale.fraction(Float(scale.high)) == 1)
            #expect(scale.fraction(Float(scale.low)) == 0 && scale.fraction(0) == 0)
            let middle = scale.fraction(0.3)
            #expect(middle > 0 && middle < 1)
        }
        #expect(MapScale([Self.map(1, 1)], .log).kind == .linear)
    }
}
