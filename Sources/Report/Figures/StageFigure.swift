import Record
import Tables

/// When the stages of a trial ran, from the first task to the last row: a row for each stage.
enum StageFigure {
    /// Nil where there is one stage, and for older records.
    static func figure(_ facts: RunFacts) -> Figure? {
        guard let point = facts.chosen, let table = StageTable.table(facts.measured) else {
            return nil
        }
        let stages = point.typicalStages
        let end = Double(stages.map(\.endNanoseconds).max() ?? 0)
        guard end > 0 else { return nil }
        let unit = Units.Time.fitting(nanoseconds: end)
        let all = stages.reduce(0) { $0 + Double($1.computeNanoseconds) }
        func scaled(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) / unit.rawValue }
        let named = NamedRows(
            rows: stages.map { stage in
                let share = all > 0 ? Double(stage.computeNanoseconds) / all : 0
                return .init(
                    stage.stage.title,
                    note: "\(Units.percent(share, isFine: true)) of the computing time",
                    end: scaled(stage.endNanoseconds)
                )
            },
            axis: "\(unit.symbol) since the trial began"
        )
        let blocks = [
            NamedRows.boxes(
                "stages",
                stages.map { (scaled($0.beginNanoseconds), scaled($0.endNanoseconds)) }
            )
        ]
        let plot = Plot(
            name: "stages",
            blocks: blocks,
            legend: [],
            area: { named.area($0) }
        ) { format in
            named.commands(format) + [
                "plot \(named.boxes(0, format, "\(color(.blue)) notitle"))"
            ]
        }
        return Figure(
            "Stages of a typical trial on \(Units.counted(point.workers, "worker"))",
            caption: "From the first task of a stage that was sent to its last result, by the "
                + "coordinator's clock, mean of the middle third of the trials. Stages overlap "
                + "where a task of the next one has all that it waits for.",
            plot: plot,
            table: table
        )
    }
}
