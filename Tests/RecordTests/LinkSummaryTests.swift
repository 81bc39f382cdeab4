import Files
import Statistics
import Testing
import Work

@testable import Record

struct LinkSummaryTests {
    private static func link(
        _ worker: Int,
        _ microseconds: UInt64 = 100,
        to: Double? = 1e9,
        from: Double? = 2e9
    ) -> LinkSummary {
        LinkSummary(
            worker: worker,
            roundTripNanoseconds: microseconds * 1000 + 200,
            leastRoundTripNanoseconds: microseconds * 1000,
            toWorkerBytesPerSecond: to,
            fromWorkerBytesPerSecond: from
        )
    }

    @Test func `the processes of a worker are combined by medians`() throws {
        #expect(LinkSummary(worker: 0, []) == nil)
        let times = [(70, 60, 1e9), (90, 50, nil), (80, 55, 3e9)].map {
            (median: UInt64, least: UInt64, rate: Double?) in
            LinkTimes(
                roundTripNanoseconds: median,
                leastRoundTripNanoseconds: least,
                toWorkerBytesPerSecond: rate
            )
        }
        let link = try #require(LinkSummary(worker: 4, times))
        #expect(link.worker == 4 && link.measurements == 3)
        #expect(link.roundTripNanoseconds == 80 && link.leastRoundTripNanoseconds == 50)
        #expect(link.toWorkerBytesPerSecond == 2e9)
        #expect(link.fromWorkerBytesPerSecond == nil)
    }

    @Test(arguments: [
        // Alike, or as different as processors make them.
        ([link(0), link(1)], []), ([link(0), link(1, 190, to: 0.6e9, from: 1.1e9), link(2)], []),
        ([link(0), link(1, to: nil, from: nil), link(2)], []), ([link(0, 9000, to: 1)], []),
        ([], []),
        // One way, the other way, and far away.
        ([link(0), link(1, to: 0.4e9), link(2)], [1]),
        ([link(0), link(1), link(2, from: 0.9e9)], [2]),
        ([link(0, 300), link(1), link(2)], [0]), ([link(0, to: 12e6), link(1, to: 118e6)], [0]),
    ])
    func `a link is slow beside the others`(links: [LinkSummary], slow: [Int]) {
        #expect(links.slow.map(\.worker) == slow)
    }

    @Test func `a warning names the worker with the slow link, and what it reaches`() throws {
        var record = try sampleRecord(points: 3)
        #expect(record.linkWarnings.isEmpty)
        record.points[1].links = [Self.link(0), Self.link(1)]
        #expect(record.linkWarnings.isEmpty)
        record.points[2].links = [Self.link(0), Self.link(1), Self.link(2, to: 12e6)]
        #expect(record.linkWarnings.isEmpty, "workers of one machine differ by chance")
        record.plan.launch = .external
        let warning = try #require(record.linkWarnings.first)
        #expect(record.linkWarnings.count == 1)
        #expect(warning.kind == .slowLink)
        #expect(warning.subject == "3 workers")
        for part in ["worker 2", "12.0 MB/s", "1.00 GB/s", "2.00 GB/s"] {
            #expect(warning.sentence.contains(part), "\(warning.sentence)")
        }
    }

    @Test func `ranges are one number where the links are alike`() {
        let wide =
            "\(LinkRanges([Self.link(0), Self.link(1, 1500, to: 0.5e9), Self.link(2, to: 3e9)]))"
        for part in ["100 µs–1.50 ms ", "500 MB/s–3.00 GB/s "] {
            #expect(wide.contains(part), "\(wide)")
        }
        let narrow = "\(LinkRanges([Self.link(0), Self.link(1, 150)]))"
        #expect(narrow.contains("100–150 µs "), "\(narrow)")
        let alike = "\(LinkRanges([Self.link(0), Self.link(1)]))"
        for part in ["100 µs", "1.00 GB/s", "2.00 GB/s"] {
            #expect(alike.contains(part), "\(alike)")
        }
        #expect(!alike.contains("–"))
        let unknown = "\(LinkRanges([Self.link(0, to: nil, from: nil)]))"
        #expect(!unknown.contains("B/s"))
    }

    @Test func `links are kept in the record, and older records have none`() throws {
        var record = try sampleRecord()
        #expect(!(try JSONText.encode(record)).contains("links"))
        record.points[1].links = [Self.link(0), Self.link(1, to: nil)]
        try record.validate(source: "r.json")
        let text = try JSONText.encode(record)
        #expect(text.contains(#""leastRoundTripNanoseconds" : 100000"#))
    }

    @Test(arguments: [
        ("worker", [link(2)]), ("worker", [link(-1)]), ("worker", [link(0), link(0)]),
        ("roundTripNanoseconds", [link(0, .max / 2000)]),
        ("leastRoundTripNanoseconds", [link(0, 0)]),
        ("toWorkerBytesPerSecond", [link(0, to: 0)]),
        ("fromWorkerBytesPerSecond", [link(0, from: -.infinity)]),
        ("fromWorkerBytesPerSecond", [link(0, from: .nan)]),
        ("toWorkerBytesPerSecond", [link(0, to: 1e308)]),
    ])
    func `links that cannot be are refused by their place`(name: String, links: [LinkSummary])
        throws
    {
        var record = try sampleRecord()
        record.points[1].links = links
        let error = #expect(throws: ExperimentError.self) { try record.validate(source: "r.json") }
        #expect(error.map { "\($0)" }?.contains(name) == true)
        #expect(error.map { "\($0)" }?.contains("points[1].links[\(links.count - 1)]") == true)
    }

    @Test func `the least round trip is not above the median, and one was measured`() throws {
        var record = try sampleRecord()
        var link = Self.link(0)
        link.leastRoundTripNanoseconds = link.roundTripNanoseconds + 1
        record.points[0].links = [link]
        #expect(throws: ExperimentError.self) { try record.validate(source: "r.json") }
        link = Self.link(0)
        link.measurements = 0
        record.points[0].links = [link]
        #expect(throws: ExperimentError.self) { try record.validate(source: "r.json") }
    }
}
