import Attention
import Record
import Statistics
import Tables

/// The rows of a kernel record beside the roof that bounds each.
enum KernelFigures {
    /// What bounds a row, with its colour and its name in the legend.
    private static let kinds: [(kind: KernelRoof.Kind, color: Palette, title: String)] = [
        (.fma, .blue, "bound by multiply-adds"), (.read, .orange, "bound by reading memory"),
        (.tanh, .purple, "bound by tanh"),
    ]

    private struct Bar {
        var row: KernelRow
        /// The speed as percent of the roof.
        var percent: Double
        var best: Double?
        var kind: KernelRoof.Kind
    }

    static func speeds(_ record: KernelRecord) -> Figure? {
        let bars = record.rows.compactMap(bar)
        guard !bars.isEmpty else { return nil }
        let isOneSet = Set(record.rows.map(\.instructionSet)).count == 1
        let named = NamedRows(
            rows: bars.map { bar in
                .init(
                    label(bar.row, withSet: !isOneSet),
                    note: rate(bar),
                    end: max(bar.percent, bar.best ?? 0, 100)
                )
            },
            axis: "% of the measured roof",
            reach: 100,
            pixels: 24,
            isNamingAll: true
        )
        let used = kinds.filter { kind in bars.contains { $0.kind == kind.kind } }
        let hasBest = bars.contains { ($0.best ?? 0) > $0.percent }
        let blocks =
            [
                NamedRows.boxes(
                    "at best",
                    bars.map { bar in
                        bar.best.flatMap { $0 > bar.percent ? (bar.percent, $0) : nil }
                    }
                ),
                Plot.Block(
                    "roofs",
                    columns: ["% of the roof", "row"],
                    rows: bars.indices.map { ["100", "\($0 + 1)"] }
                ),
            ]
            + used.map { kind in
                NamedRows.boxes(
                    kind.title,
                    bars.map { $0.kind == kind.kind ? (0, $0.percent) : nil }
                )
            }
        let plot = Plot(
            name: "speeds",
            blocks: blocks,
            legend: used.map(\.title) + (hasBest ? ["at best"] : []) + ["roof"],
            area: { named.area($0) }
        ) { format in
            let series =
                used.enumerated().map { index, kind in
                    named.boxes(
                        index + 2,
                        format,
                        "\(color(kind.color)) title \(quoted(kind.title))"
                    )
                }
                + (hasBest
                    ? [named.boxes(0, format, scale: 0.5, "\(color(.grey)) title 'at best'")] : [])
                + [named.marks(1, format, "lw 2 \(color(.vermilion)) title 'roof'")]
            return named.commands(format) + ["plot \(series.joined(separator: ", "))"]
        }
        return Figure(
            "Speed beside the roof",
            caption: "Each row's speed as a part of the roof that bounds it, measured between the "
                + "row's own samples with the same instruction set and number of threads: "
                + "multiply-adds in registers, reading memory larger than the caches, or tanh."
                + (hasBest
                    ? " At best: the fastest tenth of the samples beside the highest roof of the "
                        + "run; neighbours on a shared machine only ever add to a time."
                    : ""),
            plot: plot,
            table: table(record)
        )
    }

    /// Nil for a row without a roof beside it.
    private static func bar(_ row: KernelRow) -> Bar? {
        if let roof = row.roof, let fraction = roof.fraction {
            return Bar(
                row: row,
                percent: 100 * fraction,
                best: roof.fractionAtBest.map { 100 * $0 },
                kind: roof.boundBy
            )
        }
        return row.fractionOfPeak.map { Bar(row: row, percent: 100 * $0, kind: .fma) }
    }

    /// The rate in the unit of its roof.
    private static func rate(_ bar: Bar) -> String {
        if bar.kind == .read, let roof = bar.row.roof?.readGigabytesPerSecond {
            return "\(Units.significant(bar.percent / 100 * roof)) GB/s"
        }
        return bar.row.gigaflopsPerSecond.map { "\(Units.significant($0)) GFLOP/s" }
            ?? Units.time(bar.row.summary.medianNanoseconds)
    }

    /// `1024, D 64, causal`, after the instruction set if it says anything.
    static func label(_ row: KernelRow, withSet: Bool = true) -> String {
        withSet ? row.title : String(row.title.dropFirst(row.instructionSet.rawValue.count + 1))
    }

    static func table(_ record: KernelRecord) -> TextTable {
        TextTable(
            [
                .words("case"), .number("threads"), .number("B×H"), .number("length"),
                .number("D"), .words("mask"), .number("median time"), .number("± 95 %"),
                .number("GFLOP/s"), .number("of multiply-add peak"), .words("bound by"),
                .number("of that roof"), .number("at best"), .number("largest error"),
                .words("status"),
            ],
            rows: record.rows.map { row in
                let status = row.status.map { status in
                    TextTable.Cell(status.rawValue, status.isGood ? .good : .bad)
                }
                return [
                    .init(row.title), "\(row.threads)",
                    .value(row.shape) { "\($0.batch)×\($0.heads)" },
                    .value(row.shape) { "\($0.queryLength)×\($0.keyLength)" },
                    .value(row.shape) { "\($0.headDimension)" }, .value(row.mask) { "\($0)" },
                    .init(Units.time(row.summary.medianNanoseconds)),
                    .init(PointTable.uncertainty(row.summary)),
                    .value(row.gigaflopsPerSecond, Units.significant),
                    .value(row.fractionOfPeak) { Units.percent($0) },
                    .value(row.roof) { $0.boundBy.rawValue },
                    .value(row.roof?.fraction) { Units.percent($0) },
                    .value(row.roof?.fractionAtBest) { Units.percent($0) },
                    .value(row.maxAbsoluteError, Units.scientific), status ?? .absent,
                ]
            }
        )
    }
}
