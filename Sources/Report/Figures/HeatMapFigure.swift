import FoundationEssentials
import Record
import Tables

/// Heat maps as one picture: panels side by side that share their colours.
struct HeatMapFigure {
    private let picture: MapPicture
    private let image: MapImage?
    private let isMask: Bool

    init(_ record: MapRecord) {
        picture = MapPicture(record)
        image = record.image
        isMask = record.schema == .mask
    }

    /// The picture of a page, and its table of numbers.
    func figure(title: String, table: TextTable) -> Figure {
        Figure(title, caption: picture.caption, plot: plot(name: "heat-map"), table: table)
    }

    /// The picture alone; `name` is that of its files.
    func plot(name: String) -> Plot {
        let maps = picture.maps
        let layouts = Dictionary(
            uniqueKeysWithValues: Plot.Format.allCases.map {
                ($0, Panels(picture, $0, hasImage: image != nil))
            }
        )
        let drawn = image.flatMap { MapPixels($0) }
        var blocks = maps.map { map in
            Plot.Block(
                map.title,
                columns: ["a column for each column of cells"],
                rows: (0..<map.height).map { row in
                    (0..<map.width).map { column in
                        // Over an image, what is hidden is not attended to.
                        guard let value = map[row, column] else { return drawn == nil ? "?" : "0" }
                        return "\(value)"
                    }
                }
            )
        }
        if let drawn { blocks.append(drawn.block) }
        let hasImage = drawn != nil
        return Plot(
            name: name,
            blocks: blocks,
            legend: [],
            area: { layouts[$0]?.height ?? 300 },
            commands: { [picture, isMask] format in
                guard let panels = layouts[format] else { return [] }
                return Self.shared(picture, panels, hasScale: !isMask && !hasImage)
                    + maps.indices.flatMap { index in
                        Self.panel(picture, panels, index, hasImage: hasImage)
                    } + ["unset multiplot"]
            }
        )
    }

    private static func shared(
        _ picture: MapPicture,
        _ panels: Panels,
        hasScale: Bool
    ) -> [String] {
        let steps = 32
        let ramp = (0...steps).map { step in
            "\(step) '\(ColorRamp.color(Double(step) / Double(steps)).marker)'"
        }
        let scale = picture.scale
        let bar =
            hasScale
            ? [
                "set colorbox user horizontal origin screen \(panels.barLeft), screen \(panels.barTop) "
                    + "size screen \(panels.barWidth), screen \(panels.barHeight) noborder",
                "set cbtics nomirror scale 0.3 offset 0,0.4 textcolor rgb '\(Palette.ink.marker)'",
                scale.kind == .log
                    ? "set format cb '%.0e'"
                    : "set cbtics \(Report.figure(tickStep(scale.high - scale.low, count: 3)))",
            ] : ["unset colorbox"]
        return [
            "unset key", "unset grid", "set tmargin", "set multiplot",
            "set palette defined (\(ramp.joined(separator: ", ")))",
            "set palette maxcolors 256",
            scale.kind == .log ? "set logscale cb" : "unset logscale cb",
            "set cbrange [\(scale.low):\(scale.high)]",
            "set border 15 lw 0.6 lc rgb '\(Palette.grey.marker)'",
        ] + bar
    }

    private static func panel(
        _ picture: MapPicture,
        _ panels: Panels,
        _ index: Int,
        hasImage: Bool
    ) -> [String] {
        let map = picture.maps[index]
        let place = panels.place(index)
        let value =
            picture.scale.kind == .log
            ? "($3 < \(picture.scale.low) ? \(picture.scale.low) : $3)" : "3"
        let cells =
            hasImage
            ? [
                "DATA index \(picture.maps.count) using "
                    + "(($1 + 0.5) * \(map.width) - 0.5):(($2 + 0.5) * \(map.height) - 0.5):3:4:5 "
                    + "with rgbimage",
                "DATA index \(index) matrix using 1:2:(0):(0):(0):"
                    + "(180 * (1 - $3 / \(max(map.largest ?? 1, .leastNormalMagnitude)))) with rgbalpha",
            ] : ["DATA index \(index) matrix using 1:2:\(value) with image"]
        return [
            "set lmargin at screen \(place.left)", "set rmargin at screen \(place.right)",
            "set tmargin at screen \(place.top)", "set bmargin at screen \(place.bottom)",
            "set title \(quoted(map.title)) offset 0,-0.6 textcolor rgb '\(Palette.ink.marker)'",
            "set ylabel \(quoted(place.isFirst && !hasImage ? picture.axes.row : "")) offset 1,0 "
                + "textcolor rgb '\(Palette.ink.marker)'",
            "set xlabel \(quoted(place.namesColumns && !hasImage ? picture.axes.column : "")) offset 0,1 "
                + "textcolor rgb '\(Palette.ink.marker)'",
            "set xrange [-0.5:\(Double(map.width) - 0.5)]",
            "set yrange [\(Double(map.height) - 0.5):-0.5]",
            "set xtics scale 0.3 nomirror offset 0,0.3 textcolor rgb '\(Palette.ink.marker)' "
                + panels.columnTicks(map),
            "set ytics scale 0.3 nomirror offset 0.6,0 textcolor rgb '\(Palette.ink.marker)' "
                + panels.rowTicks(map),
            hasImage ? "unset xtics; unset ytics" : "",
            "plot \(cells.joined(separator: ", "))",
            // One bar serves all panels.
            "unset colorbox",
        ]
    }
}

