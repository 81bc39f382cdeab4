import Record

/// Who computed what, with what: the workers of the largest point.
package enum WorkerHostTable {
    /// Nil where all workers computed on the run's own host with one instruction set, and for older records.
    static func presented(_ points: [RunPoint]) -> Presentation.Table? {
        table(points).map { .init($0, title: "Who computed what, mean per trial:") }
    }

    /// Nil like that.
    package static func table(_ points: [RunPoint]) -> TextTable? {
        let point = points.filter { $0.hosts != nil }.max { $0.workers < $1.workers }
        guard let point, let hosts = point.hosts else { return nil }
        // Of several, each is a row of its own.
        let isConstant = hosts.allSatisfy { $0.replicate == hosts[0].replicate }
        var table = TextTable(
            [
                .number("worker"), .words("instruction set"), .number("shards"),
                .number("computed"),
            ] + (point.speeds == nil ? [] : [.number("speed")])
                + (isConstant ? [] : [.number("from\nreplicate")]) + [
                    .words("host", leaves: 2), .words("processor", leaves: 1),
                ]
        )
        let longest = hosts.compactMap { computed($0, in: point) }.max() ?? 0
        let unit = Units.Time.fitting(nanoseconds: longest)
        for host in hosts.sorted(by: { ($0.worker, $0.replicate) < ($1.worker, $1.replicate) }) {
            table.addRow(
                [
                    "\(host.worker)", .init(host.instructionSet.rawValue),
                    .value(mean(host, in: point) { Double($0.shards) }) {
                        Units.decimal($0, places: $0 == $0.rounded() ? 0 : 1)
                    },
                    .value(computed(host, in: point)) { Units.time($0, in: unit) },
                ] + (point.speeds.map { [speed($0, host)] } ?? [])
                    + (isConstant ? [] : ["\(host.replicate + 1)"]) + [
                        .words(host.host), .words(host.processor),
                    ]
            )
        }
        return table
    }

    /// By which a weighted schedule cut, 1 the mean.
    private static func speed(_ speeds: [Double], _ host: WorkerHost) -> TextTable.Cell {
        .value(speeds.indices.contains(host.worker) ? speeds[host.worker] : nil, Units.significant)
    }

    private static func computed(_ host: WorkerHost, in point: RunPoint) -> Double? {
        mean(host, in: point) { Double($0.computeNanoseconds) }
    }

    /// The mean of the trials from the host's first replicate to its last.
    private static func mean(
        _ host: WorkerHost,
        in point: RunPoint,
        _ part: (WorkerSample) -> Double
    ) -> Double? {
        let next =
            (point.hosts ?? []).filter {
                $0.worker == host.worker && $0.replicate > host.replicate
            }.map(\.replicate).min() ?? .max
        let samples = point.samples.filter {
            (host.replicate..<next).contains($0.replicate ?? 0)
        }.flatMap(\.workers).filter { $0.worker == host.worker }
        return samples.isEmpty
            ? nil : samples.reduce(0) { $0 + part($1) } / Double(samples.count)
    }
}

extension TextTable.Cell {
    fileprivate static func words(_ text: String?) -> Self { text.map { .init($0) } ?? .absent }
}
