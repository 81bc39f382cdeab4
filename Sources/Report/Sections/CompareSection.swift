import Record
import Statistics
import Tables

/// The section of a comparison: its ratios, and the two times behind each ratio.
extension CompareRecord: DrawnRecord {
    package func section(title: String) -> Section {
        let figure = CompareFigure.ratios(self)
        let shown = presentation
        let ratios = Section.Part(
            heading: (mark.map { "\($0): " } ?? "") + "B's time over A's",
            figures: figure.map { [$0] } ?? [],
            // A figure brings this table with it.
            tables: figure == nil ? shown.tables.map(\.table) : [],
            items: shown.notes.joined().map { "\($0)." }
        )
        let lines = shown.headlines
        return Section(
            self,
            title: title,
            badges: badge.map { [$0] },
            context: Array(lines.prefix(2)),
            keyFigures: keyFigures,
            parts: [
                ratios, HostPart.warnings(of: self),
                Section.Part(
                    heading: "How it was measured",
                    paragraphs: lines.dropFirst(2).map { "\($0)." },
                    facts: HostPart.run(self)
                ), HostPart.part(host),
            ],
            what: "\(first.path) and \(second.path)"
        )
    }

    /// The ratios of the point with the most workers; empty if the times mean nothing.
    private var keyFigures: [Section.KeyFigure] {
        guard verdict?.status != .invalid,
            let point = points.max(by: { $0.workers < $1.workers })
        else { return [] }
        return point.statistics.compactMap { statistic in
            guard let found = statistic.comparison else { return nil }
            let bounds = found.lowerBound.flatMap { lower in
                found.upperBound.map { upper in
                    "\(CompareTable.percentText(rule.confidence)) interval "
                        + "\(CompareTable.ratio(lower)) to \(CompareTable.ratio(upper))"
                }
            }
            let times = [statistic.firstNanoseconds, statistic.secondNanoseconds].compactMap { $0 }
                .map { Units.time($0) }
            return .init(
                name: "B/A at \(Units.counted(point.workers, "worker")), "
                    + statistic.statistic.name,
                value: "\(CompareTable.ratio(found.ratio)) ×",
                reference: [
                    found.verdict.rawValue, bounds ?? "too few replicates for an interval",
                    times.count == 2 ? "A \(times[0]), B \(times[1])" : nil,
                ].compactMap { $0 }.joined(separator: "; ")
            )
        }
    }

    private var badge: Section.Badge? {
        guard verdict?.status != .invalid, obstacle == nil else { return nil }
        let worst = worstVerdict
        let text = (mark.map { "\($0) " } ?? "") + worst.rawValue.uppercased()
        return .init(text: text, isGood: worst == .notSlower)
    }
}
