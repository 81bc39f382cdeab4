import Record
import Tables

/// The section of a history: one plot for each plan that was measured more than once.
extension HistoryRecord: DrawnRecord {
    /// More plots would be slow to draw and to open.
    private static let mostPlots = 40

    package func section(title: String) -> Section {
        let shown = presentation
        // The plan that was measured last comes first.
        let byNewest = series.sorted { ($0.last?.started ?? "") > ($1.last?.started ?? "") }
        let figures = byNewest.lazy.compactMap { HistoryFigures.times($0, in: self) }
            .prefix(Self.mostPlots)
        let drawable = byNewest.count { HistoryFigures.times($0, in: self) != nil }
        let parts = [
            Section.Part(
                heading: "Plans over time",
                paragraphs: drawable == 0
                    ? ["No plan has two records with a time, so there is nothing to draw."]
                    : drawable > Self.mostPlots
                        ? [
                            "The \(Self.mostPlots) plans that were measured last, of \(drawable); "
                                + "give --plan to see others."
                        ] : [],
                figures: Array(figures)
            ),
            Section.Part(
                heading: "Records",
                paragraphs: shown.headlines.map { "\($0)." },
                tables: shown.tables.map(\.table),
                items: shown.notes.joined() + shown.tables.flatMap(\.footnotes)
            ),
            HostPart.part(host),
            Section.Part(heading: "Run", facts: HostPart.run(self)),
        ]
        return Section(
            self,
            title: title,
            badges: [],
            parts: parts,
            what: Units.counted(entries.count, "record"),
            repeats: "headwise history \(sources.joined(separator: " "))"
        )
    }
}
