/// A matrix, such as attention weights, reduced to the cells of a picture.
package struct HeatMap: Codable, Equatable, Sendable {
    package var title: String
    /// The part of the matrix that is drawn.
    package var firstRow: Int
    package var rowCount: Int
    package var firstColumn: Int
    package var columnCount: Int
    /// Rows and columns of the matrix in a cell; the last cells may have fewer.
    package var rowsPerCell: Int
    package var columnsPerCell: Int
    /// `[height][width]`; nil where the matrix has nothing to draw, because it is hidden.
    package var cells: [Float?]

    package init(
        title: String,
        firstRow: Int = 0,
        rowCount: Int,
        firstColumn: Int = 0,
        columnCount: Int,
        rowsPerCell: Int = 1,
        columnsPerCell: Int = 1,
        cells: [Float?]
    ) {
        self.title = title
        self.firstRow = firstRow
        self.rowCount = rowCount
        self.firstColumn = firstColumn
        self.columnCount = columnCount
        self.rowsPerCell = rowsPerCell
        self.columnsPerCell = columnsPerCell
        self.cells = cells
    }

    package var height: Int { (rowCount - 1) / rowsPerCell + 1 }
    package var width: Int { (columnCount - 1) / columnsPerCell + 1 }

    package subscript(row: Int, column: Int) -> Float? { cells[row * width + column] }

    package var largest: Float? { cells.lazy.compactMap { $0 }.max() }
    /// The least number above zero, where a logarithmic scale can begin.
    package var leastPositive: Float? { cells.lazy.compactMap { $0 }.filter { $0 > 0 }.min() }

    /// The same map with at most `height` × `width` cells, reduced again in the same way.
    package func fitting(height most: Int, width widest: Int, _ reduction: Reduction) -> HeatMap {
        let down = (height - 1) / max(1, most) + 1
        let across = (width - 1) / max(1, widest) + 1
        guard down > 1 || across > 1 else { return self }
        var result = self
        result.rowsPerCell *= down
        result.columnsPerCell *= across
        var reduced = CellReduction(reduction, height: result.height, width: result.width)
        for row in 0..<height {
            for column in 0..<width {
                guard let value = self[row, column] else { continue }
                reduced.add(
                    value,
                    count: rows(ofCell: row) * columns(ofCell: column),
                    row: row / down,
                    column: column / across
                )
            }
        }
        result.cells = reduced.cells { row, column in
            result.rows(ofCell: row) * result.columns(ofCell: column)
        }
        return result
    }

    /// The rows of the matrix in a row of cells.
    func rows(ofCell row: Int) -> Int { min(rowsPerCell, rowCount - row * rowsPerCell) }

    func columns(ofCell column: Int) -> Int {
        min(columnsPerCell, columnCount - column * columnsPerCell)
    }
}

extension HeatMap {
    /// What a cell shows of the numbers in it.
    package enum Reduction: String, Codable, Sendable, CaseIterable {
        /// The largest, so that a thin line stays visible.
        case maximum
        /// The mean of all, hidden ones as zeros.
        case mean
    }
}

/// Cells on their way: what was added to each.
private struct CellReduction {
    private let reduction: HeatMap.Reduction
    private let width: Int
    private var sums: [Double]
    private var isFilled: [Bool]

    init(_ reduction: HeatMap.Reduction, height: Int, width: Int) {
        self.reduction = reduction
        self.width = width
        sums = Array(repeating: 0, count: height * width)
        isFilled = Array(repeating: false, count: height * width)
    }

    /// Adds `count` numbers whose reduction is `value`.
    mutating func add(_ value: Float, count: Int, row: Int, column: Int) {
        let index = row * width + column
        let value = Double(value)
        switch reduction {
        case .maximum: sums[index] = isFilled[index] ? max(sums[index], value) : value
        case .mean: sums[index] += value * Double(count)
        }
        isFilled[index] = true
    }

    func cells(_ numbersOfCell: (_ row: Int, _ column: Int) -> Int) -> [Float?] {
        sums.indices.map { index in
            guard isFilled[index] else { return nil }
            guard reduction == .mean else { return Float(sums[index]) }
            return Float(sums[index] / Double(numbersOfCell(index / width, index % width)))
        }
    }
}

/// Makes a heat map from the visible numbers of a matrix, given in any order.
///
/// What is never given is hidden. Its memory is that of the cells.
package struct HeatMapBuilder {
    private var map: HeatMap
    private let rows: Range<Int>
    private let columns: Range<Int>
    private var reduced: CellReduction
    /// Numbers that no colour can show: NaN and infinity.
    package private(set) var undrawable = 0

    /// `side` is the most cells of a row and of a column.
    package init(
        title: String,
        rows: Range<Int>,
        columns: Range<Int>,
        side: Int,
        _ reduction: HeatMap.Reduction
    ) {
        precondition(!rows.isEmpty && !columns.isEmpty, "a map must have rows and columns")
        self.rows = rows
        self.columns = columns
        map = HeatMap(
            title: title,
            firstRow: rows.lowerBound,
            rowCount: rows.count,
            firstColumn: columns.lowerBound,
            columnCount: columns.count,
            rowsPerCell: (rows.count - 1) / side + 1,
            columnsPerCell: (columns.count - 1) / side + 1,
            cells: []
        )
        reduced = CellReduction(reduction, height: map.height, width: map.width)
    }

    package mutating func add(_ value: Float, row: Int, column: Int) {
        guard rows.contains(row), columns.contains(column) else { return }
        guard value.isFinite else {
            undrawable += 1
            return
        }
        reduced.add(
            value,
            count: 1,
            row: (row - rows.lowerBound) / map.rowsPerCell,
            column: (column - columns.lowerBound) / map.columnsPerCell
        )
    }

    /// Adds ones.
    package mutating func add(row: Int, columns range: Range<Int>) {
        let shown = range.clamped(to: columns)
        guard rows.contains(row), !shown.isEmpty else { return }
        var column = shown.lowerBound - columns.lowerBound
        let end = shown.upperBound - columns.lowerBound
        while column < end {
            let cell = column / map.columnsPerCell
            let count = min(end, (cell + 1) * map.columnsPerCell) - column
            reduced.add(
                1,
                count: count,
                row: (row - rows.lowerBound) / map.rowsPerCell,
                column: cell
            )
            column += count
        }
    }

    package func finish() -> HeatMap {
        var map = map
        map.cells = reduced.cells { [map] in map.rows(ofCell: $0) * map.columns(ofCell: $1) }
        return map
    }
}
