import Record

/// A heat map in letters: colours where the terminal has them, shades elsewhere, and numbers where
/// there is room for them.
struct TerminalMap {
    private let map: HeatMap
    private let axes: MapRecord.Axes
    private let scale: MapScale
    private let depth: Style.ColorDepth
    private let form: Form
    private let title: String
    /// Columns for the names of rows.
    private let margin: Int

    /// How a cell is written.
    private enum Form: Equatable {
        /// Its number, on its colour.
        case number(width: Int)
        /// Half of a letter, so that cells are squares; some letters wide.
        case half(width: Int)
        /// Letters of shade.
        case shade(width: Int)
    }

    /// With the space after it; a map of longer numbers has wider cells.
    private static let numberWidth = 7
    /// Numbers are written in maps of up to so many cells.
    private static let mostNumberedRows = 16
    private static let mostLines = 32
    private static let longestLabel = 12
    /// From least to most.
    private let shades: [Character]

    /// The map as it fits into `columns`; the cells of a mask are filled, not numbered.
    init(
        _ map: HeatMap,
        _ axes: MapRecord.Axes,
        _ scale: MapScale,
        _ reduction: HeatMap.Reduction,
        isMask: Bool = false,
        style: Style,
        columns: Int
    ) {
        self.axes = axes
        self.scale = scale
        depth = style.colorDepth
        shades = Array(style.isUnicode ? "░▒▓█" : ".+*#")
        let longest = min(Self.longestLabel, columns / 3)
        let labels = axes.rowLabels.map { labels in
            labels.map { min(longest, displayWidth(visible($0))) }.max() ?? 0
        }
        margin = max(labels ?? 0, String(map.firstRow + map.rowCount - 1).count) + 1
        let room = max(8, columns - margin)
        title = truncated(visible(map.title), columns: margin + room)
        if !isMask, map.height <= Self.mostNumberedRows, map.width * Self.numberWidth <= room {
            let longest = map.cells.lazy.compactMap { $0.map { Self.number($0).count } }.max() ?? 0
            let width = max(Self.numberWidth, longest + 1)
            if map.width * width <= room {
                form = .number(width: width)
                self.map = map
                return
            }
        }
        // Halves of letters are beyond ASCII.
        if depth == .none || !style.isUnicode {
            // A letter is twice as high as wide: cells are squares of two letters, or of one letter
            // with twice as many rows.
            let square = Self.step(map, width: room / 2, height: Self.mostLines)
            let high = Self.step(map, width: room, height: 2 * Self.mostLines)
            form = .shade(width: square <= high ? 2 : 1)
            self.map =
                square <= high
                ? Self.fitted(map, square, square, width: room / 2, reduction)
                : Self.fitted(map, 2 * high, high, width: room, reduction)
        } else {
            let step = Self.step(map, width: room, height: 2 * Self.mostLines)
            let fitted = Self.fitted(map, step, step, width: room, reduction)
            self.map = fitted
            // Small maps grow to a size at which a cell can be seen.
            let grown = min(room / fitted.width, 2 * Self.mostLines / fitted.height, 4)
            form = .half(width: max(1, grown))
        }
    }

    /// How many rows and columns a cell must have so that the map fits.
    private static func step(_ map: HeatMap, width: Int, height: Int) -> Int {
        max((map.width - 1) / max(1, width) + 1, (map.height - 1) / height + 1)
    }

    /// The map with cells of so many rows and columns, so that it keeps its shape.
    ///
    /// A map of a few rows or columns keeps these.
    private static func fitted(
        _ map: HeatMap,
        _ rows: Int,
        _ columns: Int,
        width: Int,
        _ reduction: HeatMap.Reduction
    ) -> HeatMap {
        let few = 8
        let height = (map.height - 1) / rows + 1
        let across = (map.width - 1) / columns + 1
        return map.fitting(
            height: height >= few ? height : min(map.height, 2 * few),
            width: across >= few ? across : min(map.width, 2 * few, width),
            reduction
        )
    }

    private var isShaded: Bool {
        if case .shade = form { true } else { false }
    }

    private var isNumbered: Bool {
        if case .number = form { true } else { false }
    }

    private var cellWidth: Int {
        switch form {
        case .number(let width), .half(let width), .shade(let width): width
        }
    }

