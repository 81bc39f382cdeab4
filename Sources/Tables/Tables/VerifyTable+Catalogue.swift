import Attention
import Record

extension VerifyTable {
    /// A whole catalogue: what was found by instruction set and by feature, how to see failures
    /// again, and one sentence.
    package static func rendered(_ record: VerifyRecord, style: Style = .plain) -> String {
        let columns = style.textColumns
        var text = wrapped(headline(record), columns: columns) + "\n\n"
        let sets = record.instructionSets.map(\.rawValue)
        text += table("instruction\nset", record.rows, names: sets, style) {
            $0.instructionSet.rawValue
        }
        let features = record.rows.map(\.feature).reduce(into: [String]()) { unique, name in
            if !unique.contains(name) { unique.append(name) }
        }
        text += "\n" + table("checked", record.rows, names: features, style) { $0.feature } + "\n"
        text += remarks(record, style)
        if !record.notes.isEmpty || !record.failures.isEmpty { text += "\n" }
        return text + closing(sentence(record), style)
    }

    /// Single cases with their errors; for a whole catalogue this would be too long.
    package static func renderedEach(_ record: VerifyRecord, style: Style = .plain) -> String {
        table(record.rows, style) + remarks(record, style) + closing(sentence(record), style)
    }

    private static func remarks(_ record: VerifyRecord, _ style: Style) -> String {
        record.notes.map {
            wrapped("Note: \($0).", columns: style.textColumns) + "\n"
        }.joined() + record.failures.map { rendered($0, style) }.joined()
    }

    /// The result of the comparisons; failures first.
    package static func sentence(_ record: VerifyRecord) -> String {
        let sets = Units.counted(record.instructionSets.count, "instruction set")
        let comparisons = "\(grouped(record.counts.comparisons)) comparisons on \(sets)"
        let unfinished = record.isComplete ? "" : " UNFINISHED: the run stopped early."
        guard !record.rows.isEmpty else { return "Nothing was checked." + unfinished }
        let disagreeing = record.counts.statuses[VerificationStatus.disagrees.rawValue] ?? 0
        if disagreeing > 0 {
            return "\(comparisons): \(grouped(disagreeing)) of \(grouped(record.rows.count)) "
                + "checks \(disagreeing == 1 ? "DISAGREES" : "DISAGREE")." + unfinished
        }
        let worst = record.rows.compactMap(\.errorOverBound).max() ?? 0
        let mistrusted = record.rows.count { !$0.verification.status.isGood }
        if mistrusted > 0 {
            return "\(comparisons): nothing disagrees, but \(grouped(mistrusted)) of "
                + "\(grouped(record.rows.count)) checks prove nothing." + unfinished
        }
        return "\(comparisons): every bit is equal, and the largest error is "
            + "\(Units.percent(worst)) of what is allowed." + unfinished
    }

    private static func headline(_ record: VerifyRecord) -> String {
        let cases = Units.counted(Set(record.rows.map(\.name)).count, "case")
        let random = record.randomCases > 0 ? ", the random ones from seed \(record.seed)" : ""
        let counts = record.counts
        return "\(cases)\(random), in one process and on clusters of "
            + "\(record.workers.map(String.init).joined(separator: "/")) "
            + "\(record.workers == [1] ? "worker" : "workers"): "
            + "\(grouped(counts.clusterComparisons)) outputs of clusters and "
            + "\(grouped(counts.processComparisons)) of several threads compared bit for bit with "
            + "one thread's; \(grouped(counts.referenceComparisons)) outputs of one thread and "
            + "their attention weights compared with float64"
    }

    private static func table(
        _ title: String,
        _ rows: [VerifyRow],
        names: [String],
        _ style: Style,
        name: (VerifyRow) -> String
    ) -> String {
        var table = TextTable([
            .words(title), .number("checks", leaves: 2), .number("EXACT", leaves: 3),
            .number("AGREES", leaves: 4), .number("DIS-\nAGREES"), .number("MIS-\nTRUSTED"),
            .number("cluster\nruns", leaves: 1), .words("bits"), .number("error /\nallowed"),
        ])
        for group in names {
            let own = rows.filter { name($0) == group }
            func count(_ status: VerificationStatus) -> Int {
                own.count { $0.verification.status == status }
            }
            let (exact, agrees) = (count(.exact), count(.agrees))
            let disagrees = count(.disagrees)
            let areEqual = own.allSatisfy { $0.verification.bitwiseEqual != false }
            table.addRow([
                .init(group), "\(own.count)", "\(exact)", "\(agrees)",
                .init("\(disagrees)", disagrees > 0 ? .bad : .none),
                "\(own.count - exact - agrees - disagrees)",
                .init(grouped(own.reduce(0) { $0 + $1.clusterComparisons })),
                own.isEmpty ? .absent : areEqual ? .init("equal", .good) : .init("DIFFER", .bad),
                cell(own.compactMap(\.errorOverBound).max()) { Units.percent($0) },
            ])
        }
        return table.rendered(style: style)
    }

    private static func rendered(_ failure: VerifyFailure, _ style: Style) -> String {
        let reasons = failure.reasons.map {
            "  " + wrapped($0, columns: style.textColumns - 2, indent: "  ") + "\n"
        }
        // Not wrapped, so that users can copy it.
        return style.apply(.bad, to: visible("\(failure.name) DISAGREES")) + "\n"
            + reasons.joined() + "  repeat: \(visible(failure.command))\n"
    }

    /// `1,234`.
    private static func grouped(_ count: Int) -> String {
        var digits = String(count)[...]
        var groups: [Substring] = []
        while digits.count > 3 {
            groups.insert(digits.suffix(3), at: 0)
            digits = digits.dropLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }
}
