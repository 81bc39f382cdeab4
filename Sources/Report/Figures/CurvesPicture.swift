/// Lines and points over one axis: a picture of its own, beside no record.
package struct CurvesPicture: Sendable {
    package struct Series: Sendable {
        package var name: String
        package var points: [(x: Double, y: Double)]
        /// Points of measured data; else a line.
        package var isData: Bool

        package init(_ name: String, _ points: [(x: Double, y: Double)], isData: Bool = false) {
            self.name = name
            self.points = points
            self.isData = isData
        }
    }

    private let xName: String
    private let yName: String
    private let series: [Series]
    private let isLogarithmic: Bool

    /// With at most seven series, which differ in colour and dashes.
    package init(x: String, y: String, isLogarithmic: Bool = false, _ series: [Series]) {
        precondition(series.count <= Self.colors.count, "each series must have a colour of its own")
        xName = x
        yName = y
        self.series = series
        self.isLogarithmic = isLogarithmic
    }

    private static let colors: [Palette] = [
        .grey, .blue, .orange, .green, .vermilion, .purple, .sky,
    ]

    var label: String { "\(yName) over \(xName): \(series.map(\.name).joined(separator: ", "))" }

    func plot(name: String) -> Plot {
        let blocks = series.map { series in
            Plot.Block(
                series.name,
                columns: [xName, yName],
                rows: series.points.map { [figure($0.x), figure($0.y)] }
            )
        }
        let curves = series.enumerated().map { index, series in
            let color = color(Self.colors[index])
            let look =
                series.isData
                ? "points pt 7 ps 0.5 \(color)"
                : "linespoints pt 0 lw 2 dt \(index % 4 + 1) \(color)"
            return "DATA index \(index) using 1:2 with \(look) title \(quoted(series.name))"
        }
        let scale =
            isLogarithmic ? ["set logscale xy", "set format y '%g'", "set format x '%g'"] : []
        return Plot(name: name, blocks: blocks, legend: series.map(\.name)) { [xName, yName] _ in
            scale + [
                axisName(xName),
                "set ylabel \(quoted(yName)) textcolor rgb '\(Palette.ink.marker)'",
                "plot \(curves.joined(separator: ", "))",
            ]
        }
    }
}
