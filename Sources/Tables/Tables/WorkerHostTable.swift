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
        let figures = Figures(point, hosts)
        let means = hosts.map(figures.means)
        let longest = means.compactMap { $0?.computed }.max() ?? 0
        let unit = Units.Time.fitting(nanoseconds: longest)
        let rows = zip(hosts, means).sorted {
            ($0.0.worker, $0.0.replicate) < ($1.0.worker, $1.0.replicate)
        }
        for (host, means) in rows {
            table.addRow(
                [
                    "\(host.worker)", .init(host.instructionSet.rawValue),
                    .value(means?.shards) {
                        Units.decimal($0, places: $0 == $0.rounded() ? 0 : 1)
                    },
                    .value(means?.computed) { Units.time($0, in: unit) },
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

    /// What workers did on each of their hosts.
    private struct Figures {
        private var samples: [Int: [(replicate: Int, sample: WorkerSample)]] = [:]
        private var replicates: [Int: [Int]] = [:]

        init(_ point: RunPoint, _ hosts: [WorkerHost]) {
            for trial in point.samples {
                for sample in trial.workers {
                    samples[sample.worker, default: []].append((trial.replicate ?? 0, sample))
                }
            }
            for host in hosts { replicates[host.worker, default: []].append(host.replicate) }
        }

        /// Means over the trials from the host's first replicate to its last; nil without any, and where
        /// nothing tells its trials from those of another host in the same replicate.
        func means(_ host: WorkerHost) -> (shards: Double, computed: Double)? {
            let all = replicates[host.worker] ?? []
            guard all.count(where: { $0 == host.replicate }) == 1 else { return nil }
            let next = all.filter { $0 > host.replicate }.min() ?? .max
            let own = (samples[host.worker] ?? []).filter {
                (host.replicate..<next).contains($0.replicate)
            }.map(\.sample)
            guard !own.isEmpty else { return nil }
            let count = Double(own.count)
            return (
                Double(own.reduce(0) { $0 + $1.shards }) / count,
                own.reduce(0) { $0 + Double($1.computeNanoseconds) } / count
            )
        }
    }
}

extension TextTable.Cell {
    fileprivate static func words(_ text: String?) -> Self { text.map { .init($0) } ?? .absent }
}
