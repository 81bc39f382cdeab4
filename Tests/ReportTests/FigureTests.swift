import TestSupport
import Testing

@testable import Host
@testable import Record
@testable import Report
@testable import Statistics
@testable import Tables

/// The numbers of the pictures.
struct FigureTests {
    @Test func `one speedup has one interval, with and without an analysis`() throws {
        for record in [try Records.measured(), try Records.sweep([1, 2])] {
            let facts = RunFacts(record)
            let point = try #require(facts.measured.last)
            let estimate = try #require(facts.speedup(point))
            #expect(estimate.lowerBound! < estimate.value && estimate.value < estimate.upperBound!)
            #expect(abs(facts.efficiency(point)!.value - estimate.value / 2) < 1e-9)
            // The sentence of the point, its key figure, its bar and its row in the table.
            #expect(record.sentence(for: point).contains(Units.interval(estimate)))
            let bounds = [estimate.lowerBound!, estimate.upperBound!].map(Units.significant)
            let figure = try #require(ScalingFigures.speedup(facts))
            let words = [
                try #require(record.section(title: "a").keyFigures.first).reference,
                figure.table.rows.last?[3].text ?? "",
                figure.plot.commands(.wide).filter { $0.hasPrefix("set label") }.joined(),
            ]
            for text in words { for bound in bounds { #expect(text.contains(bound), "\(text)") } }
        }
    }

    @Test func `few worker counts are bars, and more are curves of half a page`() throws {
        for (counts, name) in [
            ([2], "bars"), ([1, 2, 3, 4], "bars"), ([1, 2, 3, 4, 5], "curves"),
        ] {
            let facts = RunFacts(try Records.sweep(counts))
            let speedup = try #require(ScalingFigures.speedup(facts))
            let efficiency = ScalingFigures.efficiency(facts)
            #expect((efficiency == nil) == (name == "bars"))
            #expect((speedup.width == .half) == (name == "curves"))
            #expect(speedup.table.rows.count == counts.count)
            guard name == "bars" else { continue }
            let ideals = try #require(speedup.plot.blocks.first { $0.name == "ideal" }).rows
            #expect(Set(ideals.map { $0[0] }) == Set(counts.map { "\(Double($0))" }))
        }
    }

    @Test func `the speedup of an analysis comes first`() throws {
        var record = try Records.sweep()
        record.analysis?.points[2].speedup = Estimate(3.25, lowerBound: 3, upperBound: 3.5)
        let facts = RunFacts(record)
        #expect(facts.speedup(facts.measured[2])?.value == 3.25)
    }

    @Test func `an older record has operations and roofs from its rates`() throws {
        let facts = RunFacts(try Records.measured())
        // 2 · (D + Dv) operations for every one of B·H·L·S pairs.
        let expected = 256.0 * 64 * 1024 * 1024
        #expect(abs(try #require(facts.operations) / expected - 1) < 0.001)
        let base = try #require(facts.record.singleThread)
        let roof = try #require(base.gigaflopsPerSecond) / (try #require(base.fractionOfPeak))
        #expect(abs(try #require(facts.multiplyAddRoof) / roof - 1) < 1e-9)
        // Four tensors of 64 × 1024 × 64 numbers of 4 bytes.
        let bytes = 4.0 * 64 * 1024 * 64 * 4
        #expect(abs(try #require(facts.intensity) - expected / bytes) < 0.5)
    }

    @Test func `negative parts stack on the other side of zero`() throws {
        let bars = StackedBars(
            name: "bars",
            parts: [.init("a", .blue), .init("b", .orange), .init("c", .grey)],
            rows: [.init("first", [3, -1, 2]), .init("second", [1, 1, 0])],
            axis: "%"
        )
        let blocks = bars.plot.blocks
        #expect(blocks.map(\.name) == ["a", "b", "c"])
        #expect(blocks[0].rows[0] == ["0.0", "3.0", "1"])
        #expect(blocks[1].rows[0] == ["-1.0", "0.0", "1"])
        #expect(blocks[2].rows[0] == ["3.0", "5.0", "1"])
        #expect(blocks[1].rows[1] == ["1.0", "2.0", "2"])
        #expect(bars.plot.commands(.wide).contains { $0.hasPrefix("set xrange [-1.05:5.1") })
    }

    @Test func `a part that is zero is not in the legend`() {
        let bars = StackedBars(
            name: "bars",
            parts: [.init("a", .blue), .init("b", .orange)],
            rows: [.init("first", [3, 0])],
            axis: "ms"
        )
        #expect(bars.plot.legend == ["a"])
        let none = StackedBars(name: "n", parts: [], rows: [], axis: "ms")
        #expect(none.plot.legend.isEmpty)
    }

    @Test(arguments: [110, 199, 201, 1_000, 47_123, 1e9, 1e300])
    func `an axis of percentages has few marks, however high it is`(highest: Double) {
        let step = ScalingFigures.percentStep(highest)
        #expect((2...10).contains(Int(highest / step)), "\(step)")
    }

    @Test(arguments: [false, true])
    func `efficiency and losses add up to 100 %`(hasAnalysis: Bool) throws {
        let record = hasAnalysis ? try Records.sweep() : try Records.measured()
        let figure = try #require(TimeFigures.losses(RunFacts(record)))
        for row in figure.table.rows {
            let sum = row.dropFirst().reduce(0) { $0 + (Double($1.text) ?? .nan) }
            #expect(abs(sum - 100) < 0.5, "\(row.map(\.text))")
        }
    }

    @Test func `what has most of the time is a note, so that the rest is no hairline`() throws {
        let facts = RunFacts(try Records.measured())
        let losses = try #require(TimeFigures.losses(facts))
        let workers = try #require(TimeFigures.byWorker(facts))
        #expect(!losses.plot.legend.contains("efficiency"))
        #expect(!workers.plot.legend.contains("compute"))
        for figure in [losses, workers] {
            let commands = figure.plot.commands(.wide)
            #expect(commands.count { $0.hasPrefix("set label") } == facts.measured.count)
            // The longest bar takes more than a third of the axis.
            let axis = try #require(commands.first { $0.hasPrefix("set xrange") })
            let end = try #require(Double(axis.split { ":]".contains($0) }[1]))
            let ends = figure.plot.blocks.flatMap(\.rows).compactMap { Double($0[1]) }
            #expect(try #require(ends.max()) > end / 3, "\(axis)")
        }
        let efficiency = try #require(losses.table.columns.dropFirst().first).title
        #expect(efficiency.contains("%"))
    }

    @Test func `every sample is drawn, and outliers twice`() throws {
        var record = try Records.sweep()
        record.baseCases[0].samplesNanoseconds[0] *= 10
        record.baseCases[0].summary = try #require(
            SampleSummary(nanoseconds: record.baseCases[0].samplesNanoseconds)
        )
        let figure = try #require(LatencyFigure.figure(RunFacts(record)))
        let blocks = figure.plot.blocks
        let samples = blocks.dropFirst(3).flatMap(\.rows)
        let count =
            record.points.reduce(0) { $0 + $1.samples.count }
            + record.baseCases.reduce(0) { $0 + $1.samplesNanoseconds.count }
        #expect(samples.count == count)
        #expect(blocks.count == 3 + 3, "one block for each start of the processes")
        let outliers =
            record.points.reduce(0) { $0 + ($1.summary?.wall.outlierCount ?? 0) }
            + record.baseCases.reduce(0) { $0 + $1.summary.outlierCount }
        #expect(outliers > 0)
        #expect(blocks[2].rows.count == outliers)
    }

    @Test func `worker counts on an axis do not overlap`() {
        let counts = Array(1...12)
        for format in Plot.Format.allCases {
            let few = ScalingFigures.namedCounts([1, 2, 4], in: 0.65...4.35, false, format)
            #expect(few == [1, 2, 4])
            let many = ScalingFigures.namedCounts(counts, in: 0.85...14.16, true, format)
            #expect(many.isSuperset(of: [1, 2, 12]), "\(many)")
            #expect(many.contains(10) == (format == .wide), "\(many)")
            let hundreds = ScalingFigures.namedCounts(
                Array(1...1024),
                in: 0.65...1024.35,
                false,
                format
            )
            #expect(hundreds.count < format.width / 20)
        }
    }

    @Test func `the points of a roofline lie below their roofs`() throws {
        let figure = try #require(RooflineFigure.kernel(try Records.kernel()))
        for row in figure.table.rows {
            let rate = try #require(Double(row[3].text))
            let roof = try #require(Double(row[4].text))
            #expect(rate > 0 && rate < roof)
        }
        // The caption explains a missing roof.
        var record = try Records.measured()
        let missing = try #require(RooflineFigure.run(RunFacts(record))).caption
        record.roofs = MeasuredRoofs(fmaGigaflopsPerSecond: 270, readGigabytesPerSecond: 41)
        let complete = try #require(RooflineFigure.run(RunFacts(record))).caption
        #expect(complete.count < missing.count, "\(missing)")
    }

    @Test(arguments: Plot.Format.allCases, [1, 2, 8, 30])
    func `every point of a roofline has a name or a number of its own`(
        format: Plot.Format,
        count: Int
    ) {
        for isClose in [false, true] {
            let points = (0..<count).map { index in
                RooflineFigure.Point(
                    label: "row \(index) of many",
                    intensity: isClose ? 30 : Double(1 << (index % 9)),
                    gigaflopsPerSecond: 40 + Double(isClose ? index : 3 * index),
                    threads: 1,
                    isCluster: false
                )
            }
            let figure = RooflineFigure(
                multiplyAddRoof: 150,
                readRoof: 20,
                points: points,
                cores: 2
            ).figure
            let names = figure.plot.commands(format).filter { $0.hasPrefix("set label") }
                .map { $0.split(separator: "'")[1] }
            let numbers = (1...count).map { "\($0)" }
            #expect(
                names.map(String.init) == points.map(\.label) || names.map(String.init) == numbers
            )
            #expect(figure.table.rows.map { $0[0].text } == numbers)
        }
    }

