import Record
import Tables

/// The section of maps: the picture first.
extension MapRecord: DrawnRecord {
    package var isTimed: Bool { false }

    package func section(title: String) -> Section {
        let shown = presentation
        let map = Section.Part(
            heading: schema == .mask ? "Mask" : "Weights",
            figures: [
                HeatMapFigure(self).figure(
                    title: schema == .mask ? "What each row sees" : "Attention weights",
                    table: shown.tables.first?.table ?? TextTable([])
                )
            ],
            items: shown.notes.joined() + []
        )
        return Section(
            self,
            title: title,
            badges: check.map { [.init(text: "\($0.status)", isGood: $0.status.isGood)] } ?? [],
            context: shown.headlines,
            parts: [map] + HostPart.parts(of: self)
        )
    }
}
