import Attention
import Record
import Statistics
import Tables

/// The rows of a kernel record beside their roofs.
enum KernelFigures {
    static func speeds(_ record: KernelRecord) -> Figure? {
        let rows = record.rows.filter { $0.gigaflopsPerSecond != nil }
        guard !rows.isEmpty else { return nil }
        let isOneSet = Set(rows.map(\.instructionSet)).count == 1
        let labels = rows.map { label($0, withSet: !isOneSet) }
        let count = rows.count
        /// Whether names are above the bars: on a phone, long names beside the bars leave no room.
        @Sendable func isAbove(_ format: Plot.Format) -> Bool {
            format == .narrow && labels.contains { $0.count > 20 }
        }
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
            area: { (isAbove($0) ? 38 : 24) * max(count, 2) }
        ) { format in
            // Then the name takes half of each row, and the bar the other half.
            let isAbove = isAbove(format)
            let names =
                isAbove
                ? ["unset ytics", "set lmargin 1"]
                    + labels.enumerated().map { index, label in
                        "set label \(quoted(label)) at graph 0, first \(Double(index) + 0.76) left "
                            + "textcolor rgb '\(Palette.ink.marker)'"
                    } : ["set ytics (\(StackedBars.tics(labels)))"]
            let bar = isAbove ? "1:($2+0.2):3:4:($2+0.02):($2+0.38)" : "1:2:3:4:5:6"
            let mark = isAbove ? "1:($2+0.4):(0):($3/2)" : "1:2:(0):3"
            return [
                "unset grid",
                "set grid xtics lt 1 lw 0.6 lc rgb '\(Palette.faint.marker)'",
                "set border 1",
                "set tics scale 0",
                "set xlabel 'GFLOP/s' textcolor rgb '\(Palette.ink.marker)'",
                "set yrange [\(count).5:0.5]",
                "set xrange [0:\(highest * 1.02)]",
                "set xtics \(tickStep(highest, count: format == .wide ? 8 : 4))",
                "set style fill solid 1.0 border lc rgb '\(Palette.paper.marker)'",
            ] + names + [
                "plot DATA index 0 using \(bar) with boxxyerror \(color(.blue)) "
                    + "title 'kernel', "
                    + "DATA index 1 using \(mark) with vectors nohead lw 3 \(color(.vermilion)) "
                    + "title 'multiply-add peak beside it'"
            ]
        }
        return Figure(
            "Speed beside the measured peak",
            caption:
                "Each row has a length, a head dimension and a mask, or a name. The mark is the "
                + "multiply-add peak with the same instruction set and number of threads, measured "
                + "between the samples of that row.",
            plot: plot,
            table: table(record)
        )
    }

    /// `1024, D 64, causal`, after the instruction set if it says anything.
    static func label(_ row: KernelRow, withSet: Bool = true) -> String {
        withSet ? row.title : String(row.title.dropFirst(row.instructionSet.rawValue.count + 1))
    }

    private static func table(_ record: KernelRecord) -> TextTable {
        TextTable(
            [
                .words("instruction set"), .number("threads"), .number("B×H"), .number("length"),
                .number("D"), .words("mask"), .number("median"), .number("±"), .number("GFLOP/s"),
                .number("of peak"), .number("of roof at best"), .number("largest error"),
            ],
            rows: record.rows.map { row in
                [
                    .init(row.instructionSet.rawValue), "\(row.threads)",
                    .value(row.shape) { "\($0.batch)×\($0.heads)" },
                    .value(row.shape) { "\($0.queryLength)×\($0.keyLength)" },
                    .value(row.shape) { "\($0.headDimension)" }, .value(row.mask) { "\($0)" },
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
