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

    package var path: String { picture.path }
    /// All that it writes.
    package var paths: [String] { [picture.path, numbers.path, script.path] }

    /// Takes the path of `flag`, which ends in .svg or .png, and those beside it.
    package init(path: String, flag: String) throws(ExperimentError) {
        guard !path.isEmpty else { throw .namesNothing(flag) }
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

    /// Draws and writes; returns why there is no picture, if there is none.
    ///
    /// Numbers and script are written then, too.
    package func write(_ record: MapRecord, gnuplot: Gnuplot) throws(ExperimentError) -> String? {
        try write(
            HeatMapFigure(record).plot(name: name, isAlone: true),
            label: MapPicture(record).caption,
            gnuplot: gnuplot
        )
    }

    package func write(_ curves: CurvesPicture, gnuplot: Gnuplot) throws(ExperimentError) -> String?
    {
        try write(curves.plot(name: name), label: curves.label, gnuplot: gnuplot)
    }

    private func write(
        _ plot: Plot,
        label: String,
        gnuplot: Gnuplot
    ) throws(ExperimentError) -> String? {
        var gnuplot = gnuplot
        let file = name + (terminal == .svg ? ".svg" : ".png")
        try numbers.write(plot.table(.comma))
        try script.write(plot.script(.wide, terminal, drawing: file, from: name + ".csv", .comma))
        switch terminal {
        case .svg:
            let drawn = gnuplot.draw(plot, .wide, identifier: name, label: label)
            if let drawn { try picture.write(drawn.standalone) }
        case .png:
            if let drawn = gnuplot.drawPixels(plot, .wide) { try picture.write(bytes: drawn) }
        }
        return gnuplot.problem
    }
}
