import Record
import Tables

/// What a page says about one record, in the page's order.
package struct Section: Sendable {
    struct Badge: Sendable {
        var text: String
        var isGood: Bool
    }

    /// A number that matters, beside its reference.
    struct KeyFigure: Sendable {
        var name: String
        var value: String
        /// The reference: a roof, an ideal.
        var reference: String
        /// The reached fraction of the reference, for a bar below; nil for no bar.
        var fraction: Double?
        /// The interval of that fraction.
        var interval: ClosedRange<Double>?
    }

    struct Part: Sendable {
        var heading: String
        var paragraphs: [String] = []
        var figures: [Figure] = []
        /// Names and values.
        var facts: [(name: String, value: String)] = []
        var tables: [TextTable] = []
        var items: [String] = []

        var isEmpty: Bool {
            paragraphs.isEmpty && figures.isEmpty && facts.isEmpty && tables.isEmpty
                && items.isEmpty
        }
    }

    var title: String
    var badges: [Badge]
    /// One plain sentence.
    var sentence: String
    /// Why the record must not be believed, first if its run did not finish; empty if it may be.
    var reasons: [String]
    /// What was measured, on what, when: lines without a full stop.
    var context: [String]
    /// How many warnings the page has; they are a part of it.
    var warningCount: Int
    var keyFigures: [KeyFigure]
    var parts: [Part]
    /// This record's row of the table over several.
    var summary: [TextTable.Cell]
    /// The command that measures the same again.
    var repeats: String

    /// The columns of the row.
    static let summaryColumns: [TextTable.Column] = [
        .words("record"), .words("kind"), .words("started, UTC"), .words("what"),
        .number("speedup"),
        .number("GFLOP/s"), .words("standing"),
    ]

    /// The section of a record; a kind gives what it has beside the usual.
    ///
    /// `what`, `speedup` and `rate` are cells of its row in the table over several records.
    init(
        _ record: some DrawnRecord,
        title: String,
        badges: [Badge]? = nil,
        context: [String] = [],
        keyFigures: [KeyFigure] = [],
        parts: [Part],
        what: String? = nil,
        speedup: TextTable.Cell = .absent,
        rate: TextTable.Cell = .absent,
        repeats: String? = nil
    ) {
        let badges = badges ?? [Badge(record, isProved: !record.isUnproved)]
        let standing: TextTable.Cell =
            badges.isEmpty
            ? .absent
            : .init(
                badges.map(\.text).joined(separator: ", "),
                badges.allSatisfy(\.isGood) ? .good : .bad
            )
        let sentence = record.sentence
        // What the sentence says is not repeated below it.
        let reasons = (record.verdict?.reasons ?? []).filter { !sentence.contains($0) }
        self.title = title
        self.badges = badges
        self.sentence = sentence
        self.reasons =
            record.unfinished.map { [$0] + reasons.filter { $0 != record.obstacle } } ?? reasons
        self.context = context + [Self.place(record)]
        warningCount = HostPart.warnings(of: record).items.count
        self.keyFigures = keyFigures
        self.parts = parts.filter { !$0.isEmpty }
        summary = [
            .init(title), .init(record.kind), .init(Self.moment(record.started)),
            .init(what ?? record.repeatedWords.joined(separator: " ")), speedup, rate,
            standing,
        ]
        self.repeats = repeats ?? record.repeatedCommand
    }

    /// `AMD EPYC, 2 cores, avx512; 2026-11-28 20:46 UTC`.
    private static func place(_ record: some KeptRecord) -> String {
        let host = record.host
        let set = host.instructionSets.last.map { ", \($0)" } ?? ""
        return "\(host.processorModel), \(Units.counted(host.coresOnline, "core"))\(set); "
            + "\(moment(record.started)) UTC"
    }

    /// `2026-11-28 20:46` of a stamp with seconds; anything else as it is.
    private static func moment(_ started: String) -> String {
        started.count == 20 && started.hasSuffix("Z")
            ? String(started.dropLast(4)).replacing("T", with: " ") : started
    }
}

extension Section.Badge {
    /// How a record stands.
    init(_ record: some KeptRecord, isProved: Bool) {
        text = record.standing(isProved: isProved)
        isGood = text == Verdict.Status.valid.rawValue
    }
}

extension Section.Part {
    /// A table under its heading; empty without one.
    init(_ heading: String, _ table: TextTable?) {
        self.init(heading: heading, tables: table.map { [$0] } ?? [])
    }
}
