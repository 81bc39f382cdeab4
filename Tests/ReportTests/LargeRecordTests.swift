import FoundationEssentials
import TestSupport
import Testing

@testable import Record
@testable import Report
@testable import Statistics

/// Records with more trials than a picture has marks.
struct LargeRecordTests {
    /// Two worker counts and their base cases, each with `trials` trials in three replicates.
    ///
    /// One trial in thirty is an outlier that took up to fifty times as long.
    private static func record(trials: Int) throws -> RunRecord {
        var record = try Records.measured()
        var state: UInt64 = 88_172_645_463_325_252
        /// Marsaglia's xorshift, from 0 to 1.
        func random() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) / Double(1 << 53)
        }
        let replicates = (0..<trials).map { $0 * 3 / trials }
        func times(_ middle: Double) -> [UInt64] {
            (0..<trials).map { trial in
                let noise = 1 + 0.05 * (random() + random() + random() - 1.5)
                return UInt64(middle * noise * (trial % 30 == 7 ? 1.5 + 48 * random() : 1))
            }
        }
        record.baseCases = try record.baseCases.map { base in
            let samples = times(base.summary.medianNanoseconds)
            return BaseCase(
                threads: base.threads,
                samplesNanoseconds: samples,
                replicates: replicates,
                summary: try #require(SampleSummary(nanoseconds: samples)),
                gigaflopsPerSecond: base.gigaflopsPerSecond
            )
        }
        for index in record.points.indices {
            let model = record.points[index]
            let workers = try #require(model.samples.first).workers
            let walls = times(try #require(model.summary).wall.medianNanoseconds)
            record.points[index].samples = walls.enumerated().map { trial, wall in
                TrialSample(
                    trial: trial,
                    replicate: replicates[trial],
                    wallNanoseconds: wall,
                    workers: workers
                )
            }
            record.points[index].summary?.wall = try #require(SampleSummary(nanoseconds: walls))
        }
        return record
    }

    /// The bytes of a mark in both pictures, and of an outlier's.
    private static let (markBytes, outlierBytes) = (2 * 16, 2 * 40)

    @Test(arguments: isThorough ? [3_000, 100_000] : [3_000])
    func `the page of any number of trials has a few megabytes and the farthest outlier`(
        trials: Int
    ) throws {
        let record = try Self.record(trials: trials)
        let figure = try #require(LatencyFigure.figure(RunFacts(record)))
        let rows = figure.plot.blocks.map(\.rows.count)
        let marks = rows.reduce(0, +)
        #expect(figure.plot.blocks.map(\.name).filter { $0.hasPrefix("replicate") }.count == 3)
        #expect(figure.plot.blocks.allSatisfy { !$0.rows.isEmpty })
        let outliers = try #require(figure.plot.blocks.first { $0.name == "outliers" })
        let most = LatencyFigure.mostMarks + 2 * record.points.count * 2 + 4
        #expect(outliers.rows.count <= LatencyFigure.mostOutliers)
        #expect(marks - outliers.rows.count <= most)
        let bytes = [UInt8](repeating: UInt8(ascii: " "), count: RawView.largestByteCount + 1)
        let page = try ReportPage(
            [try StoredRecord(path: "results/big.json", record, bytes: bytes)],
            gnuplot: noGnuplot
        )
        let pictures = marks * Self.markBytes + outliers.rows.count * Self.outlierBytes
        #expect(page.text.utf8.count + pictures < 5_000_000)
        // All outliers of up to 100,000 trials are drawn.
        let counted =
            record.baseCases.map(\.summary.outlierCount)
            + record.points.compactMap(\.summary?.wall.outlierCount)
        #expect(outliers.rows.count == counted.reduce(0, +))
        // The farthest outlier always has a mark.
        let farthest = (record.baseCases.map(\.summary) + record.points.compactMap(\.summary?.wall))
            .map { 100 * $0.maximumNanoseconds / $0.medianNanoseconds }
        for percent in farthest {
            #expect(
                outliers.rows.contains { row in
                    abs((Double(row[0]) ?? 0) / percent - 1) < 0.01
                }
            )
        }
    }

    @Test func `a page names no file for a large record that was not kept`() throws {
        let kept = try StoredRecord(path: "results/big.json", try Self.record(trials: 3_000))
        let other = try StoredRecord(named: "big", try Self.record(trials: 3_000))
        #expect(kept.bytes.count > RawView.largestByteCount && kept.bytes == other.bytes)
        let pages = try [kept, other].map { stored in
            try ReportPage([stored], gnuplot: noGnuplot).text
        }
        #expect(pages.map { $0.contains(kept.checksum) } == [true, false])
        #expect(pages.map { $0.contains("big.json") } == [true, false])
    }

    @Test(arguments: [1_000, 2_000])
    func `a few outliers all have marks`(trials: Int) throws {
        let record = try Self.record(trials: trials)
        let figure = try #require(LatencyFigure.figure(RunFacts(record)))
        let outliers = try #require(figure.plot.blocks.first { $0.name == "outliers" })
        let counted =
            record.baseCases.map(\.summary.outlierCount)
            + record.points.compactMap(\.summary?.wall.outlierCount)
        #expect(outliers.rows.count == counted.reduce(0, +))
    }

    @Test(arguments: [0, 1, 2])
    func `a mark is left out only beside one of its series`(spread: Int) throws {
        let marks = (0..<20_000).map { index in
            Mark(
                x: Double(index * 7919 % 20_011) / [20, 200, 2][spread],
                y: Double(index * 104_729 % 997) / 20,
                series: index % 3
            )
        }
        for most in [marks.count, 2_000, 10] {
            let (kept, pixels) = Mark.thinned(marks, most: most, finest: 1) { ($0.x, $0.y) }
            guard most < marks.count else {
                #expect(kept == marks && pixels == 0)
                continue
            }
            #expect(kept.count <= most && !kept.isEmpty)
            // The kept marks have the order of the given ones.
            var rest = marks[...]
            for mark in kept {
                let place = try #require(rest.firstIndex(of: mark))
                rest = rest[(place + 1)...]
            }
            for (index, mark) in marks.enumerated() where index % 97 == 0 {
                #expect(
                    kept.contains {
                        $0.series == mark.series && abs($0.x - mark.x) <= pixels
                            && abs($0.y - mark.y) <= pixels
                    }
                )
            }
        }
    }

    @Test(arguments: [0, 1])
    func `a record too large for a page has its checksum there`(excess: Int) throws {
        let bytes = [UInt8](
            repeating: UInt8(ascii: "7"),
            count: RawView.largestByteCount + excess
        )
        let stored = try StoredRecord(
            path: "results/big.json",
            try Records.measured(),
            bytes: bytes
        )
        let text = try ReportPage([stored], gnuplot: noGnuplot).text
        let downloads = Markup(text).tags.filter { $0.attributes["class"] == "download" }
        #expect(downloads.count == 1 - excess)
        #expect(text.contains(stored.checksum) == (excess == 1))
        #expect(text.contains("results/big.json") == (excess == 1))
        #expect(text.contains("\(bytes.count) bytes"))
    }

    @Test func `the checksum is CRC-32`() throws {
        let stored = try StoredRecord(
            path: "r.json",
            try Records.measured(),
            bytes: Array("123456789".utf8)
        )
        #expect(stored.checksum == "cbf43926")
    }

    @Test func `marks keep their place and get the colour of the page`() throws {
        let text = """
            <svg
             width="9" height="9">
            <use xlink:href='#gpPt4' transform='translate(1.50,2.00) scale(2.48)' color='rgb(  0, 114, 178)'/>
            </svg>
            """
        let white = text.replacing("rgb(  0, 114, 178)", with: "white")
        let blank = try #require(VectorPicture(gnuplot: white, identifier: "p", label: "l"))
        #expect(blank.markup.contains("color='var(--paper)'"))
        let picture = try #require(VectorPicture(gnuplot: text, identifier: "p", label: "l"))
        #expect(
            picture.markup.contains(
                "<use xlink:href='#p-gpPt4' transform='translate(1.50,2.00) scale(2.48)' "
                    + "color='var(--blue,#0072b2)'/>"
            )
        )
    }
}
