import Record

/// What every process of a run used of the processors in a trial: base cases, coordinator, workers.
package enum ProcessTable {
    /// Means over the trials, with the workers of one point; nil when nothing was measured, and for older
    /// records, which do not count switches.
    package static func table(_ record: RunRecord, _ point: RunPoint) -> TextTable? {
        var rows = record.baseCases.map { base in
            Row(
                name: "1 process, \(Units.counted(base.threads, "thread"))",
                cpu: mean(base.cpuNanoseconds ?? []),
                computing: mean(base.cpuNanoseconds ?? []),
                voluntary: mean(base.voluntarySwitches ?? []),
                involuntary: mean(base.involuntarySwitches ?? [])
            )
        }
        rows.append(
            Row(
                name: "coordinator",
                cpu: mean(point.samples.compactMap(\.cpuNanoseconds)),
                computing: nil,
                voluntary: mean(point.samples.compactMap(\.voluntarySwitches)),
                involuntary: mean(point.samples.compactMap(\.involuntarySwitches))
            )
        )
        for (worker, own) in Dictionary(grouping: point.samples.flatMap(\.workers), by: \.worker)
            .sorted(by: { $0.key < $1.key })
        {
            rows.append(
                Row(
                    name: "worker \(worker)",
                    cpu: mean(own.compactMap(\.cpuNanoseconds)),
                    computing: mean(own.compactMap(\.computeCPUNanoseconds)),
                    voluntary: mean(own.compactMap(\.voluntarySwitches)),
                    involuntary: mean(own.compactMap(\.involuntarySwitches))
                )
            )
        }
        guard rows.contains(where: { $0.voluntary != nil }) else { return nil }
        return TextTable(
            [
                .words("process"), .number("cpu"), .number("computing"),
                .number("voluntary switches"),
                .number("involuntary switches"),
            ],
            rows: rows.map(\.cells)
        )
    }

    private struct Row {
        var name: String
        var cpu: Double?
        var computing: Double?
        var voluntary: Double?
        var involuntary: Double?

        var cells: [TextTable.Cell] {
            [
                .init(name), .value(cpu) { Units.time($0) }, .value(computing) { Units.time($0) },
                .value(voluntary) { Units.decimal($0, places: 1) },
                .value(involuntary) { Units.decimal($0, places: 1) },
            ]
        }
    }

    private static func mean(_ numbers: [UInt64]) -> Double? {
        numbers.isEmpty
            ? nil : numbers.reduce(0) { $0 + Double($1) } / Double(numbers.count)
    }
}