/// Where the panels of a picture stand, in units of the page.
private struct Panels: Sendable {
    private let axes: MapRecord.Axes
    private let width: Double
    private let perRow: Int
    private let rows: Int
    private let panelWidth: Double
    private let panelHeight: Double
    private let left: Double
    private let below: Double
    private let count: Int

    private static let above = 26.0
    private static let right = 14.0
    /// For the bar of colours and its numbers.
    private static let bar = 46.0
    private static let letter = 8.0
    private static let mostTokens = 40

    init(_ picture: MapPicture, _ format: Plot.Format, hasImage: Bool) {
        axes = picture.axes
        width = Double(format.width)
        // A panel narrower than this has no room for its numbers.
        let least = format == .wide ? (hasImage ? 240.0 : 160.0) : 320.0
        perRow = max(1, min(picture.perRow, picture.maps.count, Int(Double(format.width) / least)))
        rows = (picture.maps.count - 1) / perRow + 1
        func widest(_ labels: [String]?) -> Double {
            Double(labels?.map { displayWidth($0) }.max() ?? 4) * Self.letter
        }
        count = picture.maps.count
        left = hasImage ? 14 : min(120, widest(axes.rowLabels)) + 32
        below =
            hasImage
            ? 14 : axes.columnLabels == nil ? 48 : min(120, widest(axes.columnLabels)) + 20
        let most = format == .wide ? 420.0 : 320.0
        panelWidth = min(most, width / Double(perRow) - left - Self.right)
        let ratio = picture.maps.map { Double($0.height) / Double($0.width) }.max() ?? 1
        panelHeight = panelWidth * min(1.6, max(0.2, ratio))
    }

    private var panelRow: Double { Self.above + panelHeight + below }

    /// The height that the plot is asked for; it adds room for the axes that other plots have.
    var height: Int { max(20, Int(Double(rows) * panelRow + Self.bar) - Plot.axisHeight) }

    private var total: Double { Double(height + Plot.axisHeight) }

    struct Place {
        var left: Double
        var right: Double
        var top: Double
        var bottom: Double
        /// Whether it names the rows, and whether it names the columns.
        var isFirst: Bool
        var namesColumns: Bool
    }

    func place(_ index: Int) -> Place {
        let (row, column) = index.quotientAndRemainder(dividingBy: perRow)
        let x = Double(column) * width / Double(perRow) + left
        let y = Double(row) * panelRow + Self.above
        return Place(
            left: x / width,
            right: (x + panelWidth) / width,
            top: 1 - y / total,
            bottom: 1 - (y + panelHeight) / total,
            isFirst: column == 0,
            // Tokens say by themselves what they are.
            namesColumns: index + perRow >= count && axes.columnLabels == nil
        )
    }

    var barLeft: Double { left / width }
    var barWidth: Double { min(panelWidth, 240) / width }
    var barHeight: Double { 10 / total }
    var barTop: Double { 28 / total }

    func columnTicks(_ map: HeatMap) -> String {
        ticks(
            map.width,
            first: map.firstColumn,
            per: map.columnsPerCell,
            room: panelWidth / 48,
            labels: axes.columnLabels,
            rotation: " rotate by -90"
        )
    }

    func rowTicks(_ map: HeatMap) -> String {
        ticks(
            map.height,
            first: map.firstRow,
            per: map.rowsPerCell,
            room: panelHeight / 28,
            labels: axes.rowLabels,
            rotation: ""
        )
    }

    /// Tokens where each has a cell of its own, else numbers at even distances.
    private func ticks(
        _ cells: Int,
        first: Int,
        per: Int,
        room: Double,
        labels: [String]?,
        rotation: String
    ) -> String {
        if let labels, per == 1, cells <= Self.mostTokens {
            let named = (0..<cells).map {
                "\(quoted(truncated(labels[first + $0], columns: 14))) \($0)"
            }
            return "(\(named.joined(separator: ", ")))\(rotation)"
        }
        let step = max(1, Int(tickStep(Double(cells * per), count: max(2, Int(room)))) / per)
        let marks = stride(from: 0, to: cells, by: step).map { "'\(first + $0 * per)' \($0)" }
        return "(\(marks.joined(separator: ", ")))"
    }
}

/// The pixels of an image as rows for gnuplot.
private struct MapPixels {
    let block: Plot.Block

    /// Nil if the record's text is not what it says.
    init?(_ image: MapImage) {
        guard let bytes = Data(base64Encoded: image.pixels),
            bytes.count == 3 * image.width * image.height
        else { return nil }
        let pixels = Array(bytes)
        block = Plot.Block(
            "image",
            columns: ["x from 0 to 1", "y from 0 to 1", "red", "green", "blue"],
            rows: (0..<image.width * image.height).map { index in
                let (y, x) = index.quotientAndRemainder(dividingBy: image.width)
                // The centre of a pixel, so that the image fills the cells exactly.
                let place = [
                    (Double(x) + 0.5) / Double(image.width) - 0.5,
                    (Double(y) + 0.5) / Double(image.height) - 0.5,
                ]
                return place.map { "\($0)" } + pixels[3 * index..<3 * index + 3].map { "\($0)" }
            }
        )
    }
}
