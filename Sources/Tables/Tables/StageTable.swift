import Record

/// The stages of a layer, of Linformer, of kernel regression or of cut keys: what each took, and when.
package enum StageTable {
    /// Nil where there is one stage, and for older records.
    static func presented(_ points: [RunPoint]) -> Presentation.Table? {
        table(points).map { .init($0, title: "Stages, mean of typical trials:") }
    }

    /// Nil where there is one stage, and for older records.
    package static func table(_ points: [RunPoint]) -> TextTable? {
        let stages = points.map { ($0, $0.typicalStages) }.filter { !$0.1.isEmpty }
        guard !stages.isEmpty else { return nil }
        var table = TextTable([
            .number("workers", narrow: "work-\ners"), .words("stage"),
            .number("compute\nby all", leaves: 2), .number("of\ncompute"),
            .number("begins", leaves: 1), .number("ends", leaves: 1), .number("lasts"),
        ])
        let longest = stages.flatMap(\.1).map(\.endNanoseconds).max() ?? 0
        let unit = Units.Time.fitting(nanoseconds: Double(longest))
        func time(_ nanoseconds: UInt64) -> TextTable.Cell {
            .init(Units.time(Double(nanoseconds), in: unit))
        }
        for (point, stages) in stages {
            let all = stages.reduce(0) { $0 + Double($1.computeNanoseconds) }
            for stage in stages {
                table.addRow([
                    "\(point.workers)", .init(stage.stage.title), time(stage.computeNanoseconds),
                    .value(all > 0 ? Double(stage.computeNanoseconds) / all : nil) {
                        Units.percent($0, isFine: true)
                    },
                    time(stage.beginNanoseconds), time(stage.endNanoseconds),
                    time(stage.endNanoseconds - stage.beginNanoseconds),
                ])
            }
        }
        return table
    }
}
