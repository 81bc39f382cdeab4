import Tables

/// A picture of a page with the sentence below it and the table of its numbers.
struct Figure: Sendable {
    /// How much of a wide page it takes; a phone gives every figure the whole width.
    enum Width: Sendable {
        case full
        /// Two stand side by side. There is one picture for desk and phone, the narrow one.
        case half
    }

    var title: String
    /// What the picture shows, and what it does not show; sentences.
    var caption: String
    var plot: Plot
    var table: TextTable
    var width = Width.full

    init(
        _ title: String,
        caption: String,
        plot: Plot,
        table: TextTable,
        width: Width = .full
    ) {
        self.title = title
        self.caption = caption
        self.plot = plot
        self.table = table
        self.width = width
    }

    /// The formats to draw.
    var formats: [Plot.Format] { width == .full ? Plot.Format.allCases : [.narrow] }
}
