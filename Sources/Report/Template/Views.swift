import FoundationEssentials
import Record
import Tables

// The names that the template reads. A list of one or none is used for an optional value.

struct PageView {
    var title: String
    var style: String
    var missing: [String]
    /// Once if the page has more at its beginning than its one section.
    var heads: [Bool]
    var notes: [TextView]
    var pictures: [PagePicture]
    var overview: [TableView]
    var sections: [SectionView]
}

struct SectionView {
    var identifier: String
    /// What the anchors of its parts begin with.
    var anchors: String
    var title: String
    var standing: String
    var badges: [BadgeView]
    var sentence: TextView
    var reasons: [TextView]
    var context: [String]
    /// `6 warnings`, or nothing.
    var cautions: [String]
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
        sentence = TextView(section.sentence)
        reasons = section.reasons.map(TextView.init)
        context = section.context.map(tied)
        cautions =
            section.warningCount == 0 ? [] : [Units.counted(section.warningCount, "warning")]
        self.anchors = identifier
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
    struct Band {
        var left: Int
        var width: Int
    }

    struct Meter {
        var percent: Int
        var bands: [Band]
    }

    var name: String
    var value: String
    /// Empty for a number without one.
    var unit: String
    var reference: String
    var meter: [Meter]

    init(_ figure: Section.KeyFigure) {
        name = figure.name
        let words = figure.value.split(separator: " ", maxSplits: 1)
        let hasUnit = words.count == 2 && words[0].first?.isNumber == true
        value = hasUnit ? String(words[0]) : figure.value
        unit = hasUnit ? String(words[1]) : ""
        reference = tied(figure.reference)
        meter =
            figure.fraction.map { fraction in
                [
                    Meter(
                        percent: Self.percent(fraction),
                        bands: figure.interval.map { interval in
                            let left = Self.percent(interval.lowerBound)
                            // Always visible.
                            let width = max(Self.percent(interval.upperBound) - left, 1)
                            return [Band(left: min(left, 99), width: width)]
                        } ?? []
                    )
                ]
            } ?? []
    }

    private static func percent(_ fraction: Double) -> Int {
        fraction.isFinite ? Int((min(max(fraction, 0), 1) * 100).rounded()) : 0
    }
}

struct PartView {
    var heading: String
    var anchor: String
    /// `pair` where figures stand side by side.
    var layout: String
    var paragraphs: [String]
    var figures: [FigureView]
    var tables: [TableView]
    /// A list of them, or none.
    var lists: [ListView]

    struct ListView {
        var items: [TextView]
    }

    init(_ part: Section.Part, identifier: String, drawer: inout PlotDrawer) {
        heading = part.heading
        anchor =
            identifier
            + part.heading.lowercased().map { $0.isLetter ? String($0) : "-" }.joined()
        paragraphs = part.paragraphs.map(tied)
        layout =
            part.figures.count > 1 && part.figures.allSatisfy { $0.width == .half } ? "pair" : ""
        // The title of the part is the title of its only figure.
        let isTitled = part.figures.count > 1
        figures = part.figures.map { figure in
            FigureView(figure, isTitled: isTitled, identifier: identifier, drawer: &drawer)
        }
        tables =
            (part.facts.isEmpty ? [] : [TableView(facts: part.facts)])
            + part.tables.map { TableView($0) }
        lists = part.items.isEmpty ? [] : [ListView(items: part.items.map(TextView.init))]
    }
}

/// A text whose commands and flags look like what users type.
struct TextView {
    var segments: [SegmentView]

    init(_ text: String) {
        segments = SegmentView.segments(of: tied(text))
    }
}

/// A part of a text: words, or what users type.
struct SegmentView {
    /// Either is empty.
    var words = ""
    var codes: [String] = []

    /// What is between backticks is code, and so is a flag, which must not break at its hyphens.
    static func segments(of text: String) -> [SegmentView] {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        // A backtick without a partner is a backtick.
        guard parts.count % 2 == 1 else { return [SegmentView(words: text)] }
        return parts.enumerated().flatMap { index, part -> [SegmentView] in
            guard index % 2 == 0 else { return [SegmentView(codes: [String(part)])] }
            return part.split(separator: " ", omittingEmptySubsequences: false).enumerated()
                .flatMap { place, word -> [SegmentView] in
                    let space = place == 0 ? "" : " "
                    let flag = word.prefix { $0.isLetter || $0 == "-" }
                    guard flag.hasPrefix("--"), flag.count > 3 else {
                        return [SegmentView(words: space + word)]
                    }
                    return [
                        SegmentView(words: space), SegmentView(codes: [String(flag)]),
                        SegmentView(words: String(word.dropFirst(flag.count))),
                    ]
                }
        }
    }
}

struct PictureView {
    var format: String
    var markup: String
}

struct FigureView {
    /// Its own title, or nothing below a title that says the same.
    var titles: [String]
    var caption: String
    var pictures: [PictureView]
    var table: TableView
    /// Open where there is no picture.
    var opening: String

    init(_ figure: Figure, isTitled: Bool, identifier: String, drawer: inout PlotDrawer) {
        titles = isTitled ? [figure.title] : []
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
        /// The title of its column, for a phone, where a row becomes a list.
        var title = ""
        /// Where it leads within the page, or nothing.
        var links: [Link] = []
    }

    struct Link {
        var target: String
        var text: String
    }

    struct RowView {
        var cells: [CellView]
    }

    var kind: String
    var columns: [CellView]
    var rows: [RowView]

    /// The table over several records: the name of each leads to its section.
    init(overview table: TextTable, targets: [String]) {
        self.init(table)
        for (index, target) in targets.enumerated() where rows.indices.contains(index) {
            let name = rows[index].cells[0].text
            rows[index].cells[0].text = ""
            rows[index].cells[0].links = [Link(target: target, text: name)]
        }
    }

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
                            + (Self.hasEndlessWord(cell.text) ? " endless" : "")
                            + (cell.text == TextTable.Cell.absent.text ? " absent" : ""),
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
    /// Once for a large record that is in no file.
    var unkept: [Bool]
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
        checksums = isPart || !stored.isInFile ? [] : [stored.checksum]
        unkept = isPart || stored.isInFile ? [] : [true]
    }
}

/// The text with its percent signs tied to their numbers, so that no line begins with one.
private func tied(_ text: String) -> String {
    text.replacing(" %", with: "\u{A0}%")
}
