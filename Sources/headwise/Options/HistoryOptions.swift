import ArgumentParser
import Files
import Record
import Report

/// Which records are read, and which of these are shown.
struct HistoryOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Folders of records, or single records. Default: results.",
            valueName: "folder"
        ),
        completion: .directory
    )
    var folders: [String] = []

    @Option(
        help: ArgumentHelp(
            "Only plans whose description, as printed, contains this text: causal, 'plane inline'.",
            valueName: "text"
        )
    )
    var plan: String?

    @Option(
        help: """
            Only records of these kinds, joined by commas: \
            \(HistoryRecord.heldKinds.joined(separator: ", ")).
            """
    )
    var kind: String?

    @Option(
        help: ArgumentHelp(
            """
            Only records of this machine: its name, the first digits of its fingerprint, or this \
            (the machine that you use now).
            """,
            valueName: "host"
        )
    )
    var host: String?

    @Option(
        .checkedLater(1...Int.max),
        help: "List only the last records, as many as this; trends use all records."
    )
    var last: Int?

    var sources: [String] { folders.isEmpty ? ["results"] : folders }

    /// Refuses what no record can have.
    func validate() throws {
        let known = HistoryRecord.heldKinds
        for kind in try kind.map({ try items("--kind", $0) }) ?? [] where !known.contains(kind) {
            throw ExperimentError.unknownValue("--kind", kind, known: known)
        }
        if let last {
            try require("--last", last, in: 1...Int.max, remedy: "leave it out to see all")
        }
        for (flag, text) in [("--plan", plan), ("--host", host)] where text?.isEmpty == true {
            throw ExperimentError(
                .usage,
                flag,
                "is empty",
                expected: "a text to look for",
                remedy: "leave it out to see all"
            )
        }
    }

    /// Leaves the wanted entries; the others still were what these are held against.
    func filter(_ history: inout HistoryRecord) throws {
        let kinds = try kind.map { try items("--kind", $0) }
        let all = history.entries
        let wanted = all.filter { entry in
            (kinds?.contains(entry.kind) ?? true)
                && (plan.map { entry.plan.containsLoosely($0) } ?? true)
                && (host.map { isHost($0, entry, history) } ?? true)
        }
        guard !wanted.isEmpty else {
            let flags = [("--plan", plan), ("--kind", kind), ("--host", host)]
                .compactMap { flag, text in text.map { "\(flag) \($0)" } }
            throw ExperimentError(
                .usage,
                flags.joined(separator: " "),
                "fits none of \(all.count) records",
                expected: "a plan, a kind or a host that 'headwise history' shows",
                remedy: "leave a flag out, or change its text"
            )
        }
        history.entries = wanted
        if let last { history.list(last: last) }
        history.omittedCount = all.count - history.entries.count
    }

    private func isHost(_ text: String, _ entry: HistoryEntry, _ history: HistoryRecord) -> Bool {
        text == "this"
            ? entry.hostFingerprint == history.host.fingerprint
            : entry.hostName == text || entry.hostFingerprint.hasPrefix(text.lowercased())
    }
}

extension String {
    /// Whether the text is in it, in large or small letters.
    fileprivate func containsLoosely(_ text: String) -> Bool {
        lowercased().contains(text.lowercased())
    }
}
