import TestSupport
import Testing

@testable import Record

/// Reduced matrices, against plain loops over their cells.
struct HeatMapTests {
    /// Numbers, of which about a third are hidden.
    private static func matrix(_ rows: Int, _ columns: Int) -> [[Float?]] {
        var random = SplitMix(seed: UInt64(rows * 1000 + columns))
        return (0..<rows).map { _ in
            (0..<columns).map { _ in
                Bool.random(using: &random) || Bool.random(using: &random)
                    ? Float.random(in: 0...1, using: &random) : nil
            }
        }
    }

    /// The cells of `rows` × `columns` numbers each.
    private static func cells(
        _ matrix: [[Float?]],
        _ rows: Int,
        _ columns: Int,
        _ reduction: HeatMap.Reduction
    ) -> [Float?] {
        let (height, width) = (matrix.count, matrix[0].count)
        return stride(from: 0, to: height, by: rows).flatMap { top in
            stride(from: 0, to: width, by: columns).map { left -> Float? in
                let all = matrix[top..<min(top + rows, height)].flatMap {
                    $0[left..<min(left + columns, width)]
                }
                let shown = all.compactMap { $0 }
                guard let most = shown.max() else { return nil }
                guard reduction == .mean else { return most }
                return Float(shown.reduce(0) { $0 + Double($1) } / Double(all.count))
            }
        }
    }

    private static func map(
        _ matrix: [[Float?]],
        side: Int,
        _ reduction: HeatMap.Reduction
    ) -> HeatMap {
        var builder = HeatMapBuilder(
            title: "m",
            rows: 0..<matrix.count,
            columns: 0..<matrix[0].count,
            side: side,
            reduction
        )
        for (row, numbers) in matrix.enumerated() {
            for (column, number) in numbers.enumerated() {
                if let number { builder.add(number, row: row, column: column) }
            }
        }
        return builder.finish()
    }

    @Test(
        arguments: [(1, 1, 1), (4, 4, 4), (5, 7, 3), (31, 33, 32), (64, 65, 32), (3, 100, 10)],
        HeatMap.Reduction.allCases
    )
    func `a cell is the maximum or the mean of its numbers`(
        _ sizes: (rows: Int, columns: Int, side: Int),
        _ reduction: HeatMap.Reduction
    ) {
        let matrix = Self.matrix(sizes.rows, sizes.columns)
        let map = Self.map(matrix, side: sizes.side, reduction)
        #expect(map.height <= sizes.side && map.width <= sizes.side)
        #expect(
            map.cells == Self.cells(matrix, map.rowsPerCell, map.columnsPerCell, reduction)
        )
    }

    @Test(
        arguments: [(9, 9, 4, 4), (64, 48, 10, 48), (33, 65, 16, 7), (50, 20, 50, 20)],
        HeatMap.Reduction.allCases
    )
    func `a map that is fitted has the cells of its matrix`(
        _ sizes: (rows: Int, columns: Int, height: Int, width: Int),
        _ reduction: HeatMap.Reduction
    ) {
        let matrix = Self.matrix(sizes.rows, sizes.columns)
        let first = Self.map(matrix, side: 32, reduction)
        let fitted = first.fitting(height: sizes.height, width: sizes.width, reduction)
        #expect(fitted.height <= sizes.height && fitted.width <= sizes.width)
        #expect(fitted.fitting(height: sizes.height, width: sizes.width, reduction) == fitted)
        let expected = Self.cells(matrix, fitted.rowsPerCell, fitted.columnsPerCell, reduction)
        #expect(fitted.cells.count == expected.count)
        for (found, number) in zip(fitted.cells, expected) {
            #expect((found == nil) == (number == nil))
            // A mean of means was rounded twice.
            #expect(abs((found ?? 0) - (number ?? 0)) <= (reduction == .mean ? 1e-6 : 0))
        }
    }

    @Test(arguments: [1, 3, 8, 40])
    func `ranges of a mask count as ones`(side: Int) {
        let ranges = [0..<1, 3..<17, 0..<40, 39..<40, 12..<12, 30..<99]
        let (rows, columns) = (2..<7, 5..<35)
        func builder() -> HeatMapBuilder {
            HeatMapBuilder(title: "m", rows: rows, columns: columns, side: side, .mean)
        }
        var (whole, single) = (builder(), builder())
        for (row, range) in ranges.enumerated() {
            whole.add(row: row + 1, columns: range)
            for column in range { single.add(1, row: row + 1, column: column) }
        }
        #expect(whole.finish() == single.finish())
        #expect(whole.finish().cells.contains { $0 != nil })
    }

    @Test func `numbers beyond the drawn part are left out, and those without a colour counted`() {
        var builder = HeatMapBuilder(title: "m", rows: 4..<6, columns: 2..<4, side: 9, .maximum)
        for row in 0..<9 {
            for column in 0..<9 { builder.add(Float(row * 10 + column), row: row, column: column) }
        }
        builder.add(.nan, row: 4, column: 2)
        builder.add(.infinity, row: 5, column: 3)
        builder.add(.nan, row: 0, column: 0)
        #expect(builder.finish().cells == [42, 43, 52, 53])
        #expect(builder.undrawable == 2)
    }
}
