import Record
import Tables

/// Where the maps of a picture stand, in units of the page.
struct MapPanels: Sendable {
    /// The size of the whole picture.
    let width: Int
    let height: Int
    /// Whether a bar of colours stands below the maps.
    let hasScale: Bool
    /// What cells and colours mean, in lines at the bottom; none on a page, whose caption says it.
    let key: [String]
    private let axes: MapRecord.Axes
    private let count: Int
    private let perRow: Int
    private let hasImage: Bool
    private let panelWidth: Double
    private let panelHeight: Double
    /// Room of a panel for the name of its rows and their marks, and for the marks below it.
    private let left: Double
    private let below: Double
    /// Room of a number below the bar of colours, of three digits.
    private let numberRoom: Double

    private static let above = 30.0
    private static let right = 14.0
    /// For the name of the columns.
    private static let name = 20.0
    /// For the bar of colours and its numbers.
    private static let bar = 46.0
    private static let longestBar = 240.0
    private static let line = 18.0
    private static let letter = 7.8
    private static let longestToken = 14
    /// A title longer than this makes no map wider.
    private static let longestTitle = 24
    /// A token needs a line; of more tokens than lines, every so many is drawn.
    private static let tokenHeight = 15.0
    /// Maps grow up to this for tokens.
    private static let mostForTokens = 600.0
    /// Beside others a map with tokens is as wide as these need, or at least this.
    private static let leastForTokens = 200.0

    init(_ picture: MapPicture, _ format: Plot.Format, isMask: Bool, isAlone: Bool) {
        let maps = picture.maps
        axes = picture.axes
        count = maps.count
        hasImage = picture.hasImage
        hasScale = !isMask && !picture.hasImage
        // Small ones have zeros before these digits, or a power of ten after them.
        let isShort = picture.scale.kind == .linear && (0.1..<1000).contains(picture.scale.high)
        numberRoom = Self.letter * (isShort ? 5 : 8)
        let page = Double(format.width)
        // A panel narrower than this has no room for its numbers.
        let least = format == .narrow ? 320.0 : picture.hasImage ? 240 : 160
        var perRow = max(1, min(picture.perRow, maps.count, Int(page / least)))
        left =
            picture.hasImage
            ? Self.right
            : 38 + Self.room(axes.rowLabels, maps.map { $0.firstRow + $0.rowCount - 1 })
        below =
            picture.hasImage
            ? 8 : axes.columnLabels == nil ? 28 : 14 + Self.room(axes.columnLabels, [])
        let (rows, columns) = (maps.map(\.height).max() ?? 1, maps.map(\.width).max() ?? 1)
        var most = format == .wide ? 420.0 : 320.0
        if isAlone {
            let tokens = axes.columnLabels == nil && axes.rowLabels == nil ? 0 : Self.tokenHeight
            let cell = max(6, tokens)
            most = min(
                tokens > 0 ? Self.mostForTokens : most,
                max(200, cell * Double(max(rows, columns)))
            )
        }
        // What the tokens of all rows need, if that is not too much.
        let isNamed = axes.rowLabels != nil && maps.allSatisfy { $0.rowsPerCell == 1 }
        let needed = isNamed ? Self.tokenHeight * Double(rows) : 0
        let tall = needed <= Self.mostForTokens ? needed : 0
        let margins = left + Self.right
        let titles = maps.map { Self.titleRoom($0, hasImage: picture.hasImage) }.max() ?? 0
        let tokens = axes.columnLabels == nil ? 0 : Self.tokenHeight * Double(columns)
        let breadth = max(titles, min(tokens, Self.leastForTokens), tall / 1.5)
        while perRow > 1, breadth > page / Double(perRow) - margins { perRow -= 1 }
        self.perRow = perRow
        let across = min(most, page / Double(perRow) - margins)
        // A map over an image has its shape. Else rows far longer than columns, or the other way
        // round, keep some breadth.
        let ratio =
            picture.imageShape.map { $0.height / $0.width } ?? Double(rows) / Double(columns)
        let down = max(tall, min(1.2 * across, max(28, ratio * across)))
        panelHeight = down
        panelWidth = ratio <= 1 ? across : min(across, max(110, titles, down / ratio))
        let lines = (maps.count - 1) / perRow + 1
        width =
            isAlone
            ? Int((Double(perRow) * (left + panelWidth + Self.right)).rounded(.up)) : format.width
        key =
            isAlone
            ? wrapped(
                picture.key,
                columns: Int((Double(width) - 2 * Self.right) / Self.letter),
                indent: ""
            ).split(separator: "\n").map(String.init) : []
        let edge =
            (picture.hasImage ? 0 : Self.name) + (hasScale ? Self.bar : 6)
            + Self.line * Double(key.count)
        height = Int(Double(lines) * (Self.above + down + below) + edge)
    }

    /// Where a line of the key begins, in gnuplot's words.
    func placeOfKey(_ line: Int) -> String {
        let up = Self.line * (Double(key.count - line) - 0.5)
        return "screen \(Self.right / Double(width)), screen \(up / Double(height))"
    }

    /// The room of the longest token, or of the largest number.
    private static func room(_ labels: [String]?, _ numbers: [Int]) -> Double {
        let longest =
            labels?.map { min(longestToken, displayWidth($0)) }.max()
            ?? String(numbers.max() ?? 0).count
        return Double(longest) * letter
    }

    struct Place {
        var left: Double
        var right: Double
        var top: Double
        var bottom: Double
        /// Where the names of rows and columns stand, in gnuplot's words.
        var rowName: String
        var columnName: String
        /// Whether it names the rows, and whether it names the columns.
        var isFirst: Bool
        var isLowest: Bool
    }

