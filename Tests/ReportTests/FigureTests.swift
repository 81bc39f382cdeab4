import TestSupport
import Testing

@testable import Host
@testable import Record
@testable import Report
@testable import Statistics

/// The numbers of the pictures.
struct FigureTests {
    @Test func `without an analysis the interval of a speedup comes from both medians`() throws {
        let facts = RunFacts(try Records.measured())
        let point = try #require(facts.measured.last)
        let estimate = try #require(facts.speedup(point))
        let single = try #require(facts.record.singleThread?.summary)
        let wall = try #require(point.summary?.wall)
        let lower = try #require(single.medianLowerBoundNanoseconds)
        let upper = try #require(wall.medianUpperBoundNanoseconds)
        #expect(abs(estimate.lowerBound! - lower / upper) < 1e-9)
        #expect(estimate.lowerBound! < estimate.value && estimate.value < estimate.upperBound!)
        #expect(abs(facts.efficiency(point)!.value - estimate.value / 2) < 1e-9)
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
            axis: "%",
            whole: 5
        )
        let blocks = bars.plot.blocks
        #expect(blocks.map(\.name) == ["a", "b", "c"])
        #expect(blocks[0].rows[0][2...3] == ["0.0", "3.0"])
        #expect(blocks[1].rows[0][2...3] == ["-1.0", "0.0"])
        #expect(blocks[2].rows[0][2...3] == ["3.0", "5.0"])
        #expect(blocks[1].rows[1][2...3] == ["1.0", "2.0"])
        #expect(bars.plot.commands(.wide).contains { $0.hasPrefix("set xrange [-1.05:5.05") })
    }

    @Test func `a part that is zero is not in the legend`() {
        let bars = StackedBars(
            name: "bars",
            parts: [.init("a", .blue), .init("b", .orange)],
            rows: [.init("first", [3, 0])],
            axis: "ms",
            whole: nil
        )
        #expect(bars.plot.legend == ["a"])
        let none = StackedBars(name: "n", parts: [], rows: [], axis: "ms", whole: nil)
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

    @Test func `the timeline shows the trial nearest the median`() throws {
        let record = try Records.measured()
        let point = try #require(record.points.last)
        let median = try #require(point.summary).wall.medianNanoseconds
        let shown = try #require(TimeFigures.medianTrial(of: point))
        let distances = point.samples.map { abs(Double($0.wallNanoseconds) - median) }
        #expect(abs(Double(shown.wallNanoseconds) - median) == distances.min())
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
            let rate = try #require(Double(row[2].text))
            let roof = try #require(Double(row[3].text))
            #expect(rate > 0 && rate < roof)
        }
        // The caption explains a missing roof.
        var record = try Records.measured()
        let missing = try #require(RooflineFigure.run(RunFacts(record))).caption
        record.roofs = MeasuredRoofs(fmaGigaflopsPerSecond: 270, readGigabytesPerSecond: 41)
        let complete = try #require(RooflineFigure.run(RunFacts(record))).caption
        #expect(complete.count < missing.count, "\(missing)")
    }

    @Test func `more threads than cores have no higher roof`() throws {
        var record = try Records.sweep()
        record.host.coresOnline = 4
        let figure = try #require(RooflineFigure.run(RunFacts(record)))
        let roofs = Set(figure.table.rows.map { $0[3].text })
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
        var record = try Records.kernel()
        let short = try #require(KernelFigures.speeds(record)?.plot)
        record.rows[0].name = "bigbird:window=3,random=3,block=64, 8×4096, D 64"
        let long = try #require(KernelFigures.speeds(record)?.plot)
        for (plot, isAbove) in [(short, false), (long, true)] {
            let (narrow, wide) = (plot.commands(.narrow), plot.commands(.wide))
            #expect(narrow.contains { $0.hasPrefix("set label") } == isAbove)
            #expect(narrow.contains { $0.hasPrefix("set ytics (") } == !isAbove)
            #expect(wide.contains { $0.hasPrefix("set ytics (") })
            #expect((plot.area(.narrow) > plot.area(.wide)) == isAbove)
        }
    }
}
