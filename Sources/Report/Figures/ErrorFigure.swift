import Record
import Tables

/// The largest error of every feature that was checked, as a part of what is allowed.
enum ErrorFigure {
    /// Nil where nothing was compared with float64.
    static func figure(_ record: VerifyRecord) -> Figure? {
        let features = Dictionary(grouping: record.rows, by: \.feature)
        let names = record.rows.map(\.feature).reduce(into: [String]()) { unique, name in
            if unique.last != name, !unique.contains(name) { unique.append(name) }
        }
        let worst = names.compactMap { name -> (name: String, row: VerifyRow, percent: Double)? in
            let row = features[name]?.max { ($0.errorOverBound ?? 0) < ($1.errorOverBound ?? 0) }
            guard let row, let error = row.errorOverBound else { return nil }
            return (name, row, 100 * error)
        }
        guard !worst.isEmpty else { return nil }
        // An error a thousand times too large must not hide the others.
        let limit = 200.0
        let named = NamedRows(
            rows: worst.map {
                .init($0.name, note: Units.percent($0.percent / 100), end: min($0.percent, limit))
            },
            axis: "% of the error that is allowed",
            reach: 100,
            pixels: 24,
            isNamingAll: true
        )
        func block(_ name: String, isAllowed: Bool) -> Plot.Block {
            NamedRows.boxes(
                name,
                worst.map {
                    ($0.percent <= 100) == isAllowed ? (0, min($0.percent, limit)) : nil
                }
            )
        }
        let hasWrong = worst.contains { $0.percent > 100 }
        let plot = Plot(
            name: "errors",
            blocks: [
                block("within what is allowed", isAllowed: true),
                block("too large", isAllowed: false),
                Plot.Block(
                    "allowed",
                    columns: ["%", "row"],
                    rows: worst.indices.map { ["100", "\($0 + 1)"] }
                ),
            ],
            legend: ["largest error"] + (hasWrong ? ["too large"] : []) + ["allowed"],
            area: { named.area($0) }
        ) { format in
            let series = [
                named.boxes(0, format, "\(color(.blue)) title 'largest error'"),
                hasWrong ? named.boxes(1, format, "\(color(.vermilion)) title 'too large'") : nil,
                named.marks(2, format, "lw 2 \(color(.ink)) title 'allowed'"),
            ].compactMap { $0 }
            return named.commands(format) + ["plot \(series.joined(separator: ", "))"]
        }
        return Figure(
            "Largest error by feature",
            caption: "The output of one thread against float64, on the instruction set where the "
                + "error is the largest part of what is allowed."
                + (worst.contains { $0.percent > limit } ? " Bars end at 200 %." : ""),
            plot: plot,
            table: TextTable(
                [
                    .words("feature"), .words("case with the largest error"),
                    .words("instruction set"), .number("of what is allowed"),
                    .number("largest error"), .number("allowed"),
                ],
                rows: worst.map { found in
                    [
                        .init(found.name), .init(found.row.name),
                        .init(found.row.instructionSet.rawValue),
                        .init(Units.percent(found.percent / 100)),
                        .value(
                            found.row.verification.maxAbsoluteError,
                            Units.scientific
                        ),
                        .value(found.row.verification.boundMaxAbsolute, Units.scientific),
                    ]
                }
            )
        )
    }
}
