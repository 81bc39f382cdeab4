import Record

/// Maps that are one picture: they share axes and colours.
package struct MapPicture: Sendable {
    package var maps: [HeatMap]
    package var axes: MapRecord.Axes
    package var scale: MapScale
    package var reduction: HeatMap.Reduction
    /// Maps side by side.
    package var perRow: Int
    private let schema: MapRecord.Schema
    /// What a cell without a number is: a file says no more than that there is no weight.
    private let empty: String
    /// The sizes of the image that the maps lie over, each with its own scale.
    package let imageShape: (width: Double, height: Double)?
    package var hasImage: Bool { imageShape != nil }
    package var isMask: Bool { schema == .mask }

    package init(_ record: MapRecord) {
        maps = record.maps
        axes = record.axes
        scale = record.colorScale
        reduction = record.reduction
        perRow = record.mapsPerRow
        schema = record.schema
        empty = record.file == nil ? "Empty: hidden." : "Empty: no weight, or 0."
        imageShape = record.image.map { (Double($0.width), Double($0.height)) }
    }

    /// What axes, cells and colours mean; sentences.
    package var caption: String { "\(directions()) \(key)" }

    /// What a picture says below its maps, since it may stand alone: what a cell is, and from where to
    /// where its colours go.
    package var key: String {
        guard let map = maps.first else { return "" }
        guard hasImage else { return "\(cell(of: map)) \(colors(of: map))" }
        // Each map has its own scale.
        let range =
            scale.kind == .log
            ? "from the least weight of each map, or a millionth of its largest, to its largest"
            : "from 0 to the largest weight of each map"
        return "\(cell(of: map)) Redder: attended more, \(scale.kind.words), \(range), which its "
            + "title has."
    }

    /// The same where maps are drawn with the cells of `map`, and in colours of one scale: on a
    /// terminal, which has no image.
    func caption(cellsOf map: HeatMap, named: TokenSteps) -> String {
        "\(directions(named)) \(cell(of: map)) \(colors(of: map))"
    }

    /// How many rows, and how many columns, have one token that is drawn.
    struct TokenSteps: Sendable {
        var row = 1
        var column = 1
    }

    private func directions(_ named: TokenSteps = TokenSteps()) -> String {
        "Down: \(Self.axis(axes.row, namedEvery: named.row)). "
            + "Right: \(Self.axis(axes.column, namedEvery: named.column))."
    }

    /// The name of an axis, and which of its tokens are drawn if not all have room.
    private static func axis(_ name: String, namedEvery step: Int) -> String {
        step == 1 ? name : "\(name), every \(Units.ordinal(step)) named"
    }

    private func cell(of map: HeatMap) -> String {
        let numbers = "\(map.rowsPerCell) × \(map.columnsPerCell) pairs"
        if map.rowsPerCell * map.columnsPerCell == 1 {
            return schema == .mask ? "Filled: visible." : "A cell is one weight."
        }
        if schema == .mask { return "A cell is the visible share of \(numbers)." }
        return reduction == .maximum
            ? "A cell is the largest weight of \(numbers)."
            : "A cell is the mean weight of \(numbers), hidden ones as zeros."
    }

    private func colors(of map: HeatMap) -> String {
        guard hasScale(cellsOf: map) else { return empty }
        return "Colours: \(scale.kind.words), \(end(scale.low)) to \(end(scale.high)). \(empty)"
    }

    /// A weight in few letters.
    package static func number(_ value: Float) -> String { TerminalMap.number(value) }

    /// A number of the scale in words: a mask has shares.
    func end(_ value: Double) -> String {
        isMask ? Units.percent(value) : Self.number(Float(value))
    }

    /// Whether the colours between the ends of the scale occur.
    func hasScale(cellsOf map: HeatMap) -> Bool {
        schema == .weights || map.rowsPerCell * map.columnsPerCell > 1
    }
}

extension MapRecord.ColorScale {
    var words: String { self == .log ? "logarithmic" : "linear" }
}
