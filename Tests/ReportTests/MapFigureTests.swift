import FoundationEssentials
import TestSupport
import Testing

@testable import Record
@testable import Report
@testable import Tables

/// Heat maps as gnuplot draws them.
struct MapFigureTests {
    private static func record(
        _ schema: MapRecord.Schema = .weights,
        maps: Int = 1,
        rows: Int = 6,
        columns: Int = 6,
        perCell: Int = 1
    ) throws -> MapRecord {
        var record = MapRecord(
            schema,
            host: try Records.sweep().host,
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "weights"],
            reduction: .maximum,
            mapsPerRow: min(4, maps)
        )
        record.maps = (0..<maps).map { head in
            HeatMap(
                title: "batch 0, head \(head)",
                firstRow: 7,
                rowCount: rows * perCell,
                columnCount: columns * perCell,
                rowsPerCell: perCell,
                columnsPerCell: perCell,
                cells: (0..<rows * columns).map { index -> Float? in
                    guard index % 5 != 1 else { return nil }
                    return Float(index % 4) / 4
                }
            )
        }
        record.exitCode = 0
        return record
    }

    private static let image = MapImage(
        width: 3,
        height: 2,
        pixels: Data((0..<18).map { UInt8($0 * 9) }).base64EncodedString()
    )

    private static func tags(_ record: MapRecord, _ name: String) throws -> Int {
        var gnuplot = Gnuplot()
        var tags = 0
        for format in Plot.Format.allCases {
            let picture = gnuplot.draw(
                HeatMapFigure(record).plot(name: "p", isAlone: format == .wide),
                format,
                identifier: "p",
                label: "maps"
            )
            let markup = Markup(try #require(picture, "\(gnuplot.problem ?? "")").markup)
            #expect(markup.faults.isEmpty)
            let found = markup.tags.filter { $0.name == name }.count
            if format == .wide { tags = found } else { #expect(found == tags) }
        }
        return tags
    }

    @Test(arguments: [0.00061, 0.0123, 0.53, 0.75, 1] as [Float], [false, true])
    func `the largest weight is a mark of the colour bar`(largest: Float, isAlone: Bool) throws {
        var record = try Self.record()
        record.maps[0].cells[0] = largest
        for index in record.maps[0].cells.indices.dropFirst() {
            record.maps[0].cells[index] = largest / 2
        }
        let script = HeatMapFigure(record).plot(name: "p", isAlone: isAlone).script(.wide, .svg)
        let start = try #require(script.range(of: "set cbtics (")).upperBound
        let marks = script[start...].prefix { $0 != ")" }.split(separator: ",")
            .compactMap { Double($0.filter { $0 != " " }) }
        #expect(((isAlone ? 2 : 3)...5).contains(marks.count), "\(marks)")
        #expect(marks.last == Double(largest))
        // Each has room for its number.
        let panels = MapPanels(MapPicture(record), .wide, isMask: false, isAlone: isAlone)
        for (mark, next) in zip(marks, marks.dropFirst()) {
            #expect(next - mark > 0.9 * panels.numberShare * Double(largest), "\(marks)")
        }
    }

    @Test(
        .enabled(if: hasGnuplot),
        arguments: [(1, 6, 6), (2, 12, 5), (5, 2, 2), (8, 3, 40), (1, 64, 2)],
        MapRecord.Schema.allCases
    )
    func `each map is an image`(
        _ sizes: (maps: Int, rows: Int, columns: Int),
        _ schema: MapRecord.Schema
    ) throws {
        let record = try Self.record(
            schema,
            maps: sizes.maps,
            rows: sizes.rows,
            columns: sizes.columns
        )
        #expect(try Self.tags(record, "image") == sizes.maps)
        var covered = record
        covered.image = Self.image
        #expect(try Self.tags(covered, "image") == 2 * sizes.maps)
        // A title would appear at the pointer.
        #expect(try Self.tags(covered, "title") == 0)
        #expect(try Self.tags(record, "title") == 0)
    }

    @Test(
        .enabled(if: hasGnuplot),
        arguments: [(1, 1), (1, 9), (9, 1)],
        MapRecord.Schema.allCases
    )
    func `a single row or column has a box for each cell`(
        _ sizes: (rows: Int, columns: Int),
        _ schema: MapRecord.Schema
    ) throws {
        let record = try Self.record(schema, rows: sizes.rows, columns: sizes.columns)
        #expect(try Self.tags(record, "image") == 0)
        // The bar of colours may be made of the same.
        var empty = record
        empty.maps[0].cells = empty.maps[0].cells.indices.map { $0 == 0 ? 0.5 : nil }
        let shown = record.maps[0].cells.count { $0 != nil }
        let boxes = try Self.tags(record, "polygon")
        #expect(try boxes - Self.tags(empty, "polygon") == shown - 1)
    }

    @Test(arguments: Plot.Format.allCases, [false, true])
    func `panels keep apart and inside the picture`(format: Plot.Format, isAlone: Bool) throws {
        let sizes = [(1, 1, 1), (1, 1, 128), (3, 128, 1), (9, 32, 32), (4, 70, 70)]
        for (maps, rows, columns) in sizes {
            var record = try Self.record(maps: maps, rows: rows, columns: columns)
            record.axes.rowLabels = Array(repeating: "a long token of a row", count: rows + 7)
            if rows == columns { record.axes.columnLabels = Array(repeating: "t", count: columns) }
            let panels = MapPanels(
                MapPicture(record),
                format,
                isMask: false,
                isAlone: isAlone
            )
            for map in record.maps { #expect(panels.title(map) == map.title) }
            // Half of a number of five letters stands beside the bar.
            #expect(panels.barLeft + panels.barWidth < 1 - 20 / Double(panels.width))
            let places = (0..<maps).map { panels.place($0, record.maps[$0]) }
            for (index, place) in places.enumerated() {
                #expect(0 < place.left && place.left < place.right && place.right < 1)
                #expect(0 < place.bottom && place.bottom < place.top && place.top < 1)
                for other in places[..<index] {
                    #expect(other.right < place.left || other.bottom > place.top)
                }
            }
        }
    }

    @Test(arguments: [(7, 60, 1), (1, 9, 1), (40, 40, 1), (12, 12, 4), (32, 32, 4), (30, 3, 2)])
    func `rows are as tall as their tokens need`(
        _ sizes: (rows: Int, columns: Int, maps: Int)
    ) throws {
        var record = try Self.record(maps: sizes.maps, rows: sizes.rows, columns: sizes.columns)
        let tokens = (0..<sizes.rows + 7).map { "token\($0)" }
        record.axes.rowLabels = tokens
        for isAlone in [false, true] {
            for format in Plot.Format.allCases {
                let picture = MapPicture(record)
                let panels = MapPanels(picture, format, isMask: false, isAlone: isAlone)
                let marks = panels.rowTicks(record.maps[0])
                for token in tokens[7...] { #expect(marks.contains("'\(token)'"), "\(marks)") }
            }
        }
    }

    @Test(arguments: [(100, 100, 1), (40, 96, 3), (128, 41, 32)])
    func `of more tokens than lines every so many is drawn, and the axis says so`(
        _ sizes: (rows: Int, columns: Int, perCell: Int)
    ) throws {
        var record = try Self.record(
            rows: sizes.rows,
            columns: sizes.columns,
            perCell: sizes.perCell
        )
        let map = record.maps[0]
        record.axes.columnLabels = (0..<map.columnCount).map { "token\($0)" }
        for isAlone in [false, true] {
            for format in Plot.Format.allCases {
                let panels = MapPanels(MapPicture(record), format, isMask: false, isAlone: isAlone)
                let named = panels.columnTicks(map).split(separator: "'token").dropFirst()
                    .compactMap { Int($0.prefix { $0.isNumber }) }
                let step = try #require(named.count > 1 ? named[1] : nil)
                #expect(step > 1)
                #expect(named == Array(stride(from: 0, to: map.columnCount, by: step)))
                #expect(panels.columnName(map).contains(Units.ordinal(step)))
                // Rows have no tokens.
                #expect(panels.rowName(map) == record.axes.row)
            }
        }
    }

    @Test(arguments: MapRecord.Schema.allCases, HeatMap.Reduction.allCases)
    func `a picture alone says how it was reduced and where its colours end`(
        _ schema: MapRecord.Schema,
        _ reduction: HeatMap.Reduction
    ) throws {
        func key(_ record: MapRecord, isAlone: Bool = true) -> String {
            MapPanels(MapPicture(record), .wide, isMask: schema == .mask, isAlone: isAlone).key
                .joined(separator: " ")
        }
        var texts: Set<String> = []
        for scale in MapRecord.ColorScale.allCases {
            for (columns, perCell) in [(6, 7), (60, 7), (6, 1)] {
                var record = try Self.record(schema, columns: columns, perCell: perCell)
                (record.reduction, record.scale) = (reduction, scale)
                let picture = MapPicture(record)
                let text = key(record)
                texts.insert(text)
                #expect(key(record, isAlone: false).isEmpty)
                #expect(text == picture.key)
                let script = HeatMapFigure(record).plot(name: "p", isAlone: true).script(.wide)
                for word in text.split(separator: " ") { #expect(script.contains(word)) }
                if perCell > 1 { #expect(text.contains("7 × 7")) }
                guard schema == .weights || perCell > 1 else { continue }
                #expect(text.contains(picture.end(picture.scale.high)))
                #expect(text.contains(picture.end(picture.scale.low)))
            }
        }
        // Its words depend on the scale and on the cells.
        #expect(texts.count == (schema == .weights ? 4 : 3))
    }

    @Test(arguments: [(8, 8), (2, 3), (1, 6)])
    func `a map over an image has its shape, and its largest weight in its title`(
        _ sizes: (rows: Int, columns: Int)
    ) throws {
        var record = try Self.record(maps: 6, rows: sizes.rows, columns: sizes.columns)
        record.image = Self.image
        record.maps[0].cells[0] = 0.625
        for index in record.maps[0].cells.indices.dropFirst() { record.maps[0].cells[index] = 0 }
        let panels = MapPanels(MapPicture(record), .wide, isMask: false, isAlone: true)
        for index in 0..<6 {
            let place = panels.place(index, record.maps[index])
            let across = (place.right - place.left) * Double(panels.width)
            let down = (place.top - place.bottom) * Double(panels.height)
            #expect(abs(across / down - 1.5) < 0.01)
        }
        #expect(panels.title(record.maps[0]).contains("0.625"))
        record.image = nil
        let plain = MapPanels(MapPicture(record), .wide, isMask: false, isAlone: true)
        #expect(!plain.title(record.maps[0]).contains("0.625"))
    }

    @Test(arguments: [(0.9, 0.3), (1, 0.015), (0.53, 2e-5), (1, 1e-30)] as [(Float, Float)])
    func `both ends of a logarithmic bar have a mark`(_ ends: (high: Float, low: Float)) throws {
        var record = try Self.record()
        record.scale = .log
        for index in record.maps[0].cells.indices {
            record.maps[0].cells[index] = index == 0 ? ends.high : ends.low
        }
        let scale = record.colorScale
        let script = HeatMapFigure(record).plot(name: "p").script(.wide, .svg)
        let start = try #require(script.range(of: "set cbtics (")).upperBound
        let marks = script[start...].prefix { $0 != ")" }.split(separator: ",")
            .compactMap { Double($0.filter { $0 != " " }) }
        #expect(marks.first == scale.low && marks.last == scale.high, "\(marks)")
        #expect((2...6).contains(marks.count), "\(marks)")
        #expect(marks == marks.sorted())
    }

    @Test func `marks stand at round numbers of the matrix`() throws {
        // Rows 7 to 966, five in a cell.
        let record = try Self.record(rows: 192, columns: 192, perCell: 5)
        let panels = MapPanels(MapPicture(record), .wide, isMask: false, isAlone: false)
        let marks = panels.rowTicks(record.maps[0]).split { "(), ".contains($0) }
        let pairs = stride(from: 0, to: marks.count, by: 2).map { (marks[$0], marks[$0 + 1]) }
        #expect(pairs.count > 3)
        for (name, place) in pairs {
            let number = try #require(Int(name.dropFirst().dropLast()))
            #expect(number.isMultiple(of: 50) && (7..<967).contains(number))
            let cell = try #require(Double(place))
            // The middle of a cell has a whole number.
            #expect(abs(cell - ((Double(number) - 7 + 0.5) / 5 - 0.5)) < 1e-9)
        }
    }

    @Test func `a title from a record cannot command gnuplot`() throws {
        var record = try Self.record()
        let evil = "DATA index 0'\nEND_OF_ROWS\nprint 1"
        record.maps[0].title = evil
        record.axes.row = evil
        let plot = HeatMapFigure(record).plot(name: "p")
        for script in [
            plot.script(.wide), plot.script(.wide, .svg, drawing: "p.svg", from: "p.csv", .comma),
        ] {
            let lines = script.split(separator: "\n")
            #expect(lines.count { $0 == "END_OF_ROWS" } <= 1)
            #expect(!lines.contains { $0.hasPrefix("print") })
            #expect(lines.contains { $0.hasPrefix("set title \"DATA index 0'END") })
        }
    }

    @Test func `definitions that nothing uses are left out`() throws {
        let text = """
            <svg
             width="9" height="9">
            <defs>
            <circle id='gpDot' r='0.5'/>
            <circle id='gpPt5' r='1'/>
            <use xlink:href='#gpPt5' id='gpPt6' fill='currentColor'/>
            <rect id='gpPt3' x='-1'/>
            </defs>
            MARKS
            </svg>
            """
        func definitions(_ marks: String) throws -> [String] {
            let picture = VectorPicture(
                gnuplot: text.replacing("MARKS", with: marks),
                identifier: "p",
                label: "l"
            )
            let markup = Markup(try #require(picture).markup)
            #expect(markup.faults.isEmpty)
            return markup.identifiers
        }
        #expect(try definitions("<g></g>").isEmpty)
        let mark = "<use xlink:href='#gpPt6' transform='translate(1,2)' color='white'/>"
        #expect(try definitions(mark) == ["p-gpPt5", "p-gpPt6"])
    }

    @Test func `a page of maps has no warnings, since nothing was timed`() throws {
        let section = try Self.record().section(title: "m")
        #expect(!section.parts.map(\.heading).contains("Warnings"))
        #expect(section.parts.first?.figures.count == 1)
        let page = try ReportPage(
            [try StoredRecord(path: "m.json", try Self.record())],
            gnuplot: noGnuplot
        )
        #expect(Markup(page.text).faults.isEmpty)
    }
}
