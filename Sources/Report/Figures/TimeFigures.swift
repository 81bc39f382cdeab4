import Record
import Statistics
import Tables

/// Where the workers' time went, besides computing: by cause of loss and by worker.
///
/// Computing has most of the time of a good run. Drawn beside it, everything else would be hairlines,
/// so what is drawn is everything else.
enum TimeFigures {
    private static let waits = TimePart.allCases.filter { $0 != .compute }.map(\.part)

    private static let meanings =
        "Queue: a task waits at a worker. Transfer: tasks, inputs and results are on their way. "
        + "Merge: the coordinator puts rows in their place."

    /// The loss of efficiency by cause: with the efficiency, the parts add up to 100 %.
    static func losses(_ facts: RunFacts) -> Figure? {
        let causes: [StackedBars.Part] = [
            .init("slower computing", .purple), TimePart.queue.part, TimePart.transfer.part,
            TimePart.merge.part, .init("imbalance", .yellow), TimePart.idle.part,
            .init("rest", .vermilion),
        ]
        let found = facts.measured.compactMap { point in
            lossValues(facts, point).map { (point: point, values: $0.map { $0 * 100 }) }
        }
        guard !found.isEmpty else { return nil }
        let rows = found.map { point, values in
            StackedBars.Row(
                Units.counted(point.workers, "worker"),
                Array(values.dropFirst()),
                note: "\(Units.decimal(100 - values[0], places: 1)) % lost"
            )
        }
        return Figure(
            "What was lost",
            caption: "Each bar is what a worker count lost of its compute threads' time; the rest "
                + "of 100 % is its efficiency. Slower computing: kernels run slower side by side "
                + "than alone. \(meanings) Imbalance: waiting for the slowest worker. Idle: no "
                + "worker has work. Rest: what no cause explains. A part left of zero was "
                + "gained.",
            plot: StackedBars(
                name: "losses",
                parts: causes,
                rows: rows,
                axis: "% of all compute threads' time"
            ).plot,
            table: percentTable(
                "workers",
                ["efficiency"] + causes.map(\.title),
                found.map { (Units.counted($0.point.workers, "worker"), $0.values) }
            )
        )
    }

    /// The shares of the workers' time, for a record whose losses are unknown.
    static func byPoint(_ facts: RunFacts) -> Figure? {
        let found = facts.measured.compactMap { point in
            TimeShares(point).map { (Units.counted(point.workers, "worker"), values($0)) }
        }
        guard !found.isEmpty else { return nil }
        return Figure(
            "What the workers did besides computing",
            caption: "Each bar adds up all workers and all trials of one worker count. "
                + "\(meanings) Idle: the worker has nothing to do.",
            plot: StackedBars(
                name: "time-by-workers",
                parts: waits,
                rows: found.map { label, values in
                    StackedBars.Row(
                        label,
                        Array(values.dropFirst()),
                        note: "\(Units.decimal(values[0], places: 1)) % computing"
                    )
                },
                axis: "% of the workers' time"
            ).plot,
            table: percentTable("workers", ["compute"] + waits.map(\.title), found)
        )
    }

    static func byWorker(_ facts: RunFacts) -> Figure? {
        guard let point = facts.chosen else { return nil }
        let typical = MiddleThird.of(point.samples) { Double($0.wallNanoseconds) }
        let samples = Dictionary(grouping: typical.flatMap(\.workers), by: \.worker)
        let trials = Double(typical.count)
        let means = samples.keys.sorted().map { worker in
            (
                worker: worker,
                times: parts.map { part in
                    (samples[worker] ?? []).reduce(0) { $0 + Double($1[keyPath: part]) } / trials
                }
            )
        }
        guard let longest = means.flatMap(\.times).max(), longest > 0 else { return nil }
        let waiting = means.map { $0.times.dropFirst().reduce(0, +) }.max() ?? 0
        let unit = Units.Time.fitting(nanoseconds: waiting)
        let rows = means.map { mean in
            StackedBars.Row(
                "worker \(mean.worker)",
                mean.times.dropFirst().map { $0 / unit.rawValue },
                note: mean.times[0] > 0 ? "computes \(Units.time(mean.times[0]))" : "had no task"
            )
        }
        var table = TextTable(
            [.number("worker"), .number("compute")] + waits.map { .number($0.title) }
                + [.number("shards"), .number("in"), .number("out")]
        )
        for mean in means {
            let own = samples[mean.worker] ?? []
            func bytes(_ part: KeyPath<WorkerSample, UInt64>) -> TextTable.Cell {
                let sum = own.reduce(0) { $0 + Double($1[keyPath: part]) }
                return .init(Units.bytes(UInt64(min(sum / trials, 1e18))))
            }
            table.addRow(
                ["\(mean.worker)"] + mean.times.map { .init(Units.time($0)) } + [
                    .init(
                        Units.decimal(
                            Double(own.reduce(0) { $0 + $1.shards }) / trials,
                            places: 1
                        )
                    ), bytes(\.bytesIn), bytes(\.bytesOut),
                ]
            )
        }
        return Figure(
            "What \(point.workers == 1 ? "the worker" : "each of \(point.workers) workers") did besides computing",
            caption: "Means over the third of the trials around the median. Idle: the worker has "
                + "nothing to do, or waits for slower ones.",
            plot: StackedBars(
                name: "time-by-worker",
                parts: waits,
                rows: rows,
                axis: "\(unit.symbol) per trial"
            ).plot,
            table: table
        )
    }

    private static let parts: [KeyPath<WorkerSample, UInt64> & Sendable] = [
        \.computeNanoseconds, \.queueNanoseconds, \.transferNanoseconds, \.mergeNanoseconds,
        \.idleNanoseconds,
    ]

    /// In percent: computing, then the rest.
    private static func values(_ shares: TimeShares) -> [Double] {
        [shares.compute, shares.queue, shares.transfer, shares.merge, shares.idle].map { $0 * 100 }
    }

    /// Efficiency, then the losses in the order of the plot's parts.
    private static func lossValues(_ facts: RunFacts, _ point: RunPoint) -> [Double]? {
        guard let analysis = facts.analysis(of: point), !analysis.losses.isEmpty else {
            return nil
        }
        func loss(_ cause: EfficiencyLoss.Cause) -> Double {
            analysis.losses.filter { $0.cause == cause }.reduce(0) { $0 + $1.fraction }
        }
        let causes: [EfficiencyLoss.Cause] = [
            .compute, .queue, .transfer, .merge, .imbalance, .idle, .unexplained,
        ]
        return [analysis.efficiency.value] + causes.map(loss)
    }

    private static func percentTable(
        _ title: String,
        _ parts: [String],
        _ rows: [(label: String, values: [Double])]
    ) -> TextTable {
        TextTable(
            [.words(title)] + parts.map { .number("\($0), %") },
            rows: rows.map { row in
                [.init(row.label)] + row.values.map { .init(Units.decimal($0, places: 1)) }
            }
        )
    }
}
