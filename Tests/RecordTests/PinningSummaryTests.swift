import Files
import Platform
import Statistics
import TestSupport
import Testing

@testable import Record

struct PinningSummaryTests {
    @Test(arguments: [
        Pinning(processors: [3, 1]), Pinning(processors: [0, 2], shared: [2]),
        Pinning(obstacle: "of a reason"),
    ])
    func `what a run took is kept in its record`(pinning: Pinning) throws {
        var record = try sampleRecord()
        record.pinning = PinningSummary(pinning)
        let text = try JSONText.encode(record)
        let pinned = try JSONText.encode(record.pinning)
        #expect(pinned.contains("\"shared\"") == !pinning.shared.isEmpty)
        let read = try JSONText.decode(RunRecord.self, from: Array(text.utf8), source: "r.json")
        #expect(read == record)
        try record.validate(source: "r.json")
    }

    @Test(arguments: [
        (Pinning(processors: [1, 1]), "pinning.processors"),
        (Pinning(processors: [-1]), "pinning.processors"),
        (Pinning(processors: [1], shared: [2]), "pinning.shared"),
        (Pinning(processors: [1, 2], shared: [2, 2]), "pinning.shared"),
        (Pinning(processors: [1], obstacle: "of a reason"), "pinning.obstacle"),
        (Pinning(), "pinning.obstacle"),
    ])
    func `what no run can have taken is refused`(pinning: Pinning, place: String) throws {
        var record = try sampleRecord()
        record.pinning = PinningSummary(pinning)
        expectRefusal(.usage, naming: ["r.json", place]) { try record.validate(source: "r.json") }
    }

    @Test func `a warning names the shared processors`() throws {
        #expect(MeasurementWarning.sharing([]) == nil)
        let one = try #require(MeasurementWarning.sharing([3]))
        #expect(one.kind == .sharedProcessors && one.sentence.contains("processor 3"))
        #expect(one.remedy.contains("--pin"))
        let more = try #require(MeasurementWarning.sharing([4, 5, 9]))
        #expect(more.sentence.contains("processors 4–5, 9"), "\(more.sentence)")
    }

    @Test func `threads that share chosen processors do not count as disturbed by others`() throws {
        var record = try sampleRecord()
        record.host.allowedCPUs = [0, 1, 2, 3]
        record.host.cgroupCPULimit = nil
        #expect(record.usableCPUCount == 4)
        for index in record.points.indices {
            for sample in record.points[index].samples.indices {
                for worker in record.points[index].samples[sample].workers.indices {
                    record.points[index].samples[sample].workers[worker].offCoreNanoseconds = 9
                }
            }
        }
        #expect(record.disturbances.map(\.subject) == ["1 worker", "2 workers"])
        record.plan.pin = .processors([2])
        #expect(record.usableCPUCount == 1)
        #expect(record.disturbances.map(\.subject) == ["1 worker"])
    }
}
