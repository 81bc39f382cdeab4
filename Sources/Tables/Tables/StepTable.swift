import Record

/// The steps of decoding: how long one took, and how many tokens a second they make.
package enum StepTable {
    /// Nil where there are no steps.
    static func presented(_ points: [RunPoint]) -> Presentation.Table? {
        table(points).map { .init($0, title: "Steps of all trials:") }
    }

    /// Nil where there are no steps.
    package static func table(_ points: [RunPoint]) -> TextTable? {
        let known = points.compactMap { point in point.steps.map { (point, $0) } }
        guard let longest = known.map(\.1.longestNanoseconds).max() else { return nil }
        var table = TextTable([
            .number("workers", narrow: "work-\ners"), .number("steps\nof a trial"),
            .number("median"), .number("p90"), .number("p99"), .number("longest"),
            .number("tokens\na second"),
        ])
        let unit = Units.Time.fitting(nanoseconds: longest)
        for (point, steps) in known {
            func time(_ nanoseconds: Double) -> TextTable.Cell {
                .init(Units.time(nanoseconds, in: unit))
            }
            table.addRow([
                "\(point.workers)", "\(steps.steps)", time(steps.medianNanoseconds),
                time(steps.percentile90Nanoseconds), time(steps.percentile99Nanoseconds),
                time(steps.longestNanoseconds), .init(Units.significant(steps.tokensPerSecond)),
            ])
        }
        return table
    }
}
