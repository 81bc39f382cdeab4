/// What a kind of record shows, as values from which every format is made.
///
/// Lines are whole: a format wraps, escapes or lists them. What all records have (the sentence,
/// warnings, why a run did not finish) is no part of it; the formats take that from the record.
package struct Presentation: Sendable {
    /// What was measured, on what.
    package var headlines: [String]
    package var tables: [Table]
    /// Findings and checks, in groups.
    package var notes: [[String]]
    package var failures: [Failure]
    /// Maps, before the tables.
    package var picture: MapPicture?

    package struct Table: Sendable {
        package var title: String?
        package var table: TextTable
        /// What its marks mean.
        package var footnotes: [String]

        package init(_ table: TextTable, title: String? = nil, footnotes: [String] = []) {
            self.title = title
            self.table = table
            self.footnotes = footnotes
        }
    }

    /// What went wrong, and the command that repeats it.
    package struct Failure: Sendable {
        package var what: String
        package var reasons: [String]
        package var command: String
    }

    package init(
        headlines: [String],
        tables: [Table],
        notes: [[String]] = [],
        failures: [Failure] = [],
        picture: MapPicture? = nil
    ) {
        self.headlines = headlines
        self.tables = tables
        self.notes = notes
        self.failures = failures
        self.picture = picture
    }
}
