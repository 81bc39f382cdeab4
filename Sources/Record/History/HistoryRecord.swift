import Files
import Host
import Statistics
import Work

/// The records of some folders in the order of time: what each measured, and how its plan fared.
///
/// It is a record itself, so that all formats and the page are made of it as of any other. It holds
/// no samples.
package struct HistoryRecord: KeptRecord, Equatable {
    package enum Schema: String, Codable, Sendable, CaseIterable {
        case history = "headwise.history/1"
    }

    package private(set) var schema = Schema.history
    /// The machine that read the records; each entry names the one that measured.
    package var host: HostDescription
    /// When the records were read.
    package var started: String
    package var commandLine: [String]
    /// The folders and files that were read.
    package var sources: [String]
    /// What is listed, the oldest first.
    package var entries: [HistoryEntry]
    /// What came before these, of their series, if there is something: `--last` shortens the list,
    /// and no trend.
    package private(set) var earlier: [HistoryEntry]?
    /// Records that were read and are not among the entries: `--plan`, `--last` and the like left
    /// them out.
    package var omittedCount: Int
    /// Files that are not records of a measurement, or cannot be read.
    package var unread: [UnreadFile]
    package var exitCode: Int32?

    /// A file without a place in the history, and the reason as a sentence.
    package struct UnreadFile: Codable, Equatable, Sendable {
        package var path: String
        package var reason: String
        /// The schema of a sound file of another kind; empty if it has none.
        package var schema: String?

        package init(path: String, reason: String, schema: String? = nil) {
            self.path = path
            self.reason = reason
            self.schema = schema
        }
    }

    package init(
        host: HostDescription,
        started: String,
        commandLine: [String],
        sources: [String],
        entries: [HistoryEntry],
        unread: [UnreadFile] = []
    ) {
        self.host = host
        self.started = started
        self.commandLine = commandLine
        self.sources = sources
        self.entries = entries
        omittedCount = 0
        self.unread = unread
        exitCode = EndCode.done
    }

    /// The warnings are in the records.
    package var warnings: [MeasurementWarning]? { nil }
    package var verdict: Verdict? { nil }

    /// Lists the last entries alone, as many as `count`.
    package mutating func list(last count: Int) {
        let listed = entries.suffix(count)
        let series = Set(listed.map(\.series))
        let before = entries.dropLast(count).filter { series.contains($0.series) }
        earlier = before.isEmpty ? nil : before
        entries = Array(listed)
    }

    /// The entries of each listed series, the oldest first, also those that are not listed; series in
    /// the order of their first entry.
    package var series: [[HistoryEntry]] {
        var places: [Int: Int] = [:]
        var series: [[HistoryEntry]] = []
        for entry in (earlier ?? []) + entries {
            if let place = places[entry.series] {
                series[place].append(entry)
            } else {
                places[entry.series] = series.count
                series.append([entry])
            }
        }
        return series
    }

    package func validate(source: String) throws(ExperimentError) {
        let place = RecordPlace(source: source)
        try place.requireMoment(started, "started")
        try place.key("host").requireSound(host)
        try place.requireCount(omittedCount, "omittedCount", in: 0...Int(Int32.max))
        for (index, entry) in entries.enumerated() {
            try entry.validate(place.item("entries", index))
        }
        for (index, entry) in (earlier ?? []).enumerated() {
            try entry.validate(place.item("earlier", index))
        }
    }
}

extension HistoryRecord {
    /// How many plans are slower, faster, … in their newest record than in the one before.
    package var sentence: String {
        guard !entries.isEmpty else { return "There is no record." }
        let series = series
        let start =
            "\(Units.counted(entries.count, "record")) of \(Units.counted(series.count, "plan"))"
        let newest = series.compactMap { $0.last(where: { $0.change != nil })?.change?.verdict }
        guard !newest.isEmpty else {
            return "\(start); nothing to compare: no plan has two finished runs on one machine."
        }
        let counts = [TimeComparison.Verdict.slower, .faster, .same, .ambiguous].compactMap {
            verdict -> String? in
            let count = newest.count { $0 == verdict }
            return count == 0 ? nil : "\(count) \(verdict.rawValue)"
        }
        return "\(start); in the newest comparison of each plan: \(counts.joined(separator: ", "))."
    }
}