    /// Columns of panels share the page evenly, or stand close if the picture is as wide as they.
    private var step: Double { Double(width) / Double(perRow) }

    /// The place of a map, all of which have the same size.
    func place(_ index: Int, _ map: HeatMap) -> Place {
        let (row, column) = index.quotientAndRemainder(dividingBy: perRow)
        let x = Double(column) * step + left
        let y = Double(row) * (Self.above + panelHeight + below) + Self.above
        // In the middle of the rows, or lower so that it begins in the picture.
        let nameRoom = Self.letter * Double(displayWidth(rowName(map)))
        let middle = y + max(panelHeight / 2, nameRoom / 2 - Self.above)
        func across(_ x: Double) -> Double { x / Double(width) }
        func up(_ y: Double) -> Double { 1 - y / Double(height) }
        return Place(
            left: across(x),
            right: across(x + panelWidth),
            top: up(y),
            bottom: up(y + panelHeight),
            rowName: "screen \(across(x - left + 12)), screen \(up(middle))",
            columnName: "screen \(across(x + panelWidth / 2)), "
                + "screen \(up(y + panelHeight + below + 6))",
            isFirst: column == 0,
            isLowest: index + perRow >= count
        )
    }

    var barLeft: Double { left / Double(width) }
    var barWidth: Double { barRoom / Double(width) }
    /// The length of the bar of colours, so that half of its last number has room beside it.
    private var barRoom: Double {
        min(Self.longestBar, Double(width) - left - max(Self.right, numberRoom / 2 + 4))
    }
    /// The part of the bar that one number takes.
    var numberShare: Double { numberRoom / barRoom }
    var barHeight: Double { 10 / Double(height) }
    var barTop: Double { (28 + Self.line * Double(key.count)) / Double(height) }

    /// What fits above a map; over an image, where each map has its own scale, with its largest
    /// weight.
    func title(_ map: HeatMap) -> String {
        let largest = Self.largest(map, hasImage: hasImage)
        let room = max(8, Int((panelWidth + 2 * Self.right) / Self.letter) - largest.count)
        return truncated(map.title, columns: room) + largest
    }

    private static func largest(_ map: HeatMap, hasImage: Bool) -> String {
        hasImage ? map.largest.map { ", up to \(MapPicture.number($0))" } ?? "" : ""
    }

    /// The width of a map whose title fits above it and its margins.
    private static func titleRoom(_ map: HeatMap, hasImage: Bool) -> Double {
        let letters = displayWidth(map.title) + largest(map, hasImage: hasImage).count
        // One more, so that rounding cuts none.
        return letter * Double(min(letters, longestTitle) + 1) - 2 * right
    }

    /// What rows are, and which tokens are drawn if not all are.
    func rowName(_ map: HeatMap) -> String {
        let step = axes.rowLabels == nil ? 1 : tokenStep(map.rowCount, room: panelHeight)
        return Self.axis(axes.row, namedEvery: step)
    }

    func columnName(_ map: HeatMap) -> String {
        let step = axes.columnLabels == nil ? 1 : tokenStep(map.columnCount, room: panelWidth)
        return Self.axis(axes.column, namedEvery: step)
    }

    private static func axis(_ name: String, namedEvery step: Int) -> String {
        step == 1 ? name : "every \(Units.ordinal(step)) \(name)"
    }

    func columnTicks(_ map: HeatMap) -> String {
        ticks(
            map.firstColumn..<map.firstColumn + map.columnCount,
            per: map.columnsPerCell,
            room: panelWidth,
            each: 48,
            labels: axes.columnLabels,
            rotation: " rotate by -90"
        )
    }

    func rowTicks(_ map: HeatMap) -> String {
        ticks(
            map.firstRow..<map.firstRow + map.rowCount,
            per: map.rowsPerCell,
            room: panelHeight,
            each: 28,
            labels: axes.rowLabels,
            rotation: ""
        )
    }

    /// How many rows or columns have one token that is drawn.
    private func tokenStep(_ count: Int, room: Double) -> Int {
        // Room for so many tokens, but for one in any case.
        let most = max(1, Int(room / Self.tokenHeight))
        return (count - 1) / most + 1
    }

    /// Tokens as far as they have a line of room, or round numbers.
    private func ticks(
        _ range: Range<Int>,
        per: Int,
        room: Double,
        each: Double,
        labels: [String]?,
        rotation: String
    ) -> String {
        // The middle of the number's share of its cell.
        func place(_ number: Int) -> String {
            Report.figure((Double(number - range.lowerBound) + 0.5) / Double(per) - 0.5)
        }
        func marks(_ numbers: some Sequence<Int>, _ text: (Int) -> String) -> String {
            "(" + numbers.map { "\(text($0)) \(place($0))" }.joined(separator: ", ") + ")"
        }
        if let labels {
            let step = tokenStep(range.count, room: room)
            let named = stride(from: range.lowerBound, to: range.upperBound, by: step)
            return marks(named) {
                quotedMark(truncated(labels[$0], columns: Self.longestToken))
            } + rotation
        }
        let exact = tickStep(Double(range.count), count: max(2, Int(room / each)))
        // A step of 2.5 has no whole numbers.
        let step = max(1, Int(exact == exact.rounded() ? exact : 2 * exact))
        let first = (range.lowerBound + step - 1) / step * step
        return marks(stride(from: first, to: range.upperBound, by: step)) { "'\($0)'" }
    }
}
