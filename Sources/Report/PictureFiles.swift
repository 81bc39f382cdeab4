import Files
import Record
import Tables

/// The files of a picture: itself, its numbers, and the script that draws it from them.
///
/// All are new; `heads.svg` has `heads.csv` and `heads.gnuplot` beside it.
package struct PictureFiles {
    private let picture: TextOutput
    private let numbers: TextOutput
    private let script: TextOutput
    private let terminal: Plot.Terminal
    private let name: String
    private let flag: String

    package var path: String { picture.path }
    /// All that it writes.
    package var paths: [String] { [picture.path, numbers.path, script.path] }

    /// Takes the path of `flag`, which ends in .svg or .png, and those beside it.
    package init(path: String, flag: String) throws(ExperimentError) {
        guard !path.isEmpty else { throw .namesNothing(flag) }
        self.flag = flag
        if path.hasSuffix(".svg") {
            terminal = .svg
        } else if path.hasSuffix(".png") {
            terminal = .png
        } else {
            throw ExperimentError(
                .usage,
                "\(flag) \(path)",
                "has an unknown file type",
                expected: "a name that ends in .svg or .png",
                remedy: "use one of these endings"
            )
        }
        let base = String(path.dropLast(4))
        picture = try TextOutput.reserve(path: path, flag: flag)
        numbers = try TextOutput.reserve(path: base + ".csv", flag: flag)
        script = try TextOutput.reserve(path: base + ".gnuplot", flag: flag)
        name = base.split(separator: "/").last.map(String.init) ?? base
    }

    /// What is to be in the files.
    package struct Drawing {
        fileprivate var plot: Plot
        fileprivate var picture: [UInt8]?
        /// Why there is no picture, if there is none.
        package fileprivate(set) var problem: ExperimentError?
    }

    package func draw(_ record: MapRecord, gnuplot: Gnuplot) -> Drawing {
        draw(
            HeatMapFigure(record).plot(name: name, isAlone: true),
            label: MapPicture(record).caption,
            gnuplot
        )
    }

    package func draw(_ curves: CurvesPicture, gnuplot: Gnuplot) -> Drawing {
        draw(curves.plot(name: name), label: curves.label, gnuplot)
    }

    private func draw(_ plot: Plot, label: String, _ gnuplot: Gnuplot) -> Drawing {
        var gnuplot = gnuplot
        var drawing = Drawing(plot: plot)
        switch terminal {
        case .svg:
            drawing.picture = gnuplot.draw(plot, .wide, identifier: name, label: label)
                .map { Array($0.standalone.utf8) }
        case .png:
            drawing.picture = gnuplot.drawPixels(plot, .wide)
        }
        drawing.problem = gnuplot.missing.map(refusal)
        return drawing
    }

    /// Numbers and script are there, so that gnuplot alone can draw the picture later.
    private func refusal(_ missing: Gnuplot.Missing) -> ExperimentError {
        let folder = picture.path.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast().joined(separator: "/")
        return ExperimentError(
            .environment,
            "\(flag) \(picture.path)",
            "was not drawn, because \(missing.cause)",
            expected: "a gnuplot that draws \(numbers.path) with \(script.path)",
            remedy: "\(missing.remedy), then run 'gnuplot \(name).gnuplot'"
                + (folder.isEmpty ? "" : " in \(folder)") + ", which makes the picture"
        )
    }

    /// Writes the numbers, the script, and the picture if there is one.
    package func write(_ drawing: Drawing) throws(ExperimentError) {
        let file = name + (terminal == .svg ? ".svg" : ".png")
        try numbers.write(drawing.plot.table(.comma))
        try script.write(
            drawing.plot.script(.wide, terminal, drawing: file, from: name + ".csv", .comma)
        )
        if let bytes = drawing.picture { try picture.write(bytes: bytes) }
    }
}
