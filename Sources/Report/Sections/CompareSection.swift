import Record
import Tables
import Work

/// The section of a comparison: its ratios, and the two times behind each ratio.
extension CompareRecord: DrawnRecord {
    package func section(title: String) -> Section {
        let figure = CompareFigure.ratios(self)
        let shown = presentation
        let part = Section.Part(
            heading: "Comparison",
            paragraphs: shown.headlines.map { "\($0)." },
            figures: figure.map { [$0] } ?? [],
            // A figure brings this table with it.
            tables: figure == nil ? shown.tables.map(\.table) : [],
            items: shown.notes.joined().map { "\($0)." }
        )
        return Section(
            self,
            title: title,
            badges: badge.map { [$0] },
            parts: [part] + HostPart.parts(of: self),
            what: "\(first.path) and \(second.path)",
            repeats: "headwise compare A B"
        )
    }

    private var badge: Section.Badge? {
        guard verdict?.status != .invalid, obstacle == nil else { return nil }
        return switch ending {
        case EndCode.slower: .init(text: "SLOWER", isGood: false)
        case EndCode.ambiguous: .init(text: "AMBIGUOUS", isGood: false)
        default: .init(text: "NOT SLOWER", isGood: true)
        }
    }
}
