import Record

/// The time of the workers: by point for a sweep, by worker for one point.
enum TimeTable {
    /// The shares of every point, the bytes that it moved, its redone shards and its faults.
    static func byPoint(_ points: [RunPoint]) -> [Presentation.Table] {
        guard !points.isEmpty else { return [] }
        var table = TextTable([
            .number("workers", narrow: "work-\ners"), .number("compute", narrow: "com-\npute"),
            .number("queue"), .number("transfer", narrow: "trans-\nfer"), .number("merge"),
            .number("idle"), .number("sent", leaves: 2),
            .number("received", narrow: "recei-\nved", leaves: 3),
            .number("redone", narrow: "re-\ndone", leaves: 1), .number("faults", leaves: 4),
        ])
        for point in points {
            let trials = max(point.samples.count, 1)
            let faults = point.faults.count
            table.addRow(
                ["\(point.workers)"] + shares(TimeShares(point)) + [
                    .init(Units.bytes(point.bytesSent / UInt64(trials))),
                    .init(Units.bytes(point.bytesReceived / UInt64(trials))),
                    "\(redoneShards(of: point))",
                    .init("\(faults)", faults > 0 ? .bad : .none),
                ]
            )
        }
        return [.init(table, title: "Workers' time; the coordinator's bytes per trial:")]
    }

    /// Shards beyond one per trial, including those of trials with a wrong output.
    private static func redoneShards(of point: RunPoint) -> Int {
        let trials = point.samples.count + (point.incompleteTrials ?? 0)
        return max(point.attempts - point.shards * trials, 0)
    }

    /// The mean times of every worker in a trial, with their shares below; nil when no trial was
    /// finished.
    static func byWorker(_ point: RunPoint) -> Presentation.Table? {
        let samples = point.samples.flatMap(\.workers)
        guard !samples.isEmpty else { return nil }
        let trials = Double(point.samples.count)
        let workers = Set(samples.map(\.worker)).sorted()
        let parts: [KeyPath<WorkerSample, UInt64>] = [
            \.computeNanoseconds, \.queueNanoseconds, \.transferNanoseconds, \.mergeNanoseconds,
            \.idleNanoseconds,
        ]
        func mean(_ worker: Int, _ part: KeyPath<WorkerSample, UInt64>) -> Double {
            samples.reduce(0) { $1.worker == worker ? $0 + Double($1[keyPath: part]) : $0 } / trials
        }
        /// Absent in older records.
        func told(_ worker: Int, _ part: KeyPath<WorkerSample, UInt64?>) -> TextTable.Cell {
            let times = samples.filter { $0.worker == worker }.compactMap { $0[keyPath: part] }
            guard !times.isEmpty else { return .absent }
            let sum = times.reduce(0) { $0 + Double($1) }
            return .init(Units.decimal(sum / trials / unit.rawValue, places: places))
        }
        let means = workers.map { worker in parts.map { mean(worker, $0) } }
        let longest = means.joined().max() ?? 0
        let unit = Units.Time.fitting(nanoseconds: longest)
        let places = longest / unit.rawValue < 99.995 ? 2 : 1

        var table = TextTable([
            .number("worker", narrow: "work-\ner"), .number("shards", leaves: 3),
            .number("compute", narrow: "com-\npute"), .number("queue"),
            .number("transfer", narrow: "trans-\nfer"), .number("merge"), .number("idle"),
            .number("cpu", leaves: 4), .number("off\ncore", leaves: 5),
            .number("in", leaves: 1), .number("out", leaves: 2),
        ])
        for (worker, times) in zip(workers, means) {
            let own = samples.filter { $0.worker == worker }
            let shards = Double(own.reduce(0) { $0 + $1.shards }) / trials
            table.addRow(
                ["\(worker)", .init(Units.decimal(shards, places: isWhole(shards) ? 0 : 1))]
                    + times.map { .init(Units.decimal($0 / unit.rawValue, places: places)) }
                    + [
                        told(worker, \.cpuNanoseconds), told(worker, \.offCoreNanoseconds),
                        .init(Units.bytes(UInt64(mean(worker, \.bytesIn)))),
                        .init(Units.bytes(UInt64(mean(worker, \.bytesOut)))),
                    ]
            )
        }
        table.addRow(["all", ""] + shares(TimeShares(point)) + ["", "", "", ""])
        return .init(table, title: "Mean per trial, times in \(unit.symbol):")
    }

    private static func shares(_ shares: TimeShares?) -> [TextTable.Cell] {
        [
            shares?.compute, shares?.queue, shares?.transfer, shares?.merge, shares?.idle,
        ].map { share in .value(share) { Units.percent($0, isFine: true) } }
    }

    private static func isWhole(_ value: Double) -> Bool { value == value.rounded() }
}
