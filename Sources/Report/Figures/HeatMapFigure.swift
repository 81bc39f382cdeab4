import FoundationEssentials
import Record
import Tables

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

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

    /// The picture; `name` is that of its files.
    ///
    /// A picture that is `alone` is as wide as its maps need, one of a page as wide as the page.
    func plot(name: String, isAlone: Bool = false) -> Plot {
        let maps = picture.maps
        let layouts = Dictionary(
            uniqueKeysWithValues: Plot.Format.allCases.map { format in
                (format, MapPanels(picture, format, isMask: isMask, isAlone: isAlone))
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
            size: { layouts[$0].map { panels in (panels.width, panels.height) } },
            commands: { [picture, isMask] format in
                guard let panels = layouts[format] else { return [] }
                return Self.shared(picture, panels, hasScale: panels.hasScale)
                    + maps.indices.flatMap { index in
                        Self.panel(picture, panels, index, isMask: isMask, hasImage: hasImage)
                    } + ["unset multiplot"]
            }
        )
    }

    /// What a mask shows, a colour between the page's light and dark blue, since pictures in a
    /// picture cannot follow the scheme.
    private static let visibleColor = (red: 31, green: 127, blue: 196)
    /// What attends, over an image.
    private static let attendedColor = (red: 200, green: 30, blue: 60)
    /// How much of the image the largest weight covers, of 255.
    private static let cover = 220
    /// An image lies in greys from here to white, so that colour is weight and nothing else, over dark
    /// parts as over light ones.
    private static let darkestGrey = 165

    private static func shared(
        _ picture: MapPicture,
        _ panels: MapPanels,
        hasScale: Bool
    ) -> [String] {
        let steps = 32
        let ramp = (0...steps).map { step in
            "\(step) '\(ColorRamp.color(Double(step) / Double(steps)).marker)'"
        }
        let scale = picture.scale
        let marks =
            scale.kind == .log
            ? powerMarks(scale, each: panels.numberShare)
            : roundMarks(scale, each: panels.numberShare)
        let bar =
            hasScale
            ? [
                "set colorbox user horizontal origin screen \(panels.barLeft), screen \(panels.barTop) "
                    + "size screen \(panels.barWidth), screen \(panels.barHeight) noborder",
                "set cbtics nomirror scale 0.3 offset 0,0.4 textcolor rgb '\(Palette.ink.marker)'",
                "set format cb '%.3g'",
                "set cbtics (\(marks.joined(separator: ", ")))",
            ] : ["unset colorbox"]
        return [
            "unset key", "unset grid", "set tmargin", "set multiplot",
            "set palette defined (\(ramp.joined(separator: ", ")))",
            "set palette maxcolors 256",
            scale.kind == .log ? "set logscale cb" : "unset logscale cb",
            "set cbrange [\(scale.low):\(scale.high)]",
            "set border 15 lw 0.6 lc rgb '\(Palette.grey.marker)'",
        ] + bar + (picture.hasImage ? [grey] : [])
    }

    /// The luma of BT.601, as light as is wanted.
    private static let grey =
        "grey(r, g, b) = \(darkestGrey) + \(255 - darkestGrey) "
        + "* (0.299 * r + 0.587 * g + 0.114 * b) / 255"

    /// How many parts the marks of a bar make of it, if each needs a share of it.
    private static func parts(each share: Double) -> Int { max(1, min(3, Int(1 / share))) }

    /// Round numbers that have room, and the largest of the maps.
    private static func roundMarks(_ scale: MapScale, each share: Double) -> [String] {
        let span = scale.high - scale.low
        let step = tickStep(span, count: parts(each: share))
        let first = (scale.low / step).rounded(.up)
        let room = max(step / 2, share * span)
        let inner = stride(from: first * step, to: scale.high - room, by: step)
        return (Array(inner) + [scale.high]).map { "\($0)" }
    }

    /// Both ends of a logarithmic scale, and powers of ten between them that have room.
    private static func powerMarks(_ scale: MapScale, each share: Double) -> [String] {
        let decades = log10(scale.high / scale.low)
        let step = max(1, Int((decades / Double(parts(each: share))).rounded()))
        let room = decades * share
        let powers = stride(from: Int(log10(scale.high).rounded(.up)), to: -330, by: -step)
            .prefix { Double($0) > log10(scale.low) + room }
            .filter { Double($0) < log10(scale.high) - room }
        return ["\(scale.low)"] + powers.reversed().map { "1e\($0)" }
            + ["\(scale.high)"]
    }

    private static func panel(
        _ picture: MapPicture,
        _ panels: MapPanels,
        _ index: Int,
        isMask: Bool,
        hasImage: Bool
    ) -> [String] {
        let map = picture.maps[index]
        let place = panels.place(index, map)
        let ink = "textcolor rgb '\(Palette.ink.marker)'"
        let layers =
            hasImage
            ? overImage(map, index, picture)
            : isMask ? visible(map, index, picture.scale) : colored(map, index, picture.scale)
        var commands = [
            "set lmargin at screen \(place.left)", "set rmargin at screen \(place.right)",
            "set tmargin at screen \(place.top)", "set bmargin at screen \(place.bottom)",
            "set title \(quoted(panels.title(map))) offset 0,-0.6 \(ink)", "unset label",
        ]
        if index == 0 {
            commands += panels.key.enumerated().map { line, text in
                "set label \(quoted(text)) at \(panels.placeOfKey(line)) left \(ink)"
            }
        }
        if place.isFirst, !hasImage {
            let name = quoted(panels.rowName(map))
            commands.append("set label \(name) at \(place.rowName) center rotate \(ink)")
        }
        if place.isLowest, !hasImage {
            let name = quoted(panels.columnName(map))
            commands.append("set label \(name) at \(place.columnName) center \(ink)")
        }
        if hasImage {
            commands += ["unset xtics", "unset ytics"]
        } else {
            let marks = "scale 0.3 nomirror \(ink)"
            commands += [
                "set xtics \(marks) offset 0,0.3 \(panels.columnTicks(map))",
                "set ytics \(marks) offset 0.6,0 \(panels.rowTicks(map))",
            ]
        }
        commands += [
            "set xrange [-0.5:\(Double(map.width) - 0.5)]",
            "set yrange [\(Double(map.height) - 0.5):-0.5]",
            "plot \(layers)",
            // One bar serves all panels.
            "unset colorbox",
        ]
        return commands
    }

    private static func colored(_ map: HeatMap, _ index: Int, _ scale: MapScale) -> String {
        let value = scale.kind == .log ? "($3 < \(scale.low) ? \(scale.low) : $3)" : "3"
        return isLine(map)
            ? "DATA index \(index) matrix using \(boxes):\(value) with boxxyerror "
                + "fillcolor palette fillstyle solid noborder"
            : "DATA index \(index) matrix using 1:2:\(value) with image"
    }

    /// A mask has one colour, the thinner the fewer pairs of a cell are visible.
    private static func visible(_ map: HeatMap, _ index: Int, _ scale: MapScale) -> String {
        cells(map, index, visibleColor, opacity: "255 * $3 / \(scale.high)")
    }

    /// Each map has its own scale: people ask where a row looks, and not which row looks hardest.
    private static func overImage(
        _ map: HeatMap,
        _ index: Int,
        _ picture: MapPicture
    ) -> String {
        let x = "(($1 + 0.5) * \(map.width) - 0.5)"
        let y = "(($2 + 0.5) * \(map.height) - 0.5)"
        let grey = Array(repeating: "(grey($3, $4, $5))", count: 3).joined(separator: ":")
        let scale = MapScale([map], picture.scale.kind)
        let fraction =
            scale.kind == .log
            ? "($3 > \(scale.low) ? log($3 / \(scale.low)) / log(\(scale.high / scale.low)) : 0)"
            : "$3 / \(scale.high)"
        return "DATA index \(picture.maps.count) using \(x):\(y):\(grey) with rgbimage, "
            + cells(map, index, attendedColor, opacity: "\(cover) * \(fraction)")
    }

    /// Cells of one colour; `opacity` is gnuplot's expression of a cell's number, from 0 to 255.
    private static func cells(
        _ map: HeatMap,
        _ index: Int,
        _ color: (red: Int, green: Int, blue: Int),
        opacity: String
    ) -> String {
        let (red, green, blue) = color
        let rows = "DATA index \(index) matrix using"
        guard isLine(map) else {
            return "\(rows) 1:2:(\(red)):(\(green)):(\(blue)):(\(opacity)) with rgbalpha"
        }
        // A box's colour begins with what is missing of its opacity.
        let number = "int(255 - (\(opacity))) * 2**24 + \(red << 16 | green << 8 | blue)"
        return "\(rows) \(boxes):(\(number)) "
            + "with boxxyerror fillcolor rgb variable fillstyle solid noborder"
    }

    /// gnuplot's images have at least two rows and two columns; a single one is drawn as boxes.
    private static func isLine(_ map: HeatMap) -> Bool { map.height == 1 || map.width == 1 }

    /// A box without a number has no place; else it would be black.
    private static let boxes =
        "($3 == $3 ? $1 : 1/0):2:($1 - 0.5):($1 + 0.5):($2 - 0.5):($2 + 0.5)"
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
        // gnuplot's images have at least two rows and columns.
        let (width, height) = (max(2, image.width), max(2, image.height))
        block = Plot.Block(
            "image",
            columns: ["x from 0 to 1", "y from 0 to 1", "red", "green", "blue"],
            rows: (0..<width * height).map { index in
                let (y, x) = index.quotientAndRemainder(dividingBy: width)
                // The centre of a pixel, so that the image fills the cells exactly.
                let place = [
                    (Double(x) + 0.5) / Double(width) - 0.5,
                    (Double(y) + 0.5) / Double(height) - 0.5,
                ]
                let pixel = min(y, image.height - 1) * image.width + min(x, image.width - 1)
                return place.map { "\($0)" } + pixels[3 * pixel..<3 * pixel + 3].map { "\($0)" }
            }
        )
    }
}
