import Tables

/// A picture of a page with the sentence below it and the table of its numbers.
struct Figure: Sendable {
    var title: String
    /// What the picture shows, and what it does not show; sentences.
    var caption: String
    var plot: Plot
    var table: TextTable

    init(_ title: String, caption: String, plot: Plot, table: TextTable) {
        self.title = title
        self.caption = caption
        self.plot = plot
        self.table = table
    }
}
