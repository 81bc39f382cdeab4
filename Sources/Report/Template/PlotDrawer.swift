/// Draws the plots of a page for both widths, and keeps the input to draw them again.
struct PlotDrawer {
    var gnuplot: Gnuplot
    var kept: [KeptPlot] = []

    mutating func pictures(_ figure: Figure, identifier: String) -> [PictureView] {
        var pictures: [PictureView] = []
        for format in figure.formats {
            var plot = figure.plot
            plot.name = identifier + plot.name
            let picture = gnuplot.draw(
                plot,
                format,
                identifier: "\(plot.name)-\(format.rawValue)",
                label: "\(figure.title). \(figure.caption)"
            )
            guard let picture else { return [] }
            let name = plot.fileName(format)
            var files = [
                (name: "\(name).svg", content: picture.standalone),
                (name: "\(name).gnuplot", content: plot.keptScript(format)),
            ]
            if format == figure.formats.first {
                files.append((name: "\(plot.name).tsv", content: plot.table))
            }
            kept.append(KeptPlot(files: files))
            pictures.append(
                PictureView(
                    format: figure.formats.count == 1 ? "only" : format.rawValue,
                    markup: picture.markup
                )
            )
        }
        return pictures
    }
}

/// A picture that was drawn, and the plot that can draw it again.
package struct KeptPlot {
    /// Beside the page: `NAME.svg`, `NAME.gnuplot`, `NAME.tsv`.
    package var files: [(name: String, content: String)]
}
