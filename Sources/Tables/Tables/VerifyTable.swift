import Attention
import Record

/// The numerical agreement of a case, one row for each instruction set.
package enum VerifyTable {
    /// The rows, and notes on each below them.
    static func table(_ rows: [VerifyRow], _ style: Style) -> String {
        var table = TextTable([
            .words("case"), .number("rows", leaves: 4),
            .number("max error", narrow: "max\nerror"), .number("allowed"),
            .number("rms", leaves: 2), .number("ulp", leaves: 1), .words("bits", leaves: 3),
            .words("status"),
        ])
        for row in rows {
            let verification = row.verification
            table.addRow([
                .init(row.instructionSet.rawValue), "\(verification.rowsChecked)",
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
                    "\(row.instructionSet.rawValue): \(row.verification.status): \($0)",
                    columns: style.textColumns
                ) + "\n"
            }
        }
        return table.rendered(style: style) + "\n" + reasons.joined()
            + (reasons.isEmpty ? "" : "\n")
    }

    /// What stands last, as a line of its own.
    static func closing(_ sentence: String, _ style: Style) -> String {
        style.apply(.strong, to: wrapped(sentence, columns: style.textColumns, indent: "")) + "\n"
    }
}
