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

    /// What axes and colours mean; sentences.
    ///
    /// Over an image each map has colours of its own.
    package var caption: String {
        let meaning = maps.first.map { caption(cellsOf: $0) } ?? ""
        guard hasImage else { return meaning }
        return meaning
            + " Bright: attended, each map up to its own largest weight, which its title has."
    }

    /// The same where maps are drawn with the cells of `map`.
    func caption(cellsOf map: HeatMap) -> String {
        let numbers = "\(map.rowsPerCell) × \(map.columnsPerCell) pairs"
        let cell: String
        if map.rowsPerCell * map.columnsPerCell == 1 {
            cell = schema == .mask ? "Filled: visible." : empty
        } else if schema == .mask {
            cell = "A cell is the visible share of \(numbers). \(empty)"
        } else if reduction == .maximum {
            cell = "A cell is the largest weight of \(numbers). \(empty)"
        } else {
            cell = "A cell is the mean weight of \(numbers), hidden ones as zeros. \(empty)"
        }
        return "Down: \(axes.row). Right: \(axes.column). \(cell)"
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
