import Attention
import Record

/// A catalogue shows what was found by instruction set and by feature; a single case shows its errors.
extension VerifyRecord: PresentedRecord {
    package var presentation: Presentation {
        Presentation(
            headlines: isOfOneCase ? [] : [VerifyTable.headline(self)],
            tables: isOfOneCase ? [.init(VerifyTable.errors(rows))] : VerifyTable.counts(self),
            notes: [
                (isOfOneCase ? VerifyTable.reasons(rows) : []) + notes.map { "Note: \($0)." }
            ],
            failures: failures.map {
                .init(what: $0.finding, reasons: $0.reasons, command: $0.command)
            }
        )
    }

    /// One row for every case on every instruction set.
    ///
    /// - `cluster_comparisons`: outputs of clusters compared with one thread's.
    /// - `are_bits_equal`: 1 or 0.
    /// - `max_error` to `allowed_rms_error`: of one thread against float64.
    package var samples: SampleRows {
        SampleRows(
            columns: [
                "schema", "started", "fingerprint", "case", "feature", "specification",
                "instruction_set", "status", "cluster_comparisons", "are_bits_equal",
                "rows_checked", "max_error", "allowed_error", "rms_error", "allowed_rms_error",
                "standing",
            ],
            rows: rows.map { row in
                let found = row.verification
                return [
                    schema.rawValue, started, host.fingerprint, row.name, row.feature,
                    row.specification, row.instructionSet.rawValue, found.status.rawValue,
                    "\(row.clusterComparisons)", field(found.bitwiseEqual.map { $0 ? 1 : 0 }),
                    "\(found.rowsChecked)", field(found.maxAbsoluteError),
                    field(found.boundMaxAbsolute), field(found.rmsError), field(found.boundRms),
                    standing,
                ]
            }
        )
    }
}

enum VerifyTable {
    static func headline(_ record: VerifyRecord) -> String {
        let cases = Units.counted(Set(record.rows.map(\.name)).count, "case")
        let random = record.randomCases > 0 ? ", the random ones from seed \(record.seed)" : ""
        let counts = record.counts
        return "\(cases)\(random), in one process and on clusters of "
            + "\(record.workers.map(String.init).joined(separator: "/")) "
            + "\(record.workers == [1] ? "worker" : "workers"): "
            + "\(Units.grouped(counts.clusterComparisons)) outputs of clusters and "
            + "\(Units.grouped(counts.processComparisons)) of several threads compared bit for "
            + "bit with those of one thread; \(Units.grouped(counts.referenceComparisons)) outputs "
            + "and attention weights of one thread compared with float64"
    }

    static func counts(_ record: VerifyRecord) -> [Presentation.Table] {
        let sets = record.instructionSets.map(\.rawValue)
        let features = record.rows.map(\.feature).reduce(into: [String]()) { unique, name in
            if !unique.contains(name) { unique.append(name) }
        }
        return [
            .init(
                counts("instruction\nset", record.rows, names: sets) { $0.instructionSet.rawValue }
            ),
            .init(counts("checked", record.rows, names: features) { $0.feature }),
        ]
    }

    private static func counts(
        _ title: String,
        _ rows: [VerifyRow],
        names: [String],
        name: (VerifyRow) -> String
    ) -> TextTable {
        var table = TextTable([
            .words(title), .number("checks", leaves: 2),
            .number(VerificationStatus.exact.rawValue, leaves: 3),
            .number(VerificationStatus.agrees.rawValue, leaves: 4),
            .number(hyphenated(.disagrees)), .number(hyphenated(.mistrusted)),
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
                .init(Units.grouped(own.reduce(0) { $0 + $1.clusterComparisons })),
                own.isEmpty ? .absent : areEqual ? .init("equal", .good) : .init("DIFFER", .bad),
                .value(own.compactMap(\.errorOverBound).max()) { Units.percent($0) },
            ])
        }
        return table
    }

    /// The status in two lines: both words begin with a syllable of three letters.
    private static func hyphenated(_ status: VerificationStatus) -> String {
        "\(status.rawValue.prefix(3))-\n\(status.rawValue.dropFirst(3))"
    }

    /// The errors of a case, one row for each instruction set; for a catalogue this would be too
    /// long.
    static func errors(_ rows: [VerifyRow]) -> TextTable {
        var table = TextTable([
            .words("case"), .number("rows", leaves: 4),
            .number("max error", narrow: "max\nerror"), .number("allowed"),
            .number("rms", leaves: 2), .number("ulp", leaves: 1), .words("bits", leaves: 3),
            .words("status"),
        ])
        for row in rows {
            let found = row.verification
            table.addRow([
                .init(row.instructionSet.rawValue), "\(found.rowsChecked)",
                .value(found.maxAbsoluteError, Units.scientific),
                .value(found.boundMaxAbsolute, Units.scientific),
                .value(found.rmsError, Units.scientific),
                .value(found.maxUnitsInLastPlace) { value in
                    value < 1e5 ? Units.significant(value) : Units.scientific(value)
                },
                PointTable.bits(found), PointTable.status(found),
            ])
        }
        return table
    }

    static func reasons(_ rows: [VerifyRow]) -> [String] {
        rows.flatMap { row in
            row.verification.reasons.map {
                "\(row.instructionSet.rawValue): \(row.verification.status): \($0)"
            }
        }
    }
}