    /// All lines have this many columns.
    var columns: Int { max(margin + map.width * cellWidth, displayWidth(title)) }

    /// Title, cells, and the numbers of the columns.
    var lines: [String] {
        var lines = [padded(title, to: columns)]
        switch form {
        case .number, .shade:
            for row in 0..<map.height {
                let cells = (0..<map.width).map { text(map[row, $0]) }.joined()
                lines.append(line(label(row, every: isNumbered ? 1 : 4), cells))
            }
        case .half(let width):
            for line in 0..<(map.height * width + 1) / 2 {
                let (upper, lower) = (2 * line / width, (2 * line + 1) / width)
                let cells = (0..<map.width).map { column in
                    let below = lower < map.height ? map[lower, column] : nil
                    return half(map[upper, column], below, width: width)
                }.joined()
                let isFirstLine = line == 0 || 2 * line / width != (2 * line - 2) / width
                lines.append(
                    self.line(isFirstLine ? label(upper, every: width > 1 ? 1 : 8) : "", cells)
                )
            }
        }
        lines.append(padded(String(repeating: " ", count: margin) + columnNames, to: columns))
        return lines
    }

    private func line(_ label: String, _ cells: String) -> String {
        let filled = map.width * cellWidth
        let rest = String(repeating: " ", count: columns - margin - filled)
        return padded(label, to: margin, isRight: true) + cells + rest
    }

    /// The name of a row of cells: the token of its first row, or the number of that on some lines.
    private func label(_ row: Int, every step: Int) -> String {
        let first = map.firstRow + row * map.rowsPerCell
        if let labels = axes.rowLabels {
            return truncated(visible(labels[first]), columns: margin - 1) + " "
        }
        return row % step == 0 ? "\(first) " : ""
    }

    /// Cells of a line that has a name.
    private var rowsPerLine: Int { form == .half(width: 1) ? 2 : 1 }

    /// Cells that share the room of one token: a token cut to fewer letters says little.
    private var columnsPerToken: Int {
        let least = 7
        let longest = axes.columnLabels.map { labels in
            (0..<map.width).map { displayWidth(visible(labels[token(ofCell: $0)])) + 1 }.max() ?? 1
        }
        return (min(longest ?? 1, least) - 1) / cellWidth + 1
    }

    /// The first column of a cell.
    private func token(ofCell column: Int) -> Int { map.firstColumn + column * map.columnsPerCell }

    /// How many rows and columns have one token that is drawn.
    private var tokenSteps: MapPicture.TokenSteps {
        MapPicture.TokenSteps(
            row: axes.rowLabels == nil ? 1 : map.rowsPerCell * rowsPerLine,
            column: axes.columnLabels == nil ? 1 : map.columnsPerCell * columnsPerToken
        )
    }

    private var columnNames: String {
        let filled = map.width * cellWidth
        if let labels = axes.columnLabels {
            let each = columnsPerToken
            return stride(from: 0, to: map.width, by: each).map { column in
                let room = min(each, map.width - column) * cellWidth
                let name = visible(labels[token(ofCell: column)])
                // The last one may have less room than the others, too little to be cut.
                let isShown = displayWidth(name) < room || room == each * cellWidth
                return padded(isShown ? truncated(name, columns: room - 1) : "", to: room)
            }.joined()
        }
        let (first, last) = ("\(map.firstColumn)", "\(map.firstColumn + map.columnCount - 1)")
        guard first.count + last.count < filled else { return first }
        return first + String(repeating: " ", count: filled - first.count - last.count) + last
    }

    // MARK: Cells

    private func text(_ value: Float?) -> String {
        guard let value else { return String(repeating: " ", count: cellWidth) }
        let fraction = scale.fraction(value)
        guard isNumbered else {
            let index = min(shades.count - 1, Int(fraction * Double(shades.count)))
            return String(repeating: shades[index], count: cellWidth)
        }
        let number = padded(Self.number(value) + " ", to: cellWidth, isRight: true)
        guard depth != .none else { return number }
        let color = ColorRamp.color(fraction)
        return "\u{1B}[\(depth.background(color));\(color.isLight ? 30 : 97)m\(number)\u{1B}[0m"
    }

