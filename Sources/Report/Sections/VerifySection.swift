import Record
import Tables

/// The section of a catalogue: how much was compared, and how near to what is allowed.
extension VerifyRecord: DrawnRecord {
    package var isTimed: Bool { false }

    package func section(title: String) -> Section {
        let shown = presentation
        let errors = ErrorFigure.figure(self)
        let failing = Section.Part(
            heading: "What disagrees",
            items: shown.failures.flatMap { failure in
                ["\(failure.what). Repeat: \(failure.command)"] + failure.reasons
            }
        )
        let checks = Section.Part(
            heading: "Checks",
            tables: shown.tables.map(\.table),
            items: Array(shown.notes.joined())
        )
        return Section(
            self,
            title: title,
            context: shown.headlines,
            keyFigures: keyFigures,
            parts: [
                failing,
                Section.Part(
                    heading: "Errors beside what is allowed",
                    figures: errors.map { [$0] } ?? []
                ), checks,
            ] + HostPart.parts(of: self)
        )
    }

    private var keyFigures: [Section.KeyFigure] {
        guard !rows.isEmpty else { return [] }
        let good = rows.count { $0.verification.status.isGood }
        let worst = rows.max { ($0.errorOverBound ?? 0) < ($1.errorOverBound ?? 0) }
        let equal = rows.compactMap(\.verification.bitwiseEqual)
        return [
            .init(
                name: "Checks that agree",
                value: "\(Units.grouped(good)) of \(Units.grouped(rows.count))",
                reference: "one for each case and instruction set",
                fraction: Double(good) / Double(rows.count)
            ),
            worst?.errorOverBound.map {
                .init(
                    name: "Largest error",
                    value: "\(Units.percent($0)) of what is allowed",
                    reference: worst.map { "\($0.name), \($0.instructionSet.rawValue)" } ?? "",
                    fraction: $0
                )
            },
            equal.isEmpty
                ? nil
                : .init(
                    name: "Outputs of clusters compared bit for bit",
                    value: Units.grouped(counts.clusterComparisons),
                    reference: equal.allSatisfy { $0 }
                        ? "every bit is equal to one thread's" : "bits differ from one thread's"
                ),
        ].compactMap { $0 }
    }
}
