import Testing

@testable import Record
@testable import Report
@testable import Statistics

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The picture of a comparison: ratios and the band of no difference.
struct CompareFigureTests {
    private func figure(_ record: CompareRecord) throws -> Figure {
        try #require(CompareFigure.ratios(record))
    }

    /// The caption of all verdicts after a change.
    private func caption(_ change: (inout CompareRecord) -> Void) throws -> String {
        var record = try Records.verdicts()
        change(&record)
        return try figure(record).caption
    }

    private func numbers(_ block: Plot.Block) -> [[Double]] {
        block.rows.map { $0.map { Double($0) ?? .nan } }
    }

    @Test func `every ratio is drawn with its interval in the row and block of its verdict`()
        throws
    {
        let record = try Records.verdicts()
        let blocks = try figure(record).plot.blocks
        #expect(
            blocks.dropFirst(2).map(\.name)
                == [
                    "faster", "slower", "same", "not slower", "ambiguous",
                    "intervals that continue beyond the plot",
                ]
        )
        // Both ends of both statistics of the fourth point have an arrow towards them.
        let arrows = numbers(blocks[7])
        #expect(arrows.map { $0[1] } == [11, 11, 12, 12])
        #expect(arrows.map { $0[2] < 0 } == [true, false, true, false])
        // The mean's ratio is above the fast end's by this.
        let step = 1.0 / 1024
        // Each point has a row for its name, then one for its fast end and one for its mean.
        #expect(numbers(blocks[2]) == [[0.93, 8, 0.912, 0.948], [0.93 + step, 9, 0.912, 0.948]])
        #expect(
            numbers(blocks[3]) == [[1.061, 5, 1.032, 1.091], [1.061 + step, 6, 1.032, 1.091]]
        )
        #expect(numbers(blocks[4]) == [[1.002, 2, 0.99, 1.014], [1.002 + step, 3, 0.99, 1.014]])
        #expect(numbers(blocks[5]) == [[0.95, 17, 0.9, 1.01], [0.95 + step, 18, 0.9, 1.01]])
        let rest = numbers(blocks[6])
        #expect(
            rest.map { Array($0.prefix(2)) } == [
                [1.03, 11], [1.03 + step, 12], [0.97, 14], [0.97 + step, 15],
            ]
        )
        #expect(blocks[6].rows[2].suffix(2) == ["?", "?"], "without an interval there is no bar")
        // Each statistic has its own band.
        let bands = numbers(blocks[0])
        #expect(bands.count == 14)
        #expect(bands[0] == [1, 2, 1 / 1.02, 1.02, 1.5, 2.5])
        #expect(bands[1] == [1, 3, 1 / 1.05, 1.05, 2.5, 3.5])
        let drawing = try figure(record).plot.commands(.wide)
        #expect(
            drawing.contains {
                $0.contains("set ytics ('1 worker' 1, 'fast end' 2, 'mean' 3, '2 w")
            }
        )
    }

    @Test func `many points name some points and no statistic`() throws {
        var record = try Records.verdicts()
        record.points = (1...60).map { workers in
            var point = record.points[0]
            point.workers = workers
            return point
        }
        for format in Plot.Format.allCases {
            let ticks = try #require(
                try figure(record).plot.commands(format).first { $0.hasPrefix("set ytics") }
            )
            #expect(ticks.contains("'1 worker' 1,") && !ticks.contains("mean"), "\(ticks)")
        }
    }

    @Test func `every verdict has a colour and a shape of its own`() throws {
        let plot = try figure(try Records.verdicts()).plot
        let drawing = try #require(plot.commands(.wide).last)
        let series = drawing.split(separator: "DATA").filter { $0.contains("with points") }
        #expect(series.count == 5)
        for word in ["pt", "rgb"] {
            let found = series.map { text in
                text.split(separator: " ").drop { $0 != word }.dropFirst().first
            }
            #expect(Set(found).count == 5, "\(word): \(found)")
        }
        #expect(plot.legend.count == 6, "the band and five verdicts")
        let verdicts = Array(plot.legend.dropFirst())
        #expect(verdicts == ["faster", "slower", "same", "not slower", "ambiguous"])
    }

    @Test func `points and band have room on both sides of the axis`() throws {
        let record = try Records.verdicts()
        let comparisons = record.points.flatMap(\.statistics).compactMap(\.comparison)
        let window = CompareFigure.Window(comparisons, threshold: 0.02)
        for ratio in comparisons.map(\.ratio) + [1 / 1.02, 1.02] {
            #expect(window.lowest * 1.02 < ratio && ratio < window.highest / 1.02, "\(ratio)")
        }
        #expect(window.lowest > 0.75 && window.highest < 1.3, "\(window)")
        // The caption explains the interval that the window cuts.
        let whole = try caption { record in
            for index in record.points[3].statistics.indices {
                record.points[3].statistics[index].comparison?.lowerBound = 1.02
                record.points[3].statistics[index].comparison?.upperBound = 1.04
            }
        }
        #expect(try whole.count < figure(record).caption.count, "\(whole)")
        let few = CompareFigure.Window(Array(comparisons.prefix(6)), threshold: 0.02)
        #expect(few.lowest < 0.912 && 1.091 < few.highest)
    }

    @Test(arguments: [0.04, 0.3, 1.5])
    func `an interval alone is whole, and one among shorter ones is cut`(length: Double) {
        func comparison(_ length: Double) -> TimeComparison {
            TimeComparison(
                ratio: 1,
                lowerBound: exp(-length),
                upperBound: exp(length),
                verdict: .ambiguous
            )
        }
        let alone = CompareFigure.Window([comparison(length)], threshold: 0.02)
        #expect(alone.contains(exp(-length)) && alone.contains(exp(length)))
        let others = [Double](repeating: length / 50, count: 4).map(comparison)
        let among = CompareFigure.Window(others + [comparison(length)], threshold: 0.001)
        #expect(!among.contains(exp(length)))
        #expect(others.allSatisfy { among.contains($0.upperBound ?? 0) })
    }

    @Test(arguments: [1, 0.5, 2, 1e-300, 1e300, 1.000_001])
    func `every ratio gives an axis with a width`(ratio: Double) {
        for threshold in [0, 0.02, 10] {
            for bounds in [nil, (0, 1e308), (ratio, ratio)] as [(Double, Double)?] {
                let comparison = TimeComparison(
                    ratio: ratio,
                    lowerBound: bounds?.0,
                    upperBound: bounds?.1,
                    verdict: .ambiguous
                )
                let window = CompareFigure.Window([comparison], threshold: threshold)
                #expect(0 < window.lowest && window.lowest < 1 && 1 < window.highest)
                #expect(window.highest.isFinite)
            }
        }
    }

    @Test func `the caption explains what the picture has`() throws {
        var record = try Records.verdicts()
        let caption = try figure(record).caption
        for words in [
            "99 %", "2.0 %", "fast end", "5.0 %", "mean", "2 faster", "2 slower", "2 same",
            "2 not slower", "4 ambiguous",
        ] {
            #expect(caption.contains(words), "\(words)")
        }
        #expect(!caption.contains("log"))
        // A point without an interval, and one without trials, are explained.
        let bounded = try self.caption { record in
            for index in record.points[4].statistics.indices {
                record.points[4].statistics[index].comparison?.lowerBound = 0.96
                record.points[4].statistics[index].comparison?.upperBound = 0.98
            }
        }
        #expect(bounded.count < caption.count, "\(bounded)")
        let finished = try self.caption { $0.points.removeLast() }
        #expect(finished.count < caption.count, "\(finished)")
        record.points = Array(record.points.prefix(3))
        record.rule.threshold = 0
        record.rule.meanThreshold = 0
        let plain = try figure(record)
        #expect(plain.plot.legend == ["faster", "slower", "same"], "there is no band")
        record.points[0].statistics[0].comparison?.ratio = 9
        #expect(try figure(record).caption.contains("log"))
    }

    @Test func `without a ratio or with INVALID times there is no picture`() throws {
        var record = try Records.verdicts()
        #expect(CompareFigure.ratios(record) != nil)
        record.verdict = Verdict(reasons: ["the output of B is wrong"], sentence: "")
        #expect(CompareFigure.ratios(record) == nil)
        record.verdict = nil
        for index in record.points.indices {
            record.points[index].statistics = [StatisticComparison(.fastEnd)]
        }
        #expect(CompareFigure.ratios(record) == nil)
        record.points = []
        #expect(CompareFigure.ratios(record) == nil)
    }
}
