import Host
import TestSupport
import Testing
import Work

@testable import Files
@testable import Record

/// What a wire record holds, and what it may not.
struct WireRecordTests {
    private static func record(wrongBytes: Int = 0) throws -> WireRecord {
        var record = WireRecord(
            host: HostDescription.current(libzmqVersion: "4.3.5", commit: "abc"),
            started: "2025-11-21T01:24:00Z",
            commandLine: ["headwise", "wire"]
        )
        let times = try #require(WireTimes([2_000_000, 1_000_000, 4_000_000]))
        record.roundTrips = [
            WireRoundTrip(transport: .ipc, times: times, bare: times, socket: times)
        ]
        record.tasks = [
            WireTasks(
                transport: .ipc,
                workers: 2,
                credit: 16,
                tasks: 100,
                times: times,
                bare: times
            )
        ]
        record.transfers = [
            WireTransfer(
                transport: .ipc,
                plane: .inline,
                outputs: .messages,
                workers: 2,
                credit: 2,
                payloadBytes: 4000,
                tasks: 10,
                times: times,
                bare: times,
                socket: times,
                copy: times,
                cpu: times,
                bareCPU: times,
                socketCPU: times,
                checkedBytes: 120_000,
                wrongBytes: wrongBytes
            )
        ]
        record.endurance = WireEndurance(
            transport: .ipc,
            workers: 2,
            credit: 16,
            tenths: [.init(tasks: 10, nanoseconds: 1000, coordinatorBytes: 5, workerBytes: nil)]
        )
        record.close(nil)
        record.exitCode = record.ending.code
        return record
    }

    @Test func `rates follow from the medians, and a record is read as it was written`() throws {
        let record = try Self.record()
        #expect(record.tasks[0].tasksPerSecond == 50_000)
        #expect(record.transfers[0].gigabytesPerSecond == 0.02)
        // In and out, of two workers.
        #expect(record.transfers[0].gigabytesPerSecondPerWorker == 0.02)
        // 2 ms for 80,000 bytes, and in the resident plane they only come back.
        var transfer = record.transfers[0]
        let both = transfer.coreMillisecondsPerMebibyte(transfer.cpu, ways: transfer.ways)
        #expect(both.map { abs($0 - 26.2144) < 1e-9 } == true)
        transfer.plane = .resident
        let back = transfer.coreMillisecondsPerMebibyte(transfer.cpu, ways: transfer.ways)
        #expect(back == both.map { 2 * $0 })
        #expect(record.standing == "VALID" && record.exitCode == 0)
        let folder = try TemporaryFolder()
        let path = try folder.write("w.json", try JSONText.encode(record))
        #expect(try WireRecord.read(path) == record)
    }

    @Test func `wrong bytes end with their exit code`() throws {
        let record = try Self.record(wrongBytes: 3)
        #expect(record.exitCode == EndCode.disagrees)
        #expect(record.verdict?.status == .invalid)
        #expect(record.sentence.contains("3 bytes"))
        try record.validate(source: "w.json")
    }

    @Test func `a history shows the time of a task, and none of wrong payloads`() throws {
        let part = try Self.record().historyPart
        #expect(part.figures.map(\.medianNanoseconds) == [2_000_000, 2_000_000])
        #expect(part.main == 0)
        let wrong = try Self.record(wrongBytes: 3).historyPart
        #expect(wrong.figures.isEmpty && wrong.main == nil)
        var waiting = try Self.record()
        waiting.taskNanoseconds = 1_000_000
        #expect(waiting.historyPart.key != part.key)
        var shared = try Self.record()
        shared.tasks[0].workersPerProcess = 2
        #expect(shared.historyPart.key != part.key)
    }

    private static let faults: [(place: String, change: @Sendable (inout WireRecord) -> Void)] = [
        ("transfers[0].wrongBytes", { $0.transfers[0].wrongBytes = 120_001 }),
        ("transfers[0].payloadBytes", { $0.transfers[0].payloadBytes = -1 }),
        ("transfers[0].gigabytesPerSecond", { $0.transfers[0].payloadBytes /= 2 }),
        ("transfers[0].checkedBytes", { $0.transfers[0].payloadBytes *= 2 }),
        ("transfers[0].plane", { $0.transfers[0].payloadBytes = 0 }),
        ("transfers[0].plane", { $0.transfers[0].plane = nil }),
        ("transfers[0].cpu", { $0.transfers[0].cpu?.samplesNanoseconds = [] }),
        ("transfers[0].bareCPU", { $0.transfers[0].bareCPU?.summary.medianNanoseconds = 1 }),
        ("transfers[0].socketCPU", { $0.transfers[0].socketCPU?.samplesNanoseconds[0] = 0 }),
        ("coordinatorPeakBytes", { $0.coordinatorPeakBytes = -1 }),
        (
            "endurance.tenths",
            { record in
                record.endurance = record.endurance.map { endurance in
                    var endurance = endurance
                    endurance.tenths = (0..<11).map { _ in endurance.tenths[0] }
                    return endurance
                }
            }
        ),
        ("tasks[0].tasksPerSecond", { $0.tasks[0].tasks = 7 }),
        ("tasks[0].credit", { $0.tasks[0].credit = 0 }),
        ("tasks[0].workersPerProcess", { $0.tasks[0].workersPerProcess = 1 }),
        ("tasks[0].workersPerProcess", { $0.tasks[0].workersPerProcess = 3 }),
        ("endurance.workersPerProcess", { $0.endurance?.workersPerProcess = 0 }),
        ("roundTrips[0].bare", { $0.roundTrips[0].bare.samplesNanoseconds = [] }),
        ("endurance.tenths[0].nanoseconds", { $0.endurance?.tenths[0].nanoseconds = 0 }),
        ("exitCode", { $0.exitCode = EndCode.disagrees }),
        ("exitCode", { $0.transfers[0].wrongBytes = 1 }),
        ("started", { $0.started = "yesterday" }),
    ]

    @Test func `a record that contradicts itself is refused`() throws {
        for (place, change) in Self.faults {
            var record = try Self.record()
            change(&record)
            expectRefusal(.usage, naming: "w.json", place) {
                try record.validate(source: "w.json")
            }
        }
    }
}
