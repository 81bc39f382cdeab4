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
        let all = byNewest.compactMap { HistoryFigures.times($0, in: self) }
        let (figures, drawable) = (Array(all.prefix(Self.mostPlots)), all.count)
        let parts = [
            Section.Part(
                // The only figure of a part has no title of its own.
                heading: figures.count == 1 ? figures[0].title : "Plans over time",
                paragraphs: drawable == 0
                    ? ["No plan has two records with a time, so there is nothing to draw."]
                    : drawable > Self.mostPlots
                        ? [
                            "The \(Self.mostPlots) plans that were measured last, of \(drawable); "
                                + "give --plan to see others."
                        ] : [],
                figures: figures
            ),
            Section.Part(
                heading: "Records",
                tables: shown.tables.map(\.table),
                items: shown.notes.joined() + shown.tables.flatMap(\.footnotes)
            ),
            HostPart.part(host),
            Section.Part(heading: "Run", facts: HostPart.run(self)),
        ]
        var section = Section(
            self,
            title: title,
            badges: [],
            parts: parts,
            what: Units.counted(entries.count, "record")
        )
        // This machine only read the records; what disturbs it is no doubt about them.
        section.context = shown.headlines
        section.warningCount = 0
        return section
    }
}
