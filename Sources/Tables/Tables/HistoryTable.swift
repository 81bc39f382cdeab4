import Record
import Statistics

/// The records of a folder by time, then their plans.
extension HistoryRecord: PresentedRecord {
    package var presentation: Presentation {
        Presentation(
            headlines: HistoryTable.headlines(self),
            tables: entries.isEmpty
                ? []
                : [
                    .init(HistoryTable.records(self), footnotes: HistoryTable.footnotes(self)),
                    .init(HistoryTable.plans(self), title: "Plans"),
                ],
            notes: [HistoryTable.notes(self)]
        )
    }

    /// One row for every worker count of a run, for every row of a kernel record, and for every
    /// record without times.
    ///
    /// - `series`: records with the same number measured the same on the same machine.
    /// - `is_main`: 1 for the figure that stands for its record.
    /// - `change` to `change_upper_bound`: of the record, against the one in `since`.
    package var samples: SampleRows {
        SampleRows(
            columns: [
                "schema", "started", "path", "kind", "series", "plan", "plan_digest", "host",
                "fingerprint", "commit", "standing", "figure", "is_main", "median_nanoseconds",
                "lower_bound_nanoseconds", "upper_bound_nanoseconds", "speedup",
                "gigaflops_per_second", "change", "since", "change_statistic", "change_workers",
                "change_ratio", "change_lower_bound", "change_upper_bound", "copy_of",
            ],
            rows: entries.flatMap { entry in
                entry.figures.isEmpty
                    ? [row(entry, nil)]
                    : entry.figures.indices.map { row(entry, $0) }
            }
        )
    }

    private func row(_ entry: HistoryEntry, _ index: Int?) -> [String] {
        let figure = index.map { entry.figures[$0] }
        let change = entry.change
        return [
            schema.rawValue, entry.started, entry.path, entry.kind, "\(entry.series)", entry.plan,
            field(entry.planDigest), entry.hostName, entry.hostFingerprint, field(entry.commit),
            entry.standing, field(figure?.label), field(index.map { $0 == entry.main ? 1 : 0 }),
            field(figure?.medianNanoseconds), field(figure?.lowerBoundNanoseconds),
            field(figure?.upperBoundNanoseconds), field(figure?.speedup),
            field(figure?.gigaflopsPerSecond), field(change?.verdict.rawValue),
            field(change?.since), field(change?.statistic.rawValue), field(change?.workers),
            field(change?.ratio), field(change?.lowerBound), field(change?.upperBound),
            field(entry.copyOf),
        ]
    }
}

