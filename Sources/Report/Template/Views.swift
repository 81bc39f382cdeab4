import FoundationEssentials
import Record
import Tables

// The names that the template reads. A list of one or none is used for an optional value.

struct PageView {
    var title: String
    var style: String
    var missing: [String]
    var overview: [TableView]
    var sections: [SectionView]
}

struct SectionView {
    var identifier: String
    var title: String
    var standing: String
    var badges: [BadgeView]
    var sentence: String
    var reasons: [String]
    var keyFigures: [KeyFigureView]
    var parts: [PartView]
    var raw: RawView
    /// Only for the table over all records, not for the section.
    var summary: [TextTable.Cell]

    init(
        _ section: Section,
        stored: StoredRecord,
        identifier: String,
        drawer: inout PlotDrawer
    ) {
        self.identifier = identifier.isEmpty ? "record" : "\(identifier)record"
        title = section.title
        standing =
            section.badges.isEmpty ? "" : section.badges.allSatisfy(\.isGood) ? "good" : "bad"
        badges = section.badges.map {
            BadgeView(text: $0.text, standing: $0.isGood ? "good" : "bad")
        }
        sentence = tied(section.sentence)
        reasons = section.reasons.map(tied)
        keyFigures = section.keyFigures.map(KeyFigureView.init)
        parts = section.parts.map { PartView($0, identifier: identifier, drawer: &drawer) }
        raw = RawView(stored, section)
        summary = section.summary
    }
}

struct BadgeView {
    var text: String
    var standing: String
}

struct KeyFigureView {
    struct Meter {
        var percent: Int
    }

    var name: String
    var value: String
    var reference: String
    var meter: [Meter]

    init(_ figure: Section.KeyFigure) {
        name = figure.name
        value = figure.value
        reference = tied(figure.reference)
        meter =
            figure.fraction.map { fraction in
                [Meter(percent: Int((min(max(fraction, 0), 1) * 100).rounded()))]
            } ?? []
    }
}

struct PartView {
    var heading: String
    var anchor: String
    var paragraphs: [String]
    var figures: [FigureView]
    var tables: [TableView]
    /// A list of them, or none.
    var lists: [ListView]

    struct ListView {
        var items: [String]
    }

    init(_ part: Section.Part, identifier: String, drawer: inout PlotDrawer) {
        heading = part.heading
        anchor =
            identifier
            + part.heading.lowercased().map { $0.isLetter ? String($0) : "-" }.joined()
        paragraphs = part.paragraphs.map(tied)
        figures = part.figures.map { FigureView($0, identifier: identifier, drawer: &drawer) }
        tables =
            (part.facts.isEmpty ? [] : [TableView(facts: part.facts)])
            + part.tables.map { TableView($0) }
        lists = part.items.isEmpty ? [] : [ListView(items: part.items.map(tied))]
    }
}

struct PictureView {
    var format: String
    var markup: String
}

struct FigureView {
    var title: String
    var caption: String
    var pictures: [PictureView]
    var table: TableView
    /// Open where there is no picture.
    var opening: String

    init(_ figure: Figure, identifier: String, drawer: inout PlotDrawer) {
        title = figure.title
        caption = tied(figure.caption)
        pictures = drawer.pictures(figure, identifier: identifier)
        table = TableView(figure.table)
        opening = pictures.isEmpty ? " open" : ""
    }
}

struct TableView {
    struct CellView {
        var text: String
        var style: String
        /// That of its column, for a phone, where a row becomes a list.
        var title = ""
    }

    struct RowView {
        var cells: [CellView]
    }

    var kind: String
    var columns: [CellView]
    var rows: [RowView]

    init(_ table: TextTable) {
        self.init(table.shown(), kind: table.columns.count > 5 ? "numbers broad" : "numbers")
    }

    /// Names and values, a row each: a value may break anywhere.
    init(facts: [(name: String, value: String)]) {
        let rows = facts.map { [TextTable.Cell($0.name), TextTable.Cell($0.value)] }
        self.init(TextTable([.words("what"), .words("is")], rows: rows), kind: "facts")
    }

    private init(_ table: TextTable, kind: String) {
        self.kind = kind
        let alignments = table.columns.map { $0.alignment == .right ? "number" : "words" }
        let titles = table.columns.map(\.joinedTitle)
        columns = zip(titles, alignments).map { CellView(text: $0, style: $1) }
        rows = table.rows.map { row in
            RowView(
                cells: row.indices.map { index in
                    let cell = row[index]
                    return CellView(
                        text: tied(cell.text),
                        style: "\(alignments[index]) \(Self.style(cell.emphasis))"
                            + (Self.hasEndlessWord(cell.text) ? " endless" : ""),
                        title: titles[index]
                    )
                }
            )
        }
    }

    private static func style(_ emphasis: Style.Emphasis) -> String {
        switch emphasis {
        case .none, .strong: ""
        case .good: "good"
        case .bad: "bad"
        }
    }
}

extension TableView {
    /// Whether a cell would make its table wider than any page.
    private static func hasEndlessWord(_ text: String) -> Bool {
        text.split(separator: " ").contains { $0.count > 40 }
    }
}

struct RawView {
    var name: String
    var path: String
    var size: Int
    /// The record itself, or nothing if it is large.
    var links: [String]
    /// What tells the file from another one, where it is not in the page.
    var checksums: [String]
    /// How to measure the same again.
    var repeats: String

    /// A page with a larger record would be too large for mail and slow to open on a phone.
    static let largestByteCount = 1 << 20

    init(_ stored: StoredRecord, _ section: Section) {
        name = "\(section.title).json"
        path = stored.path
        size = stored.bytes.count
        repeats = section.repeats
        let isPart = size <= Self.largestByteCount
        links =
            isPart
            ? ["data:application/json;base64,\(Data(stored.bytes).base64EncodedString())"] : []
        checksums = isPart ? [] : [stored.checksum]
    }
}

/// The text with its percent signs tied to their numbers, so that no line begins with one.
private func tied(_ text: String) -> String {
    text.replacing(" %", with: "\u{A0}%")
}
