import TestSupport
import Testing
import Work

@testable import Traces

/// A trial of two shards on one worker, whose clock is ahead by `offset`.
private func sampleTrial(
    _ number: Int = 1,
    start: UInt64 = 5_000_000_000_123_457,
    offset: UInt64 = 0,
    own: ((_ moment: (UInt64) -> UInt64) -> [Activity])? = nil,
    faults: [TracedFault] = []
) -> TrialTrace {
    let tasks = (0..<2).map { TaskIdentity(trial: number, shard: $0, attempt: 1) }
    var worker = WorkerTrace(capacity: 100)
    func at(_ moment: UInt64) -> UInt64 { start + moment }
    func there(_ moment: UInt64) -> UInt64 { start &+ moment &+ offset }
    for task in tasks { worker.dispatched(task, at: at(5)) }
    worker.did(Activity(.send, from: at(10), to: at(20), byteCount: 1000))
    worker.sentChunk(byteCount: 1000, at: at(20))
    worker.did(Activity(.send, of: tasks[0], from: at(20), to: at(25)))
    worker.did(Activity(.send, of: tasks[1], from: at(25), to: at(30)))
    worker.acknowledged(count: 1, at: at(60))
    var log = ActivityLog(capacity: 100)
    let usual = [
        Activity(.receive, from: there(30), to: there(40), byteCount: 1000),
        Activity(.receive, of: tasks[0], from: there(40), to: there(42)),
        Activity(.receive, of: tasks[1], from: there(42), to: there(44)),
        Activity(.queue, of: tasks[0], from: there(42), to: there(50)),
        Activity(.compute, of: tasks[0], from: there(50), to: there(1050)),
        Activity(.compute, of: tasks[1], from: there(1050), to: there(2000)),
        Activity(.send, of: tasks[0], from: there(1060), to: there(1070), byteCount: 64),
    ]
    for activity in own?(there) ?? usual { log.append(activity) }
    worker.told(log)
    worker.did(Activity(.merge, of: tasks[0], from: at(1100), to: at(1110), byteCount: 64))
    worker.answered(tasks[0], at: at(1110))
    worker.did(Activity(.merge, of: tasks[1], from: at(2100), to: at(2120), byteCount: 64))
    worker.answered(tasks[1], at: at(2120))
    return TrialTrace(
        startNanoseconds: at(0),
        endNanoseconds: at(2120),
        shards: [
            Shard(slices: 0..<2, rows: 0..<128), Shard(stage: 1, slices: 2..<4, rows: 0..<128),
        ],
        workers: [worker],
        faults: faults
    )
}

private func file(_ trials: [TrialTrace]) throws -> TraceFile {
    let about = TraceAbout(
        commandLine: ["headwise", "run"],
        started: "2025-11-21T01:24:00Z",
        note: "a sample",
        measuredMedianNanoseconds: 2000
    )
    return try TraceFile(Array(TraceDocument(trials, about).text().utf8))
}

@Suite struct TraceDocumentTests {
    @Test func `a trial has a slice for each activity, to the nanosecond`() throws {
        let trace = try file([sampleTrial()])
        #expect(trace.faults.isEmpty, "\(trace.faults)")
        #expect(trace.metadata.schema == "headwise.trace/1")
        #expect(trace.metadata.leftOutActivities == 0)
        #expect(trace.metadata.trials.map(\.wallNanoseconds) == [2120])
        // 3 sent, 2 merged, 7 of the worker, and the trial.
        #expect(trace.events("X").count == 13)
        let (coordinator, worker) = (trace.process("coordinator"), trace.process("worker 0"))
        #expect(coordinator == 1 && worker == 2)
        let computed = trace.slices("compute")
        #expect(computed.map(\.name) == ["compute shard 0", "compute shard 1"])
        #expect(computed.map(\.begin) == [50, 1050] && computed.map(\.end) == [1050, 2000])
        #expect(computed[1].args?["stage"] == .number(1))
        #expect(computed[1].args?["slices"] == .text("2..<4"))
        #expect(Set(computed.map(\.tid)) == [2] && Set(trace.slices("receive").map(\.tid)) == [1])
        #expect(trace.events("b").count == 2)
        // Sent, computed, taken: two arrows for each task.
        #expect(trace.events("s").count == 4)
    }

    @Test func `levels begin and end at zero`() throws {
        let trace = try file([sampleTrial()])
        let held = trace.events("C").filter { $0.name == "tasks held" }
        #expect(held.compactMap { $0.args?["tasks"] } == [0, 1, 2, 1, 0].map { .number($0) })
        let flight = trace.events("C").filter { $0.name == "bytes in flight" }
        #expect(flight.compactMap { $0.args?["bytes"] } == [1000, 0, 0].map { .number($0) })
    }

    @Test func `trials follow each other, and no id is used twice`() throws {
        let trace = try file([sampleTrial(1), sampleTrial(2, start: 5_000_000_001_000_000)])
        #expect(trace.faults.isEmpty, "\(trace.faults)")
        #expect(trace.events("s").count == 8 && trace.slices("compute").count == 4)
        #expect(trace.slices("compute")[2].begin == 876_543 + 50)
    }

    /// A worker in another language need not tell anything.
    @Test func `a worker that tells nothing has tasks and arrows all the same`() throws {
        let trace = try file([sampleTrial(own: { _ in [] })])
        #expect(trace.faults.isEmpty, "\(trace.faults)")
        #expect(trace.slices("compute").isEmpty && trace.events("b").count == 2)
        #expect(trace.events("s").count == 2)
        #expect(trace.metadata.workers.map(\.clock) == ["unknown"])
    }

