import Statistics

extension HistoryRecord {
    /// A record with its file.
    package typealias Measured = (path: String, record: any HistoricRecord)

    /// The entries of records in any order: the oldest first, each held against the last one that
    /// can be compared with it.
    package static func entries(of records: [Measured]) -> [HistoryEntry] {
        var numbers: [String: Int] = [:]
        var series: [Int: Series] = [:]
        let sorted = records.sorted { ($0.record.started, $0.path) < ($1.record.started, $1.path) }
        var entries = sorted.map { path, record in
            let part = record.historyPart
            let key = "\(record.host.fingerprint) \(part.key)"
            let number = numbers[key] ?? numbers.count + 1
            numbers[key] = number
            var entry = HistoryEntry(path, record, part, series: number)
            if let run = record as? RunRecord {
                series[number, default: Series()].place(run, in: &entry)
            }
            return entry
        }
        unifyKernelRows(&entries)
        return entries
    }

    /// The row nearest to its peak can be another one each time; the newest record's is shown of
    /// all, so that figures of a series can be compared.
    private static func unifyKernelRows(_ entries: inout [HistoryEntry]) {
        var rows: [Int: Int] = [:]
        for index in entries.indices.reversed() where entries[index].kind == "kernel" {
            guard let own = entries[index].main else { continue }
            let chosen = rows[entries[index].series] ?? own
            rows[entries[index].series] = chosen
            entries[index].main = chosen
        }
    }

    /// The runs of one plan on one machine, as far as later ones are held against them.
    private struct Series {
        /// The latest run that is fit for comparing.
        var latest: (path: String, record: RunRecord)?
        /// Runs by their start, to find copies.
        var runs: [String: [(path: String, record: RunRecord)]] = [:]

        mutating func place(_ run: RunRecord, in entry: inout HistoryEntry) {
            let own = (path: entry.path, record: run)
            if let first = runs[run.started]?.first(where: { $0.record.isSameRun(as: run) }) {
                entry.copyOf = first.path
                return
            }
            runs[run.started, default: []].append(own)
            // What a run measured before it ended early, or a wrong output, is no change.
            guard entry.mainFigure != nil, run.obstacle == nil else { return }
            if let latest { entry.change = Self.change(from: latest, to: own) }
            if run.isFitForComparing { latest = own }
        }

        private static func change(
            from earlier: (path: String, record: RunRecord),
            to later: (path: String, record: RunRecord)
        ) -> HistoryChange? {
            // A history is of one program as it changes, as a baseline is. Records that have no
            // worker count in common are no comparison, and no error of the reader's.
            let comparison = try? CompareRecord.comparing(
                earlier,
                with: later,
                form: .baseline,
                rule: CompareRule(confidence: 0.99),
                allowed: [],
                host: later.record.host,
                started: later.record.started,
                commandLine: []
            )
            return comparison.flatMap(HistoryChange.init)
        }
    }
}

extension HistoryEntry {
    fileprivate init(_ path: String, _ record: any HistoricRecord, _ part: HistoryPart, series: Int)
    {
        self.path = path
        kind = record.kind
        started = record.started
        plan = part.plan
        planDigest = part.planDigest
        self.series = series
        hostName = record.host.hostName
        hostFingerprint = record.host.fingerprint
        commit = record.host.commit
        standing = record.historyStanding
        figures = part.figures
        main = part.main
    }
}
