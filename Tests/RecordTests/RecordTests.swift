import FoundationEssentials
import TestSupport
import Testing

@testable import Files
@testable import Plan
@testable import Record
@testable import Statistics

struct RecordTests {
    @Test func `no two values of a record share a place`() throws {
        var scan = JSONScan(Array(try JSONText.encode(try sampleRecord()).utf8))
        var places: Set<String> = []
        while scan.next() != nil {
            #expect(places.insert(scan.place).inserted, "\(scan.place)")
        }
        #expect(places.contains("points[1].samples[2].workers[0].idleNanoseconds"))
    }

    /// The keys that programs outside read, in the JSON of which they are part.
    private struct Outside: Decodable {
        struct Point: Decodable {
            struct Summary: Decodable {
                var medianNanoseconds: Double
                var speedup: Double
                var efficiency: Double
                var gigaflopsPerSecond: Double
            }

            struct Verification: Decodable {
                var status: String
                var bitwiseEqual: Bool
                var maxAbsoluteError: Double
            }

            var workers: Int
            var summary: Summary
            var verification: Verification
        }

        var schema: String
        var points: [Point]
    }

    @Test(arguments: [0, 1])
    func `trials count from 1, whatever an older record counts from`(first: Int) throws {
        let folder = try TemporaryFolder()
        var record = try sampleRecord()
        for point in record.points.indices {
            for sample in record.points[point].samples.indices {
                record.points[point].samples[sample].trial = sample + first
            }
            record.points[point].faults = [first, first + 2, nil].map {
                Fault(worker: 0, shard: 1, reason: "killed by signal 9", trial: $0)
            }
        }
        try folder.write("r.json", try JSONText.encode(record))
        let read = try RunRecord.read(folder.file("r.json"))
        for point in read.points {
            #expect(point.samples.map(\.trial) == [1, 2, 3])
            #expect(point.faults.map(\.trial) == [1, 3, nil])
        }
    }

    @Test func `a pause is a warning, and other programs are not blamed for its time`() throws {
        var record = try sampleRecord()
        record.sampling = SamplingReport(
            warmupRounds: 1,
            warmupEnd: .fixed,
            rounds: 3,
            replicates: 1,
            end: .trials,
            targetInterval: nil,
            widestInterval: nil
        )
        func load(_ ticks: UInt64) -> MachineLoad {
            MachineLoad(
                cpuCount: 2,
                busyTicks: ticks,
                stolenTicks: 0,
                totalTicks: ticks,
                ownTicks: 0
            )
        }
        func kinds() -> Set<MeasurementWarning.Kind> {
            let loads = (before: load(0), after: load(100_000))
            let warnings = record.measurementWarnings(loads: loads, peakAfter: nil)
            return Set(warnings.map(\.kind)).intersection([.paused, .busyMachine])
        }
        #expect(kinds() == [.busyMachine])
        record.baseCases[0].pausedTrials = 1
        record.points[1].pausedTrials = 2
        #expect(kinds() == [.paused])
    }

    @Test func `a record has the keys that others read`() throws {
        let record = try sampleRecord()
        let text = try JSONText.encode(record)
        let outside = try JSONDecoder().decode(Outside.self, from: Data(text.utf8))
        #expect(outside.schema == "headwise.scale/1")
        #expect(outside.points.map(\.workers) == [1, 2])
        #expect(outside.points[1].summary.medianNanoseconds == 45_000_001)
        #expect(outside.points[1].summary.speedup == record.points[1].summary?.speedup)
        #expect(outside.points[1].summary.efficiency == record.points[1].summary?.efficiency)
        let rate = try #require(record.points[1].summary?.gigaflopsPerSecond)
        #expect(outside.points[1].summary.gigaflopsPerSecond == rate)
        #expect(outside.points[0].verification.status == "AGREES")
        #expect(outside.points[0].verification.bitwiseEqual)
        #expect(outside.points[0].verification.maxAbsoluteError == 4.5e-7)
    }

    @Test func `a record survives being written and read, and its text is stable`() throws {
        let folder = try TemporaryFolder()
        let record = try sampleRecord()
        let path = try folder.write("a.json", try JSONText.encode(record))
        let again = try RunRecord.read(path)
        #expect(again == record)
        #expect(try JSONText.encode(again) == JSONText.encode(record))
        #expect(try RunPlan.read(path) == record.plan)
    }

    @Test func `the schema follows the kind of the plan`() throws {
        var record = try sampleRecord(points: 1)
        #expect(record.schema == .scale)
        record = RunRecord(
            plan: RunPlan(),
            host: record.host,
            started: record.started,
            commandLine: []
        )
        #expect(try JSONText.encode(record).contains("\"headwise.run/1\""))
    }

    @Test func `a point finds its base cases`() throws {
        let record = try sampleRecord()
        #expect(record.singleThread?.threads == 1)
        #expect(record.baseCase(matching: record.points[1])?.threads == 2)
    }

    @Test func `a number that JSON cannot hold is left out`() throws {
        var record = try sampleRecord(points: 1)
        record.points[0].verification = VerificationSummary(
            status: .mistrusted,
            bitwiseEqual: nil,
            maxAbsoluteError: .nan,
            rmsError: .infinity,
            scaledResidual: -.infinity,
            maxUnitsInLastPlace: .nan,
            boundMaxAbsolute: .nan,
            boundRms: .nan
        )
        record.points[0].summary = PointSummary(
            wall: try #require(record.points[0].summary).wall,
            speedup: .nan,
            efficiency: .infinity,
            speedupOverThreads: .nan,
            gigaflopsPerSecond: .infinity
        )
        record.exitCode = 11
        let text = try JSONText.encode(record)
        for key in ["maxAbsoluteError", "rmsError", "efficiency", "bitwiseEqual"] {
            #expect(!text.contains("\"\(key)\""))
        }
        let folder = try TemporaryFolder()
        let path = try folder.write("a.json", text)
        #expect(try RunRecord.read(path) == record)
    }

    @Test func `half a record is refused wherever it was cut`() throws {
        let folder = try TemporaryFolder()
        let whole = Array(try JSONText.encode(try sampleRecord(points: 1)).utf8)
        for count in [0, 1, whole.count / 3, whole.count / 2, whole.count - 3] {
            let path = try folder.write("cut.json", Array(whole.prefix(count)))
            expectRefusal(.usage, naming: "cut.json") { _ = try RunRecord.read(path) }
        }
    }

    @Test(
        arguments: [
            (#"{"schema": "headwise.plan/1"}"#, ["headwise.run/1", "headwise.scale/1"]),
            (#"{"schema": "headwise.run/9"}"#, ["headwise.run/9"]),
            (#"{"schema": "headwise.run/1"}"#, ["“plan”"]),
        ] as [(String, [String])]
    )
    func `a record of another schema is refused`(text: String, parts: [String]) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("other.json", text)
        expectRefusal(.usage, naming: ["other.json"] + parts) { _ = try RunRecord.read(path) }
    }

    @Test func `a moment has a text for people and one for file names`() {
        let time = UTCTime(secondsSince1970: 1_763_688_240.9)
        #expect(time.text == "2025-11-21T01:24:00Z")
        #expect(time.fileStamp == "20251121T012400Z")
        #expect(UTCTime(time.text) == time)
    }
}
