import Attention
import Experiment
import Report

/// The rows of a kernel record beside their roofs.
enum KernelFigures {
    static func speeds(_ record: KernelRecord) -> Figure? {
        let rows = record.rows.filter { $0.gigaflopsPerSecond != nil }
        guard !rows.isEmpty else { return nil }
        let isOneSet = Set(rows.map(\.instructionSet)).count == 1
        let labels = rows.map { label($0, withSet: !isOneSet) }
        let count = rows.count
        let bars = Plot.Block(
            "speeds",
            columns: ["middle", "row", "from", "to", "below", "above"],
            rows: rows.enumerated().map { index, row in
                let rate = row.gigaflopsPerSecond ?? 0
                let place = Double(index + 1)
                return [rate / 2, place, 0, rate, place - 0.36, place + 0.36].map { figure($0) }
            }
        )
        let roofs = Plot.Block(
            "peaks",
            columns: ["GFLOP/s", "from row", "rows"],
            rows: rows.enumerated().map { index, row in
                [figure(row.peakGigaflopsPerSecond), figure(Double(index + 1) - 0.4), "0.8"]
            }
        )
        let highest =
            rows.map { max($0.gigaflopsPerSecond ?? 0, $0.peakGigaflopsPerSecond ?? 0) }.max() ?? 1
        let plot = Plot(
            name: "speeds",
            blocks: [bars, roofs],
            legend: ["kernel", "multiply-add peak beside it"],
            area: { _ in 24 * max(count, 2) }
        ) { format in
            [
                "unset grid",
                "set grid xtics lt 1 lw 0.6 lc rgb '\(Palette.faint.marker)'",
                "set border 1",
                "set tics scale 0",
                "set xlabel 'GFLOP/s' textcolor rgb '\(Palette.ink.marker)'",
                "set yrange [\(count).5:0.5]",
                "set xrange [0:\(highest * 1.02)]",
                "set xtics \(tickStep(highest, count: format == .wide ? 8 : 4))",
                "set ytics (\(StackedBars.tics(labels)))",
                "set style fill solid 1.0 border lc rgb '\(Palette.paper.marker)'",
                "plot DATA index 0 using 1:2:3:4:5:6 with boxxyerror \(color(.blue)) "
                    + "title 'kernel', "
                    + "DATA index 1 using 1:2:(0):3 with vectors nohead lw 3 \(color(.vermilion)) "
                    + "title 'multiply-add peak beside it'",
            ]
        }
        return Figure(
            "Speed beside the measured peak",
            caption: "Length, head dimension and mask of each row. The mark is the multiply-add "
                + "peak of the same instruction set and as many threads, measured between the "
                + "samples of that row.",
            plot: plot,
            table: table(record)
        )
    }

    /// `1024, D 64, causal`, after the instruction set if it says anything.
    static func label(_ row: KernelRow, withSet: Bool = true) -> String {
        withSet ? row.title : String(row.title.dropFirst(row.instructionSet.rawValue.count + 1))
    }

    private static func table(_ record: KernelRecord) -> DataTable {
        DataTable(
            [
                .words("instruction set"), .number("threads"), .number("B×H"), .number("length"),
                .number("D"), .words("mask"), .number("median"), .number("±"), .number("GFLOP/s"),
                .number("of peak"), .number("of roof at best"), .number("largest error"),
            ],
            rows: record.rows.map { row in
                [
                    .init(row.instructionSet.rawValue), "\(row.threads)",
                    .init("\(row.shape.batch)×\(row.shape.heads)"),
                    .init("\(row.shape.queryLength)×\(row.shape.keyLength)"),
                    "\(row.shape.headDimension)", .init("\(row.mask)"),
                    .init(Units.time(row.summary.medianNanoseconds)),
                    .init(PointTable.uncertainty(row.summary)),
                    .value(row.gigaflopsPerSecond, Units.significant),
                    .value(row.fractionOfPeak) { Units.percent($0) },
                    .value(row.roof?.fractionAtBest) { Units.percent($0) },
                    .value(row.maxAbsoluteError, Units.scientific),
                ]
            }
        )
    }
}
