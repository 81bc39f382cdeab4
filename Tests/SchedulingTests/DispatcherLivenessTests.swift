import Testing
import Work

@testable import Scheduling

@Suite struct DispatcherLivenessTests {
    @Test func `a silent worker's shards are copied at once and the original stays valid`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 2)
        try harness.start(shardCount: 4)
        harness.finish(1, 1)
        harness.finish(1, 3)
        #expect(harness.pass(0.875, hearing: [1]).isEmpty)
        let suspected = harness.pass(0.125, hearing: [1])
        #expect(suspected.others == [.suspected(WorkerID(0))])
        #expect(suspected.dispatches == ["1:0.2", "1:2.2"])
        #expect(harness.dispatcher.state(of: WorkerID(0)) == .suspect)

        let late = harness.finish(0, 0)
        #expect(late == [.recovered(WorkerID(0)), .accept(WorkerID(0), task(0))])
        #expect(harness.finish(1, 0, attempt: 2) == [.duplicate(WorkerID(1), task(0, 2))])
        #expect(harness.dispatcher.ledger.duplicateCount == 1)
        #expect(harness.finish(1, 2, attempt: 2).last == .trialFinished(1))
        let fault = try #require(harness.dispatcher.faults.first)
        #expect(fault.reason == .silent(.seconds(1)))
        #expect(!fault.isLoss)
        #expect(fault.shards == [0, 2])
    }

    @Test func `a suspect gets no new tasks until it speaks`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        harness.pass(1, hearing: [1])
        let started = try harness.start(shardCount: 3)
        #expect(started.dispatches == ["1:0.1"])
        #expect(harness.step(.heard(WorkerID(0))).dispatches == ["0:1.1"])
    }

    @Test func `a suspect that speaks before its shard was copied keeps it`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 2)
        #expect(harness.pass(1, hearing: [1]).dispatches.isEmpty)
        harness.step(.heard(WorkerID(0)))
        #expect(harness.finish(1, 1).dispatches.isEmpty)
    }

    @Test(arguments: [Schedule.dynamic, .fixed])
    func `a worker that never joined is recorded as lost, and others compute its shards`(
        schedule: Schedule
    ) throws {
        var harness = DispatcherHarness(workers: 1, credit: 4)
        let missed = harness.step(
            .workerMissed(WorkerID(1), ordinal: 1, .signalled(9))
        )
        #expect(missed.isEmpty)
        let fault = try #require(harness.dispatcher.faults.first)
        #expect(fault.ordinal == 1)
        #expect(fault.isLoss)
        #expect(fault.trial == nil)
        #expect(fault.reason == .unjoined(.signalled(9)))
        #expect(harness.dispatcher.state(of: WorkerID(1)) == .gone)
        #expect(harness.dispatcher.liveWorkers == [WorkerID(0)])
        let started = try harness.start(shardCount: 2, schedule: schedule)
        #expect(started.dispatches == ["0:0.1", "0:1.1"])
        // The later end of its connection changes nothing.
        #expect(harness.lose(1, .disconnected).isEmpty)
        #expect(harness.dispatcher.faults.count == 1)
    }

    @Test func `a trial whose workers never joined fails with the last reason`() throws {
        var harness = DispatcherHarness(workers: 0)
        harness.step(.workerMissed(WorkerID(0), ordinal: 0, .silent(.seconds(20))))
        let started = try harness.start(shardCount: 1)
        guard case .trialFailed(1, .noWorkers(let reason?)) = started.first else {
            Issue.record("\(started)")
            return
        }
        #expect(harness.dispatcher.faults.map(\.reason) == [.unjoined(.silent(.seconds(20)))])
        #expect(reason.contains("20 s"))
    }

    @Test func `a worker silent past the limit is ended`() throws {
        var harness = DispatcherHarness(workers: 2)
        try harness.start(shardCount: 2)
        #expect(!harness.pass(4.875, hearing: [1]).contains { $0.isTermination })
        let ended = harness.pass(0.125, hearing: [1])
        #expect(ended.others == [.terminate(WorkerID(0), .silent(.seconds(5)))])
        #expect(harness.step(.heard(WorkerID(0))).isEmpty)
        #expect(harness.dispatcher.state(of: WorkerID(0)) == .gone)
        #expect(harness.dispatcher.faults.count == 1)
    }

    @Test func `a worker that speaks but does not advance is ended`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 2)
        let computing = Heartbeat(task: task(0), progress: 7, isComputing: true)
        harness.step(.heartbeat(WorkerID(0), computing))
        for _ in 0..<79 {
            harness.pass(0.125, hearing: [1])
            #expect(harness.step(.heartbeat(WorkerID(0), computing)).isEmpty)
        }
        let ended = harness.pass(0.125, hearing: [1])
        #expect(ended.others == [.terminate(WorkerID(0), .wedged(.seconds(10), shard: 0))])
        #expect(harness.dispatcher.faults.first?.reason == .wedged(.seconds(10), shard: 0))
    }

    @Test func `a worker that comes back has the full time to advance again`() throws {
        var harness = DispatcherHarness(workers: 1, credit: 1)
        try harness.start(shardCount: 1)
        harness.pass(6, hearing: [0], progress: { _ in 1 })
        harness.pass(4)
        #expect(harness.dispatcher.state(of: WorkerID(0)) == .suspect)
        let back = harness.pass(9.875, hearing: [0], progress: { _ in 1 })
        #expect(back == [.recovered(WorkerID(0))])
        #expect(harness.pass(0.25, hearing: [0], progress: { _ in 1 }).count == 2)
    }

    @Test func `a trial can set its own wedge limit`() throws {
        var harness = DispatcherHarness(workers: 1)
        try harness.start(shardCount: 1, wedgedAfter: .seconds(2))
        #expect(harness.pass(1.875, hearing: [0], progress: { _ in 1 }).isEmpty)
        let ended = harness.pass(0.25, hearing: [0], progress: { _ in 1 })
        #expect(ended.contains { $0.isTermination })
    }

    @Test func `tensor traffic counts as advance and idle workers cannot be wedged`() throws {
        var harness = DispatcherHarness(workers: 2)
        try harness.start(shardCount: 1)
        for _ in 0..<200 {
            #expect(harness.pass(0.125, hearing: [0, 1], progress: { _ in 1 }).isEmpty)
            #expect(harness.step(.advanced(WorkerID(0))).isEmpty)
        }
    }

    @Test func `idle time between trials does not count as silence`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 1)
        harness.finish(0, 0)
        harness.pass(0.875)
        harness.standStill(0.25)
        #expect(harness.step(.resumed).isEmpty)
        #expect(harness.pass(0.875).isEmpty)
        #expect(harness.pass(0.125).count == 2)
    }

    @Test func `the coordinator's own pause is nobody's silence`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 2)
        harness.pass(0.875)
        harness.standStill(60)
        #expect(harness.step(.tick).isEmpty)
        #expect(harness.pass(0.25).isEmpty)
        let suspected = harness.pass(0.5)
        #expect(suspected == [.suspected(WorkerID(0)), .suspected(WorkerID(1))])
    }

    @Test func `a fault has its time, and how long after the last message it was seen`() throws {
        var harness = DispatcherHarness(workers: 3, credit: 1)
        try harness.start(shardCount: 3)
        harness.pass(2, hearing: [0, 1, 2])
        harness.lose(0, .signalled(9))
        harness.pass(1, hearing: [1])
        harness.refuse(1, 1)
        harness.step(.workerMissed(WorkerID(3), ordinal: 3, .signalled(9)))
        let faults = harness.dispatcher.faults
        #expect(faults.map(\.ordinal) == [0, 2, 1, 3])
        #expect(faults.map(\.time) == [2, 3, 3, 3].map { .seconds($0) })
        #expect(faults.map(\.delay) == [.zero, .seconds(1), .zero, nil])
        #expect(harness.dispatcher.lastLoss == faults[3])
        // The loss ends the suspicion, which was seen before.
        harness.pass(4, hearing: [1])
        #expect(harness.dispatcher.faults[1].isLoss)
        #expect(harness.dispatcher.faults[1].time == .seconds(3))
    }

    @Test func `a suspect's silence adds up over short trials`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        var ended: [DispatcherAction] = []
        for trial in 1...60 {
            try harness.start(trial, shardCount: 1)
            while harness.dispatcher.isTrialRunning {
                ended += harness.pass(0.125, hearing: [1])
                if let task = harness.dispatcher.outstandingTasks(of: WorkerID(1)).first {
                    harness.step(.resultCompleted(WorkerID(1), task))
                }
            }
            harness.step(.resumed)
        }
        #expect(ended.contains { $0.isTermination })
    }

    @Test func `a suspect killed by somebody else is recorded with that cause`() throws {
        var harness = DispatcherHarness(workers: 2)
        try harness.start(shardCount: 4)
        harness.pass(2, hearing: [1])
        harness.lose(0, .disconnected)
        harness.lose(0, .signalled(9))
        #expect(harness.dispatcher.faults.map(\.reason) == [.signalled(9)])
        #expect(harness.dispatcher.faults.map(\.shards) == [[0, 2]])
        #expect(harness.dispatcher.faults.map(\.isLoss) == [true])
    }

    @Test func `a connection lost after a silence leaves the silence as the cause`() throws {
        var harness = DispatcherHarness(workers: 2)
        try harness.start(shardCount: 4)
        harness.pass(2, hearing: [1])
        harness.lose(0, .disconnected)
        #expect(harness.dispatcher.faults.map(\.reason) == [.silent(.seconds(1))])
        #expect(harness.dispatcher.faults.map(\.isLoss) == [true])
    }

    private static let reasons: [(FaultReason, [String])] = [
        (.silent(.milliseconds(999)), ["999 ms"]), (.silent(.seconds(1)), ["1 s"]),
        (.silent(.milliseconds(5060)), ["5.1 s"]), (.wedged(.seconds(10), shard: nil), ["10 s"]),
        (.wedged(.seconds(10), shard: 7), ["10 s", "7"]), (.exited(status: 3), ["3"]),
        (.exited(status: 3, reason: "no memory"), ["3", "no memory"]),
        (.unjoined(.exited(status: 3, reason: "no memory")), ["3", "no memory", "joined"]),
        (.signalled(3), ["3"]), (.unjoined(.signalled(3)), ["3"]), (.disconnected, []),
        (.failed("no memory"), ["no memory"]), (.refusedTask("no memory"), ["no memory"]),
    ]

    @Test(arguments: reasons)
    func `a reason has its figures and no full stop`(reason: FaultReason, figures: [String]) {
        for figure in figures { #expect("\(reason)".contains(figure), "\(reason)") }
        #expect(!"\(reason)".hasSuffix("."))
    }

    @Test func `no two reasons have the same text`() {
        let texts = Self.reasons.map { "\($0.0)" }
        #expect(Set(texts).count == texts.count, "\(texts)")
    }
}

extension DispatcherAction {
    fileprivate var isTermination: Bool {
        if case .terminate = self { true } else { false }
    }
}