    @Test func `what a worker claims wrongly is cut off or left out, and counted`() throws {
        let task = TaskIdentity(trial: 1, shard: 0, attempt: 1)
        let trace = try file([
            sampleTrial(own: { there in
                [
                    Activity(.compute, of: task, from: there(50), to: there(1000)),
                    // It overlaps by one nanosecond: readers would drop it.
                    Activity(.queue, of: task, from: there(999), to: there(1020)),
                    // Inside another.
                    Activity(.compute, of: task, from: there(60), to: there(70)),
                    // Before the trial, and long after it.
                    Activity(.receive, from: 7, to: 9),
                    Activity(.receive, from: there(1 << 40), to: there(1 << 41)),
                    // It ends after the trial.
                    Activity(.send, of: task, from: there(2000), to: there(9000)),
                    // No such shard.
                    Activity(
                        .receive,
                        of: TaskIdentity(trial: 1, shard: 99, attempt: 1),
                        from: there(31),
                        to: there(32)
                    ),
                ]
            })
        ])
        #expect(trace.faults.isEmpty, "\(trace.faults)")
        #expect(trace.metadata.leftOutActivities == 3)
        #expect(trace.slices("queue").map(\.begin) == [1000])
        #expect(trace.slices("send").filter { $0.pid == 2 }.map(\.end) == [2120])
    }

    @Test func `a fault is an instant of its worker, with its words`() throws {
        let reason = "exited with \"3\"\n\u{1b}\\"
        let start: UInt64 = 5_000_000_000_123_457
        let trace = try file([
            sampleTrial(faults: [TracedFault(worker: 0, moment: start + 700, reason: reason)])
        ])
        let fault = try #require(trace.events("i").first)
        #expect(fault.name == reason && fault.begin == 700 && fault.pid == 2)
    }

    @Test(arguments: [
        (UInt64(1) << 63 - 1, TraceFile.Value.number(9.223372036854775807e18)),
        (UInt64(1) << 63, .text("9223372036854775808")), (.max, .text("18446744073709551615")),
    ])
    func `numbers that readers turn negative are text`(
        _ number: UInt64,
        _ expected: TraceFile.Value
    ) throws {
        let trace = try file([
            sampleTrial(own: { there in
                [
                    Activity(
                        kind: .compute,
                        shard: 0,
                        attempt: 1,
                        beginNanoseconds: there(50),
                        endNanoseconds: there(60),
                        byteCount: number
                    )
                ]
            })
        ])
        #expect(trace.slices("compute").first?.args?["bytes"] == expected)
    }

    @Test func `a file has three trials at most, and fewer of large ones`() {
        func trial(_ count: Int) -> TrialTrace {
            var worker = WorkerTrace(capacity: count)
            for moment in 0..<UInt64(count) {
                worker.did(Activity(.send, from: moment, to: moment))
            }
            return TrialTrace(
                startNanoseconds: 0,
                endNanoseconds: 1,
                shards: [],
                workers: [worker]
            )
        }
        #expect(TrialTrace.isRoom(after: []))
        #expect(TrialTrace.isRoom(after: [trial(10), trial(10)]))
        #expect(!TrialTrace.isRoom(after: [trial(10), trial(10), trial(10)]))
        #expect(TrialTrace.isRoom(after: [trial(100_000)]))
        #expect(!TrialTrace.isRoom(after: [trial(100_001)]))
    }
}

@Suite struct WorkerClockTests {
    @Test func `bounds that contain zero show that a clock is shared`() throws {
        let clock = WorkerClock(sampleTrial().workers)
        #expect(clock.relation == .shared && clock.offsetNanoseconds == 0)
        // Computing began 30 ns after its task was sent, and ended 60 ns before its result was taken.
        #expect(clock.bounds == -60...30)
        #expect(clock.shifted(1000) == 1000)
    }

    @Test(arguments: [3_600_000_000_000, UInt64(bitPattern: -3_600_000_000_000)])
    func `another clock is estimated from what was sent and received`(offset: UInt64) throws {
        let trial = sampleTrial(offset: offset)
        let clock = WorkerClock(trial.workers)
        #expect(clock.relation == .estimated)
        let bounds = try #require(clock.bounds)
        let real = Int64(bitPattern: offset)
        #expect(bounds == real - 60...real + 30)
        #expect(bounds.contains(clock.offsetNanoseconds))
        let trace = try file([trial])
        #expect(trace.faults.isEmpty, "\(trace.faults)")
        #expect(trace.slices("compute").count == 2)
        #expect(trace.metadata.workers.first?.clock == "estimated")
    }

    @Test func `moments that contradict each other tell nothing`() throws {
        let tasks = (0..<2).map { TaskIdentity(trial: 1, shard: $0, attempt: 1) }
        let trial = sampleTrial(own: { there in
            [
                Activity(.compute, of: tasks[0], from: there(1 << 40), to: there(1 << 41)),
                Activity(.compute, of: tasks[1], from: 0, to: 1),
            ]
        })
        #expect(WorkerClock(trial.workers).relation == .unknown)
        let trace = try file([trial])
        #expect(trace.faults.isEmpty && trace.slices("compute").isEmpty)
        #expect(trace.metadata.leftOutActivities == 2)
    }

    @Test func `the ends of what a clock can show are no reason to crash`() throws {
        let task = TaskIdentity(trial: 1, shard: 0, attempt: 1)
        for (begin, end) in [(0, UInt64.max), (.max, .max), (1 << 63, 1 << 63)]
            as [(UInt64, UInt64)]
        {
            let trial = sampleTrial(own: { _ in [Activity(.compute, of: task, from: begin, to: end)]
            })
            #expect(try file([trial]).faults.isEmpty)
        }
    }
}
