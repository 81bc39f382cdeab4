import Attention
import Experiment

/// The speeds of one process beside the roofs of its core.
package enum KernelTable {
    package static func rendered(_ record: KernelRecord, style: Style = .plain) -> String {
        let columns = style.textColumns
        let warnings = Notes.warnings(record.warnings ?? [], columns: columns)
        let sentence = record.verdict.map {
            wrapped($0.sentence, columns: columns, indent: "") + "\n"
        }
        return [
            wrapped(headline(record), columns: columns) + "\n",
            table(record).rendered(style: style), warnings, sentence ?? "",
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    static func headline(_ record: KernelRecord) -> String {
        let roofs = record.roofs
        return "Roofs of one core, \(roofs.instructionSet): "
            + "\(Units.significant(roofs.fmaGigaflopsPerSecond)) GFLOP/s of FMA, "
            + "\(Units.significant(roofs.readGigabytesPerSecond)) GB/s of reading"
    }

    static func table(_ record: KernelRecord) -> TextTable {
        var table = TextTable([
            .words("isa"), .number("thr", leaves: 1), .number("B×H", leaves: 2),
            .number("length"), .number("D"), .words("mask"), .number("median"),
            .number("±", leaves: 4), .number("GFLOP/s", narrow: "GFLOP\n/s"),
            .number("of\npeak"), .number("error", leaves: 3),
        ])
        for row in record.rows {
            table.addRow([
                .init(row.instructionSet.rawValue), "\(row.threads)",
                .init(heads(row.shape)), .init(length(row.shape)), .init(dimension(row.shape)),
                .init("\(row.mask)"), .init(Units.time(row.summary.medianNanoseconds)),
                .init(PointTable.uncertainty(row.summary)),
                cell(row.gigaflopsPerSecond, Units.significant),
                .init(row.fractionOfPeak.map { Units.percent($0) } ?? "–", .strong),
                cell(row.maxAbsoluteError, Units.scientific),
            ])
        }
        return table
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

    /// `64`, or `128/64` with values of another dimension.
    private static func dimension(_ shape: AttentionShape) -> String {
        shape.valueDimension == shape.headDimension
            ? "\(shape.headDimension)" : "\(shape.headDimension)/\(shape.valueDimension)"
    }
}