    @Test(.enabled(if: hasGnuplot), arguments: Plot.Format.allCases)
    func `names of a roofline do not lie over each other`(format: Plot.Format) throws {
        let speeds = [
            "1 process, 1 thread": 77.7, "1 process, 2 threads": 110.7, "1 worker": 42.4,
            "2 workers": 38.5,
        ]
        let points = speeds.sorted { $0.key < $1.key }.map { name, speed in
            RooflineFigure.Point(
                label: name,
                intensity: 32,
                gigaflopsPerSecond: speed,
                threads: 1,
                isCluster: name.contains("worker")
            )
        }
        let figure = RooflineFigure(multiplyAddRoof: 118, readRoof: 16, points: points, cores: 2)
            .figure
        var gnuplot = Gnuplot()
        let picture = gnuplot.draw(figure.plot, format, identifier: "p", label: "l")
        let markup = try #require(picture, "\(gnuplot.problem ?? "")").markup
        // Where each begins, and its end if a letter has 7 units.
        let names = try points.map { point in
            let text = try #require(markup.range(of: "<text>\(point.label)</text>")).lowerBound
            let place = try #require(
                markup[..<text].split(separator: "translate(").last?.split { ",)".contains($0) }
            )
            let (x, y) = (try #require(Double(place[0])), try #require(Double(place[1])))
            return (x: x, y: y, end: x + 7 * Double(point.label.count))
        }
        for (index, name) in names.enumerated() {
            for other in names[..<index] where name.x < other.end && other.x < name.end {
                #expect(abs(name.y - other.y) > 12, "\(names)")
            }
        }
    }

