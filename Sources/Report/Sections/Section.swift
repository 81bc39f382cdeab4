import Record
import Tables

/// What a page says about one record, in the page's order.
struct Section: Sendable {
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
    }

    struct Part: Sendable {
        var heading: String
        var paragraphs: [String] = []
        var figures: [Figure] = []
        var tables: [DataTable] = []
        var items: [String] = []

        var isEmpty: Bool {
            paragraphs.isEmpty && figures.isEmpty && tables.isEmpty && items.isEmpty
        }
    }

    var title: String
    var badges: [Badge]
    /// One plain sentence.
    var sentence: String
    /// Why the record must not be believed; empty if it may be.
    var reasons: [String]
    var keyFigures: [KeyFigure]
    var parts: [Part]
    /// This record's row of the table over several.
    var summary: [DataTable.Cell]
    /// Reasons against a record; first, if so, that its run did not finish.
    static func reasons(of record: some KeptRecord) -> [String] {
        let reasons = record.verdict?.reasons ?? []
        return record.obstacle.map { obstacle in
            [Notes.unfinished(obstacle)] + reasons.filter { $0 != obstacle }
        } ?? reasons
    }

    /// The columns of that row.
    static let summaryColumns: [DataTable.Column] = [
        .words("record"), .words("kind"), .words("started"), .words("what"), .number("speedup"),
        .number("GFLOP/s"), .words("standing"),
    ]
}