package enum HistoryTable {
    /// As many records of a plan as a line of bars shows.
    static let trendLength = 10
    /// More files that cannot be read would hide the table.
    private static let mostUnread = 10

    static func records(_ history: HistoryRecord) -> TextTable {
        let entries = history.entries
        let hasStandings = entries.contains { !$0.isSound }
        let hasHosts = Set(entries.map(\.hostFingerprint)).count > 1
        let hasChanges = entries.contains { $0.change != nil || $0.copyOf != nil }
        let (hasTrends, hasRows) = (hasTrends(history), hasRows(history))
        let hasSpeedups = entries.contains { $0.mainFigure?.speedup != nil }
        var columns: [TextTable.Column] = [
            .words("record"), .words("started", leaves: 2), .words("plan"),
        ]
        if hasHosts { columns.append(.words("host", leaves: 1)) }
        columns.append(.number("median"))
        if hasSpeedups {
            columns.append(.number("speedup", narrow: "speed-\nup", leaves: hasRows ? 3 : 4))
        }
        // The only figure of a kernel record of several rows.
        columns.append(.number("GFLOP/s", narrow: "GFLOP\n/s", leaves: hasRows ? 4 : 3))
        if hasChanges { columns.append(.words("change")) }
        if hasTrends { columns.append(.words("trend", leaves: 5)) }
        if hasStandings { columns.append(.words("standing")) }
        var table = TextTable(columns)
        var trends: [Int: [Double?]] = [:]
        func follow(_ entry: HistoryEntry) {
            guard entry.copyOf == nil else { return }
            trends[entry.series, default: []].append(entry.mainFigure?.medianNanoseconds)
        }
        for entry in history.earlier ?? [] { follow(entry) }
        for entry in entries {
            let figure = entry.mainFigure
            follow(entry)
            var cells: [TextTable.Cell] = [
                .init(name(entry, in: history)), .init(moment(entry.started)),
                .init("\(entry.series): \(entry.plan)"),
            ]
            if hasHosts { cells.append(.init(host(entry))) }
            // Without its name, the time of one row of many would mean nothing.
            let hasMedian = !isOfRows(entry)
            cells.append(
                .value(hasMedian ? figure?.medianNanoseconds : nil) { Units.time($0) }
            )
            if hasSpeedups { cells.append(.value(figure?.speedup, Units.significant)) }
            cells.append(.value(figure?.gigaflopsPerSecond, Units.significant))
            if hasChanges { cells.append(change(entry)) }
            if hasTrends {
                let trend = (trends[entry.series] ?? []).suffix(trendLength)
                cells.append(figure == nil ? .absent : Sparkline.cell(Array(trend)))
            }
            if hasStandings { cells.append(standing(entry)) }
            table.addRow(cells)
        }
        return table
    }

    private static func isOfRows(_ entry: HistoryEntry) -> Bool {
        entry.kind == "kernel" && entry.figures.count > 1
    }

    private static func hasRows(_ history: HistoryRecord) -> Bool {
        history.entries.contains(where: isOfRows)
    }

    /// Whether a plan has more than one time.
    private static func hasTrends(_ history: HistoryRecord) -> Bool {
        history.series.contains { series in
            series.count { $0.mainFigure != nil && $0.copyOf == nil } > 1
        }
    }

    static func plans(_ history: HistoryRecord) -> TextTable {
        let hasHosts = Set(history.entries.map(\.hostFingerprint)).count > 1
        var columns: [TextTable.Column] = [
            .number("plan"), .words("what"), .number("records"), .words("newest", leaves: 1),
        ]
        if hasHosts { columns.append(.words("host", leaves: 2)) }
        var table = TextTable(columns)
        for series in history.series {
            guard let newest = series.last else { continue }
            var cells: [TextTable.Cell] = [
                "\(newest.series)", .init(newest.plan), "\(series.count)",
                .init(moment(newest.started)),
            ]
            if hasHosts { cells.append(.init(host(newest))) }
            table.addRow(cells)
        }
        return table
    }

    // MARK: Cells

    /// `slower 4.9 %`, `ambiguous +1.2 %`.
    package static func change(_ entry: HistoryEntry) -> TextTable.Cell {
        if entry.copyOf != nil { return "copy" }
        guard let change = entry.change else { return .absent }
        let difference = change.ratio - 1
        let size = Units.percent(abs(difference), isFine: true)
        switch change.verdict {
        case .slower: return .init("slower \(size)", .bad)
        case .faster: return .init("faster \(size)", .good)
        case .same, .notSlower: return .init("same")
        case .ambiguous: return .init("ambiguous \(difference < 0 ? "-" : "+")\(size)")
        }
    }

    package static func standing(_ entry: HistoryEntry) -> TextTable.Cell {
        .init(entry.standing, entry.isSound ? .none : .bad)
    }

    /// The file's name; its path where there are several folders.
    package static func name(_ entry: HistoryEntry, in history: HistoryRecord) -> String {
        let path =
            history.sources.count == 1
            ? entry.path.split(separator: "/").last.map(String.init) ?? entry.path : entry.path
        return path.hasSuffix(".json") ? String(path.dropLast(5)) : path
    }

    /// `2025-11-21 01:24`.
    package static func moment(_ started: String) -> String {
        String(started.prefix(16)).replacing("T", with: " ")
    }

    /// A few digits of the fingerprint tell the machines of a folder apart.
    package static func host(_ entry: HistoryEntry) -> String {
        "\(entry.hostName) \(entry.hostFingerprint.prefix(6))"
    }

    // MARK: Lines

    static func headlines(_ history: HistoryRecord) -> [String] {
        let folders = "Records in \(Units.listed(history.sources)), the newest last"
        guard let first = history.entries.first,
            history.entries.allSatisfy({ $0.hostFingerprint == first.hostFingerprint })
        else { return [folders] }
        return [folders, "Host: \(host(first)), the same for all"]
    }

    static func footnotes(_ history: HistoryRecord) -> [String] {
        let hasChange = history.entries.contains { $0.change != nil }
        return [
            hasChange
                ? "change: against the last sound run of the same plan and host, by the rule of "
                    + "'headwise compare'." : nil,
            hasRows(history) ? "GFLOP/s of kernels: of the row nearest to its peak." : nil,
            hasTrends(history)
                ? "trend: the medians of the plan up to this record; a higher bar is a longer time."
                : nil,
        ].compactMap { $0 }
    }

    package static func notes(_ history: HistoryRecord) -> [String] {
        let others = history.unread.filter { $0.schema != nil }
        let unread = history.unread.filter { $0.schema == nil }
        var notes: [String] = []
        if history.omittedCount > 0 {
            notes.append(
                "\(Units.counted(history.omittedCount, "other record")) left out, as the flags say"
                    + (history.earlier != nil
                        ? "; trends and plots have those of the listed plans." : ".")
            )
        }
        if !others.isEmpty {
            let names = others.map { other in
                "\(other.path) (\(other.schema.map { $0.isEmpty ? "no schema" : $0 } ?? ""))"
            }
            notes.append("No records of measurements: \(names.joined(separator: ", ")).")
        }
        notes += unread.prefix(mostUnread).map { "Not read: \($0.reason)." }
        if unread.count > mostUnread {
            notes.append(
                "Not read: \(unread.count - mostUnread) more files; --format json has them all."
            )
        }
        return notes
    }
}
