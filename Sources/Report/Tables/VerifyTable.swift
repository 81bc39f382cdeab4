import Experiment

/// The numerical agreement of a catalogue of cases, one row each.
package enum VerifyTable {
    /// A case and what its check found.
    package struct Row: Sendable {
        package var name: String
        package var verification: VerificationSummary

        package init(name: String, verification: VerificationSummary) {
            self.name = name
            self.verification = verification
        }
    }

    package static func rendered(_ rows: [Row], style: Style = .plain) -> String {
        rendered(rows, ending: sentence(rows), style: style)
    }

    /// The rows and what is to be said of each, and last a sentence if there is one.
    static func rendered(_ rows: [Row], ending: String?, style: Style) -> String {
        var table = TextTable([
            .words("case"), .number("rows", leaves: 4),
            .number("max error", narrow: "max\nerror"), .number("allowed"),
            .number("rms", leaves: 2), .number("ulp", leaves: 1), .words("bits", leaves: 3),
            .words("status"),
        ])
        for row in rows {
            let verification = row.verification
            table.addRow([
                .init(row.name), "\(verification.rowsChecked)",
                cell(verification.maxAbsoluteError, Units.scientific),
                cell(verification.boundMaxAbsolute, Units.scientific),
                cell(verification.rmsError, Units.scientific),
                cell(verification.maxUnitsInLastPlace) { value in
                    value < 1e5 ? Units.significant(value) : Units.scientific(value)
                },
                PointTable.bits(verification), PointTable.status(verification),
            ])
        }
        let reasons = rows.flatMap { row in
            row.verification.reasons.map {
                wrapped(
                    "\(row.name): \(row.verification.status): \($0)",
                    columns: style.textColumns
                ) + "\n"
            }
        }
        return table.rendered(style: style) + "\n" + reasons.joined()
            + (reasons.isEmpty ? "" : "\n")
            + (ending.map { closing($0, style) } ?? "")
    }

    /// What stands last, as a line of its own.
    static func closing(_ sentence: String, _ style: Style) -> String {
        style.apply(.strong, to: wrapped(sentence, columns: style.textColumns, indent: "")) + "\n"
    }

    /// One sentence over all cases; the bad news first.
    package static func sentence(_ rows: [Row]) -> String {
        guard !rows.isEmpty else { return "No case was checked." }
        let good = rows.filter { PointTable.isGood($0.verification.status) }.count
        if good == rows.count {
            return good == 1
                ? "The one case agrees within its bounds."
                : "All \(good) cases agree within their bounds."
        }
        let counts = ["DISAGREES", "MISTRUSTED", "UNCHECKED"].compactMap { status in
            let count = rows.filter { $0.verification.status == status }.count
            return count > 0 ? "\(count) \(status)" : nil
        }
        return "\(good) of \(rows.count) cases agree; \(counts.joined(separator: ", "))."
    }
}
