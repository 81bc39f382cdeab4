import Record
import Tables

/// The section of a comparison: its ratios, and the two times behind each ratio.
enum CompareSection {
    static func section(_ record: CompareRecord, title: String) -> Section {
        let figure = CompareFigure.ratios(record)
        let parts = [
            Section.Part(
                heading: "Comparison",
                paragraphs: CompareTable.headlines(record).map { "\($0)." },
                figures: figure.map { [$0] } ?? [],
                // A figure brings this table with it.
                tables: figure != nil || record.points.isEmpty ? [] : [CompareFigure.table(record)],
                items: CompareTable.remarks(record).map { "\($0)." }
            ),
            HostPart.warnings(record.warnings, record.host),
            HostPart.part(record.host),
            HostPart.run(record.commandLine, record.started, record.exitCode),
        ]
        let badge = badge(record)
        return Section(
            title: title,
            badges: [badge],
            sentence: record.verdict?.sentence ?? CompareTable.sentence(for: record),
            reasons: Section.reasons(of: record),
            keyFigures: [],
            parts: parts.filter { !$0.isEmpty },
            summary: [
                .init(title), "compare", .init(record.started),
                .init("\(record.first.path) and \(record.second.path)"), .absent, .absent,
                .init(badge.text, badge.isGood ? .good : .bad),
            ]
        )
    }

    private static func badge(_ record: CompareRecord) -> Section.Badge {
        if record.verdict?.status == .invalid || record.obstacle != nil {
            return .init(text: record.standing, isGood: false)
        }
        return switch record.ending {
        case 20: .init(text: "SLOWER", isGood: false)
        case 22: .init(text: "AMBIGUOUS", isGood: false)
        default: .init(text: "NOT SLOWER", isGood: true)
        }
    }
}
