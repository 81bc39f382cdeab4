import Attention
import Record
import Statistics

/// The speeds of one process beside the roofs of its core.
extension KernelRecord: PresentedRecord {
    package var presentation: Presentation {
        Presentation(
            headlines: [
                "Roofs of one core, \(roofs.instructionSet): "
                    + "\(Units.significant(roofs.fmaGigaflopsPerSecond)) GFLOP/s of FMA, "
                    + "\(Units.significant(roofs.readGigabytesPerSecond)) GB/s of reading"
            ],
            tables: [.init(KernelTable.table(self))]
        )
    }
}

enum KernelTable {
    static func table(_ record: KernelRecord) -> TextTable {
        let sets = Set(record.rows.map(\.instructionSet))
        let hasScores = record.rows.contains { $0.score != nil }
        let isSuite = record.rows.contains { $0.name != nil }
        let roofs = Set(record.rows.compactMap { $0.roof?.boundBy })
        let hasOtherRoofs = !roofs.subtracting([.fma]).isEmpty
        // Older records have none.
        let hasBest = record.rows.contains { $0.roof?.fractionAtBest != nil }
        let extra: [TextTable.Column] =
            (hasOtherRoofs ? [.words("bound\nby"), .number("of\nroof")] : [])
            + (hasBest ? [.number("at\nbest", leaves: 3)] : []) + [.number("error", leaves: 4)]
            + (sets.count > 1 ? [.number("× \(weakest(record))")] : [])
            + (isSuite ? [.words("status")] : [])
        let described: [TextTable.Column] =
            isSuite
            ? [.words("case")] + (sets.count > 1 ? [.words("isa")] : [])
            : [
                .words("isa"), .number("thr", leaves: 1), .number("B×H", leaves: 2),
                .number("length"), .number("D"), .words("mask"),
            ] + (hasScores ? [.words("scores")] : [])
        var table = TextTable(
            described + [
                .number("median"), .number("±", leaves: 5),
                .number("GFLOP/s", narrow: "GFLOP\n/s"), .number("of\npeak"),
            ] + extra
        )
        for row in record.rows {
            let isOtherRoof = (row.roof?.boundBy ?? .fma) != .fma
            var cells: [TextTable.Cell] =
                isSuite
                ? [.init(row.name ?? row.title)]
                    + (sets.count > 1 ? [.init(row.instructionSet.rawValue)] : [])
                : [
                    .init(row.instructionSet.rawValue), "\(row.threads)",
                    .value(row.shape, heads), .value(row.shape, length),
                    .value(row.shape, dimension), .value(row.mask) { "\($0)" },
                ]
                    + (hasScores
                        ? [.init((row.score?.scoring ?? .scaledDot).rawValue)] : [])
            cells += [
                .init(Units.time(row.summary.medianNanoseconds)),
                .init(PointTable.uncertainty(row.summary)),
                .value(row.gigaflopsPerSecond, Units.significant),
                .value(row.fractionOfPeak, emphasis: isOtherRoof ? .none : .strong) {
                    Units.percent($0)
                },
            ]
            if hasOtherRoofs {
                cells.append(.init(row.roof?.boundBy.rawValue ?? "–"))
                cells.append(
                    .value(row.roof?.fraction, emphasis: isOtherRoof ? .strong : .none) {
                        Units.percent($0)
                    }
                )
            }
            if hasBest { cells.append(.value(row.roof?.fractionAtBest) { Units.percent($0) }) }
            cells.append(.value(row.maxAbsoluteError, Units.scientific))
            if sets.count > 1 { cells.append(.init(gain(of: row, in: record))) }
            if isSuite { cells.append(.init(row.status?.rawValue ?? "–")) }
            table.addRow(cells)
        }
        return table
    }

    /// The instruction set that the others are compared with.
    private static func weakest(_ record: KernelRecord) -> String {
        InstructionSet.allCases.first { set in
            record.rows.contains { $0.instructionSet == set }
        }?.rawValue ?? ""
    }

    /// The speed relative to the weakest instruction set in the same case.
    private static func gain(of row: KernelRow, in record: KernelRecord) -> String {
        let other = record.rows.first {
            $0.instructionSet.rawValue == weakest(record) && $0.name == row.name
                && $0.shape == row.shape && $0.mask == row.mask && $0.product == row.product
                && $0.layer == row.layer && $0.score == row.score
                && $0.threads == row.threads
        }
        guard let other else { return "–" }
        return Units.significant(other.summary.medianNanoseconds / row.summary.medianNanoseconds)
    }

    /// `1×8`, or `1×8/2` with two heads of keys and values.
    private static func heads(_ shape: AttentionShape) -> String {
        let shared = shape.keyValueHeads == shape.heads ? "" : "/\(shape.keyValueHeads)"
        return "\(shape.batch)×\(shape.heads)\(shared)"
    }

    /// `1024`, or `512×1024` with more keys than queries.
    private static func length(_ shape: AttentionShape) -> String {
        shape.queryLength == shape.keyLength
            ? "\(shape.queryLength)" : "\(shape.queryLength)×\(shape.keyLength)"
    }

    /// `64`, or `128/64` if values have another dimension.
    private static func dimension(_ shape: AttentionShape) -> String {
        shape.valueDimension == shape.headDimension
            ? "\(shape.headDimension)" : "\(shape.headDimension)/\(shape.valueDimension)"
    }
}
