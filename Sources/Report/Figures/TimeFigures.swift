import Record
import Statistics
import Tables

/// Where the workers' time went: by worker count, by cause of loss, by worker, and in one trial.
enum TimeFigures {
    private static let parts: [StackedBars.Part] = [
        .init("compute", .blue), .init("queue", .orange), .init("transfer", .sky),
        .init("merge", .green), .init("idle", .grey),
    ]

    static func byPoint(_ facts: RunFacts) -> Figure? {
        let rows = facts.measured.compactMap { point in
            TimeShares(point).map { shares in
                StackedBars.Row(
                    Units.counted(point.workers, "worker"),
                    values(shares).map { $0 * 100 }
                )
            }
        }
        guard !rows.isEmpty else { return nil }
        return Figure(
            "Shares of the workers' time",
            caption: "Each bar adds up all workers and all trials of one worker count. Compute: "
                + "kernels run. Queue: a task waits at a worker whose compute threads are free. "
                + "Transfer: tasks, inputs and results are on their way. Merge: the coordinator "
                + "puts rows in their place. Idle: the worker has nothing to do.",
            plot: StackedBars(
                name: "time-by-workers",
                parts: parts,
                rows: rows,
                axis: "% of the workers' time",
                whole: 100
            ).plot,
            table: percentTable("workers", parts.map(\.title), rows)
        )
    }

    /// The loss of efficiency by cause: with the efficiency, the parts add up to 100 %.
    static func losses(_ facts: RunFacts) -> Figure? {
        let parts: [StackedBars.Part] = [
            .init("efficiency", .blue), .init("slower computing", .purple),
            .init("queue", .orange), .init("transfer", .sky), .init("merge", .green),
            .init("imbalance", .yellow), .init("idle", .grey), .init("rest", .vermilion),
        ]
        let rows = facts.measured.compactMap { point -> StackedBars.Row? in
            lossValues(facts, point).map {
                StackedBars.Row(Units.counted(point.workers, "worker"), $0.map { $0 * 100 })
            }
        }
        guard !rows.isEmpty else { return nil }
        let source =
            facts.record.analysis == nil
            ? " This record has no analysis, so the parts come from its time shares; idle "
                + "includes waiting for the slowest worker."
            : ""
        return Figure(
            "What the lost efficiency went to",
            caption: "Efficiency and losses add up to 100 %. Slower computing: kernels run slower "
                + "side by side than alone. Rest: what no cause explains; it lies left of zero if "
                + "the causes add up to more than the loss." + source,
            plot: StackedBars(
                name: "losses",
                parts: parts,
                rows: rows,
                axis: "% of all compute threads' time",
                whole: 100
            ).plot,
            table: percentTable("workers", parts.map(\.title), rows)
        )
    }

    static func byWorker(_ facts: RunFacts) -> Figure? {
        guard let point = facts.chosen else { return nil }
        let samples = point.samples.flatMap(\.workers)
        let rows = Set(samples.map(\.worker)).sorted().compactMap { worker in
            TimeShares(samples.filter { $0.worker == worker }).map { shares in
                StackedBars.Row("worker \(worker)", values(shares).map { $0 * 100 })
            }
        }
        guard !rows.isEmpty else { return nil }
        return Figure(
            "Worker by worker, \(Units.counted(point.workers, "worker"))",
            caption: "Mean over all \(point.samples.count) trials of the worker count that the "
                + "verdict is about.",
            plot: StackedBars(
                name: "time-by-worker",
                parts: parts,
                rows: rows,
                axis: "% of the worker's time",
                whole: 100
            ).plot,
            table: percentTable("worker", parts.map(\.title), rows)
        )
    }

    static func timeline(_ facts: RunFacts) -> Figure? {
        guard let point = facts.chosen, let sample = medianTrial(of: point) else { return nil }
        let unit = Units.Time.fitting(nanoseconds: Double(sample.wallNanoseconds))
        let rows = sample.workers.sorted { $0.worker < $1.worker }.map { worker in
            StackedBars.Row(
                "worker \(worker.worker)",
                durations(worker).map { Double($0) / unit.rawValue }
            )
        }
        guard !rows.isEmpty else { return nil }
        var table = TextTable(
            [.number("worker"), .number("shards")]
                + parts.map { .number("\($0.title), \(unit.symbol)") } + [
                    .number("in"), .number("out"),
                ]
        )
        for (worker, row) in zip(sample.workers.sorted { $0.worker < $1.worker }, rows) {
            table.addRow(
                ["\(worker.worker)", "\(worker.shards)"]
                    + row.values.map { .init(Units.decimal($0, places: 2)) }
                    + [.init(Units.bytes(worker.bytesIn)), .init(Units.bytes(worker.bytesOut))]
            )
        }
        let wall = Units.time(Double(sample.wallNanoseconds))
        return Figure(
            "One trial: trial \(sample.trial) on \(Units.counted(point.workers, "worker"))",
            caption: "The trial nearest to the median: \(wall) from the first task sent to the "
                + "last row in place (the dashed line). The record says how long each part took, "
                + "not when. So the parts stand end to end, in a fixed order, not in the order of "
                + "the trial.",
            plot: StackedBars(
                name: "timeline",
                parts: parts,
                rows: rows,
                axis: "time in \(unit.symbol)",
                whole: Double(sample.wallNanoseconds) / unit.rawValue
            ).plot,
            table: table
        )
    }

    /// The trial whose time is nearest the median; the first of several.
    static func medianTrial(of point: RunPoint) -> TrialSample? {
        guard let median = point.summary?.wall.medianNanoseconds else { return point.samples.first }
        return point.samples.min {
            abs(Double($0.wallNanoseconds) - median) < abs(Double($1.wallNanoseconds) - median)
        }
    }

    private static func durations(_ worker: WorkerSample) -> [UInt64] {
        [
            worker.computeNanoseconds, worker.queueNanoseconds, worker.transferNanoseconds,
            worker.mergeNanoseconds, worker.idleNanoseconds,
        ]
    }

    private static func values(_ shares: TimeShares) -> [Double] {
        [shares.compute, shares.queue, shares.transfer, shares.merge, shares.idle]
    }

    /// Efficiency, then the losses in the order of the plot's parts.
    private static func lossValues(_ facts: RunFacts, _ point: RunPoint) -> [Double]? {
        if let analysis = facts.analysis(of: point), !analysis.losses.isEmpty {
            func loss(_ cause: EfficiencyLoss.Cause) -> Double {
                analysis.losses.filter { $0.cause == cause }.reduce(0) { $0 + $1.fraction }
            }
            let causes: [EfficiencyLoss.Cause] = [
                .compute, .queue, .transfer, .merge, .imbalance, .idle, .unexplained,
            ]
            return [analysis.efficiency.value] + causes.map(loss)
        }
        guard let shares = TimeShares.typical(of: point),
            let efficiency = facts.efficiency(point)?.value
        else { return nil }
        return [
            efficiency, shares.compute - efficiency, shares.queue, shares.transfer, shares.merge, 0,
            shares.idle, 0,
        ]
    }

    private static func percentTable(
        _ title: String,
        _ parts: [String],
        _ rows: [StackedBars.Row]
    ) -> TextTable {
        TextTable(
            [.words(title)] + parts.map { .number("\($0), %") },
            rows: rows.map { row in
                [.init(row.label)] + row.values.map { .init(Units.decimal($0, places: 1)) }
            }
        )
    }
}
