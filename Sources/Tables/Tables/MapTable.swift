import Attention
import Record

/// The maps, what was counted in them, and how the weights were checked.
extension MapRecord: PresentedRecord {
    package var presentation: Presentation {
        Presentation(
            headlines: headlines,
            tables: slices.isEmpty ? [] : [.init(MapTable.slices(self))],
            notes: [MapTable.filledRows(self) + (check.map(MapTable.notes) ?? [])],
            picture: MapPicture(self)
        )
    }

    private var headlines: [String] {
        if let file { return ["Attention weights of \(file)"] }
        return plan.map { [schema == .mask ? Headlines.mask($0) : Headlines.problem($0)] } ?? []
    }

    /// One row for each cell.
    ///
    /// - `map`: its title; `row`, `column`: where its first number stands in the whole matrix.
    /// - `rows`, `columns`: numbers in it; `value`: their maximum or mean; empty if all are hidden.
    package var samples: SampleRows {
        SampleRows(
            columns: [
                "schema", "started", "fingerprint", "map", "row", "column", "rows", "columns",
                "reduction", "value",
            ],
            rows: maps.flatMap { map in
                map.cells.indices.map { index in
                    let (row, column) = index.quotientAndRemainder(dividingBy: map.width)
                    return [
                        schema.rawValue, started, host.fingerprint, map.title,
                        "\(map.firstRow + row * map.rowsPerCell)",
                        "\(map.firstColumn + column * map.columnsPerCell)",
                        "\(min(map.rowsPerCell, map.rowCount - row * map.rowsPerCell))",
                        "\(min(map.columnsPerCell, map.columnCount - column * map.columnsPerCell))",
                        reduction.rawValue, field(map.cells[index]),
                    ]
                }
            }
        )
    }
}

enum MapTable {
    static func slices(_ record: MapRecord) -> TextTable {
        let isMask = record.schema == .mask
        // A file does not say what is hidden, and what only has the weight 0.
        let isStored = record.file != nil
        var columns: [TextTable.Column] = [
            .words("slice"), .number(isStored ? "pairs with\na weight" : "visible\npairs"),
            .number("of all"), .number(isStored ? "rows\nwithout" : "rows that\nsee nothing"),
        ]
        if !isMask {
            columns += [
                .number("largest\nweight"), .number("entropy,\nbits"), .number("keys in\neffect"),
            ]
        }
        return TextTable(
            columns,
            rows: record.slices.map { slice in
                let cells: [TextTable.Cell] = [
                    .init(slice.title), .init(Units.grouped(slice.visiblePairs)),
                    .init(Units.share(Double(slice.visiblePairs), of: Double(slice.pairs))),
                    .init(Units.grouped(slice.hiddenRows)),
                ]
                guard !isMask else { return cells }
                return cells + [
                    .value(slice.meanLargest) { TerminalMap.number(Float($0)) },
                    .value(slice.meanEntropyBits, Units.significant),
                    .value(slice.meanEntropyBits) { Units.significant(MapRecord.keys(bits: $0)) },
                ]
            }
        )
    }

    /// What rows without a key are, where they are not zeros.
    static func filledRows(_ record: MapRecord) -> [String] {
        guard record.plan?.maskedRows == .uniform,
            record.slices.contains(where: { $0.hiddenRows > 0 })
        else { return [] }
        return [
            record.schema == .mask
                ? "Rows that see nothing: --masked-rows uniform makes their output the mean of all "
                    + "values. The map shows no pair of them, and none is counted."
                : "Rows that see nothing: --masked-rows uniform gives all keys the same weight there. "
                    + "The map shows these weights, the table leaves them out."
        ]
    }

    static func notes(_ check: MapRecord.Check) -> [String] {
        guard let error = check.maxRelativeError, let bound = check.boundRelative else {
            return check.reasons
        }
        return [
            "Checked: \(check.status): largest relative error \(Units.scientific(error)) "
                + "(\(Units.scientific(bound)) allowed) against float64 in "
                + "\(Units.grouped(check.rowsChecked)) rows"
        ] + check.reasons
    }
}