    /// Two significant digits at least; those from 1e-9 on take six letters.
    static func number(_ value: Float) -> String {
        let (value, size) = (Double(value), Double(value).magnitude)
        guard size != 0 else { return Units.decimal(0, places: 3) }
        if size < 0.000_995 || size >= 1000 { return Units.scientific(value) }
        return Units.decimal(value, places: size < 0.009_95 ? 4 : size < 9.9995 ? 3 : 1)
    }

    /// Two cells, one above the other.
    private func half(_ upper: Float?, _ lower: Float?, width: Int) -> String {
        func color(_ value: Float) -> ColorRamp.Color { ColorRamp.color(scale.fraction(value)) }
        func letters(_ letter: String) -> String { String(repeating: letter, count: width) }
        switch (upper, lower) {
        case (nil, nil): return letters(" ")
        case (let upper?, nil):
            return "\u{1B}[\(depth.foreground(color(upper)))m\(letters("▀"))\u{1B}[0m"
        case (nil, let lower?):
            return "\u{1B}[\(depth.foreground(color(lower)))m\(letters("▄"))\u{1B}[0m"
        case (let upper?, let lower?):
            let codes = depth.foreground(color(upper)) + ";" + depth.background(color(lower))
            return "\u{1B}[\(codes)m\(letters("▀"))\u{1B}[0m"
        }
    }
}

extension TerminalMap {
    /// The maps side by side, as many as fit, and the legend of their colours.
    static func text(_ maps: MapPicture, style: Style) -> String {
        let gap = 3
        let room = style.columns
        let perRow = max(1, min(maps.perRow, maps.maps.count))
        // A map needs this much to be read; with less, fewer stand side by side.
        let widest = maps.maps.map(\.width).max() ?? 1
        let least = min(48, max(24, (style.colorDepth == .none ? 2 : 1) * widest + 6))
        let beside = max(1, min(perRow, (room + gap) / (least + gap)))
        let own = min(100, (room - gap * (beside - 1)) / beside)
        var lines: [String] = []
        var drawn: TerminalMap?
        for first in stride(from: 0, to: maps.maps.count, by: beside) {
            let group = maps.maps[first..<min(first + beside, maps.maps.count)].map { map in
                TerminalMap(
                    map,
                    maps.axes,
                    maps.scale,
                    maps.reduction,
                    isMask: maps.isMask,
                    style: style,
                    columns: own
                )
            }
            drawn = group.first
            let columns = group.map(\.lines)
            for line in 0..<(columns.map(\.count).max() ?? 0) {
                let parts = zip(group, columns).map { map, lines in
                    line < lines.count ? lines[line] : String(repeating: " ", count: map.columns)
                }
                lines.append(
                    withoutTrailingSpace(
                        parts.joined(separator: String(repeating: " ", count: gap))
                    )
                )
            }
            lines.append("")
        }
        let below = drawn.map { $0.legend(of: maps, style: style) } ?? []
        return (lines + below).map { $0 + "\n" }.joined()
    }

    private static func withoutTrailingSpace(_ line: String) -> String {
        var line = line[...]
        while line.last == " " { line.removeLast() }
        return String(line)
    }

    private func legend(of maps: MapPicture, style: Style) -> [String] {
        let image = maps.hasImage ? " The image lies under the maps of --picture and --report." : ""
        let caption = wrapped(
            maps.caption(cellsOf: map, named: tokenSteps) + image,
            columns: style.textColumns,
            indent: ""
        )
        guard maps.hasScale(cellsOf: map) else { return [caption] }
        let (low, high) = (maps.end(maps.scale.low), maps.end(maps.scale.high))
        let room = style.columns - "\(low)  \(high)".count
        let ramp: String
        if depth == .none || isShaded {
            let each = max(1, min(3, room / shades.count))
            ramp = shades.map { String(repeating: $0, count: each) }.joined()
        } else {
            let steps = max(2, min(24, room))
            ramp =
                (0..<steps).map { step in
                    let color = ColorRamp.color(Double(step) / Double(steps - 1))
                    return "\u{1B}[\(depth.background(color))m "
                }.joined() + "\u{1B}[0m"
        }
        return ["\(low) \(ramp) \(high)", caption]
    }
}

/// The text with spaces after it, or before it, up to a width.
func padded(_ text: String, to columns: Int, isRight: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, columns - displayWidth(text)))
    return isRight ? spaces + text : text + spaces
}