    @Test func `a section names the command that made its record`() throws {
        var kernel = try Records.kernel()
        kernel.commandLine = [
            "/bin/headwise", "kernel", "--suite", "--record", "k.json", "--quiet",
        ]
        #expect(kernel.section(title: "k").repeats == "headwise kernel --suite")
        let compared = try Records.comparison()
        #expect(
            compared.section(title: "c").repeats
                == "headwise " + compared.commandLine.dropFirst().joined(separator: " ")
        )
    }

    @Test func `more threads than cores have no higher roof`() throws {
        var record = try Records.sweep()
        record.host.coresOnline = 4
        let figure = try #require(RooflineFigure.run(RunFacts(record)))
        let roofs = Set(figure.table.rows.map { $0[4].text })
        #expect(roofs == ["270", "540", "1080"])
        #expect(figure.plot.legend.contains { $0.contains("4 cores") })
    }

    @Test func `one slow trial does not hide the others`() throws {
        var record = try Records.measured()
        var figure = try #require(LatencyFigure.figure(RunFacts(record)))
        #expect(!figure.plot.commands(.wide).contains("set logscale x 10"))
        record.points[0].samples[3].wallNanoseconds *= 9
        let walls = record.points[0].samples.map(\.wallNanoseconds)
        let wall = try #require(SampleSummary(nanoseconds: walls))
        record.points[0].summary?.wall = wall
        figure = try #require(LatencyFigure.figure(RunFacts(record)))
        #expect(figure.plot.commands(.wide).contains("set logscale x 10"))
        #expect(figure.caption.contains("log"))
    }

    @Test func `the narrow picture has long names of rows above their bars`() throws {
        for (note, isLong) in [("", false), ("97.7 GFLOP/s", true)] {
            let named = NamedRows(
                rows: [.init("1 worker", note: note, end: 3), .init("2 workers", end: 5)],
                axis: "%"
            )
            #expect(named.isAbove(.narrow) == isLong)
            #expect(!named.isAbove(.wide))
            let (narrow, wide) = (named.commands(.narrow), named.commands(.wide))
            #expect(narrow.contains { $0.hasPrefix("set ytics (") } != isLong)
            #expect(wide.contains { $0.hasPrefix("set ytics (") })
            #expect((named.area(.narrow) > named.area(.wide)) == isLong)
            // A note behind a bar has room there.
            #expect((named.highest(.wide) > 1.1 * 5) == false || isLong)
        }
    }

    @Test func `rows are named as far as there is room, or all`() {
        func named(_ count: Int, all: Bool) -> NamedRows {
            NamedRows(
                rows: (1...count).map { .init("row \($0)", note: "n", end: 1) },
                axis: "%",
                isNamingAll: all
            )
        }
        func names(_ rows: NamedRows, _ format: Plot.Format) -> Int {
            rows.commands(format).filter { $0.hasPrefix("set ytics (") }
                .reduce(0) { $0 + $1.split(separator: "'row").count - 1 }
        }
        for format in Plot.Format.allCases {
            #expect(names(named(10, all: false), format) == 10)
            let few = names(named(300, all: false), format)
            #expect(few > 10 && few < 100, "\(few)")
            #expect(names(named(300, all: true), format) == 300)
            #expect(named(300, all: false).area(format) < 1_200)
        }
    }

    @Test func `every kernel row is beside the roof that bounds it`() throws {
        let record = try KernelRecord.read(PackageFolder.record("kernel-suite"))
        let figure = try #require(KernelFigures.speeds(record))
        #expect(figure.table.rows.count == record.rows.count)
        let bars = figure.plot.blocks.dropFirst(2)
        #expect(bars.reduce(0) { $0 + $1.rows.count } == record.rows.count)
        let reading = try #require(bars.first { $0.name.contains("reading") })
        let bound = record.rows.enumerated().filter { $1.roof?.boundBy == .read }
        #expect(reading.rows.map { $0[2] } == bound.map { "\($0.offset + 1)" })
        for (row, found) in zip(reading.rows, bound) {
            let percent = 100 * (try #require(found.element.roof?.fraction))
            #expect(abs((Double(row[1]) ?? 0) - percent) < 1e-9)
        }
        // Their notes have the unit of their roof.
        let notes = figure.plot.commands(.wide).filter { $0.hasPrefix("set label") }
        #expect(notes.count { $0.contains(" GB/s'") } == bound.count)
    }

    @Test func `the stages of a layer are drawn from the trials in the middle`() throws {
        var record = try Records.measured()
        #expect(StageFigure.figure(RunFacts(record)) == nil, "an older record has no stages")
        for point in record.points.indices {
            for trial in record.points[point].samples.indices {
                let wall = record.points[point].samples[trial].wallNanoseconds
                record.points[point].samples[trial].stages = [
                    StageSample(
                        stage: .heads,
                        computeNanoseconds: wall / 2,
                        beginNanoseconds: 0,
                        endNanoseconds: wall / 2
                    ),
                    StageSample(
                        stage: .outputProjection,
                        computeNanoseconds: wall / 6,
                        beginNanoseconds: wall / 2,
                        endNanoseconds: wall
                    ),
                ]
            }
        }
        try record.validate(source: "stages")
        let figure = try #require(StageFigure.figure(RunFacts(record)))
        #expect(figure.table.rows.count == 2 * record.points.count)
        let rows = figure.plot.blocks[0].rows.map { $0.map { Double($0) ?? .nan } }
        #expect(rows[0][1] == rows[1][0], "the second stage begins where the first one ends")
        let shares = figure.plot.commands(.wide).filter { $0.hasPrefix("set label") }
        #expect(shares.contains { $0.contains("75 %") } && shares.contains { $0.contains("25 %") })
        #expect(record.section(title: "a").parts.contains { $0.heading == "Stages" })
    }

    @Test(arguments: [0.9, 0.001])
    func `the error of training is drawn epoch by epoch`(last: Double) throws {
        let training = TrainingSummary(
            losses: [10, 5, 10 * last],
            predictions: 10,
            widths: [[1], [2], [3], [4]]
        )
        let figure = try #require(TrainingFigure.figure(training))
        #expect(figure.plot.blocks[0].rows.map { Double($0[1]) } == [1, 0.5, last])
        #expect(figure.plot.commands(.wide).contains("set logscale y 10") == (last < 0.01))
        let one = TrainingSummary(losses: [1], predictions: 1, widths: [[1], [1]])
        #expect(TrainingFigure.figure(one) == nil)
    }
}
