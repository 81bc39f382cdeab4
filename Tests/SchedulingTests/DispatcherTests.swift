import Testing
import Work

@testable import Scheduling

@Suite struct DispatcherTests {
    // MARK: Dispatch

    @Test(arguments: [1, 2, 3])
    func `a worker never holds more tasks than its credit`(credit: Int) throws {
        var harness = DispatcherHarness(workers: 1, credit: credit)
        let started = try harness.start(shardCount: 5)
        #expect(started.dispatches.count == credit)
        #expect(harness.dispatcher.outstandingTasks(of: WorkerID(0)).count == credit)
        #expect(harness.finish(0, 0).dispatches == ["0:\(credit).1"])
        #expect(harness.dispatcher.outstandingTasks(of: WorkerID(0)).count == credit)
    }

    /// Few and large tasks leave no gap; many short ones travel together.
    @Test func `of a large credit, tasks are given once half of it is free`() throws {
        var harness = DispatcherHarness(workers: 1, credit: 8)
        #expect(try harness.start(shardCount: 14).dispatches.count == 8)
        for shard in 0..<3 { #expect(harness.finish(0, shard).dispatches.isEmpty) }
        #expect(harness.finish(0, 3).dispatches == (8..<12).map { "0:\($0).1" })
        for shard in 4..<7 { #expect(harness.finish(0, shard).dispatches.isEmpty) }
        #expect(harness.finish(0, 7).dispatches == ["0:12.1", "0:13.1"])
    }

    @Test func `first shards spread over the workers before any gets a second`() throws {
        var harness = DispatcherHarness(workers: 3)
        let started = try harness.start(shardCount: 7)
        #expect(started.dispatches == ["0:0.1", "1:1.1", "2:2.1", "0:3.1", "1:4.1", "2:5.1"])
    }

    @Test func `a trial finishes with one acceptance per shard`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 3)
        #expect(
            harness.finish(1, 1) == [
                .accept(WorkerID(1), task(1)),
                .dispatch(
                    WorkerID(1),
                    task(2),
                    Shard(slices: 2..<3, rows: 0..<64)
                ),
            ]
        )
        #expect(harness.finish(0, 0) == [.accept(WorkerID(0), task(0))])
        #expect(harness.finish(1, 2).last == .trialFinished(1))
        #expect(!harness.dispatcher.isTrialRunning)
        #expect(harness.dispatcher.ledger.isComplete)
        #expect(harness.dispatcher.ledger.violations.isEmpty)
        #expect(harness.dispatcher.faults.isEmpty)
    }

    @Test func `a worker that joins during a trial gets what is left`() throws {
        var harness = DispatcherHarness(workers: 1, credit: 1)
        try harness.start(shardCount: 3)
        #expect(harness.join(7, credit: 2).dispatches == ["7:1.1", "7:2.1"])
    }

    @Test func `idle workers do not copy the shards of healthy ones`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 2)
        #expect(harness.finish(0, 0).dispatches.isEmpty)
        #expect(harness.pass(8, hearing: [0, 1]).isEmpty)
    }

    // MARK: Stages

    /// Two batch elements of two heads, then one slice of each: shards 0 to 3, then 4 and 5.
    private func staged(_ schedule: Schedule = .dynamic) throws -> ShardPlan {
        let plans = try [2, 1].map { heads in
            try ShardPlan.make(
                grid: shape(batch: 2, heads: heads),
                split: .head,
                schedule: schedule,
                workerCount: schedule == .dynamic ? 4 : 2,
                queryBlock: 8
            )
        }
        return .joined(plans, waitsFor: [[], [0]])
    }

    @Test func `a shard waits for the earlier shards of its batch elements alone`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 2)
        let plan = try staged()
        let started = harness.step(.trialStarted(1, plan: plan, wedgedAfter: nil))
        #expect(started.dispatches == ["0:0.1", "1:1.1", "0:2.1", "1:3.1"])
        #expect(harness.finish(0, 0).dispatches.isEmpty)
        #expect(harness.finish(0, 2).dispatches.isEmpty)
        // Shard 3 of the other batch element is still computed.
        #expect(harness.finish(1, 1).dispatches == ["0:4.1"])
        #expect(harness.finish(0, 4).dispatches.isEmpty)
        #expect(harness.finish(1, 3).dispatches == ["0:5.1"])
        #expect(harness.finish(0, 5).last == .trialFinished(1))
    }

    @Test func `a shard waits for a lost worker's shard to be computed again`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 2)
        let plan = try staged()
        harness.step(.trialStarted(1, plan: plan, wedgedAfter: nil))
        harness.finish(0, 0)
        #expect(harness.lose(1, .exited(status: 3)).dispatches == ["0:1.2"])
        #expect(harness.finish(0, 2).dispatches == ["0:3.2"])
        #expect(harness.finish(0, 1, attempt: 2).dispatches == ["0:4.1"])
        #expect(harness.finish(0, 4).dispatches.isEmpty)
        #expect(harness.finish(0, 3, attempt: 2).dispatches == ["0:5.1"])
    }

    @Test func `static owners go on to their own batch elements`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        let plan = try staged(.fixed)
        let started = harness.step(.trialStarted(1, plan: plan, wedgedAfter: nil))
        #expect(started.dispatches == ["0:0.1", "1:2.1"])
        #expect(harness.finish(0, 0).dispatches == ["0:1.1"])
        #expect(harness.finish(0, 1).dispatches == ["0:4.1"])
        #expect(harness.finish(1, 2).dispatches == ["1:3.1"])
    }

    // MARK: Steps

    /// Two steps of the stages above: shards 0 to 5, then 6 to 11.
    private func stepped(_ schedule: Schedule = .dynamic) throws -> ShardPlan {
        let plan = try staged(schedule)
        return .steps([plan, plan], rows: [64, 64])
    }

    @Test func `a step begins when the one before has ended`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 8)
        let plan = try stepped()
        #expect(plan.shards[6].rows == 64..<128)
        harness.step(.trialStarted(1, plan: plan, wedgedAfter: nil))
        for shard in 0..<4 { harness.finish(shard % 2, shard) }
        #expect(harness.finish(0, 4).dispatches.isEmpty)
        let ended = harness.finish(1, 5)
        #expect(ended.dispatches == ["0:6.1", "1:7.1", "0:8.1", "1:9.1"])
        #expect(ended.others.last == .stepFinished(0))
        for shard in 6..<10 { harness.finish(shard % 2, shard) }
        harness.finish(0, 10)
        #expect(
            harness.finish(1, 11).suffix(2) == [.stepFinished(1), .trialFinished(1)]
        )
    }

    @Test func `a step waits for a lost worker's shard, and owners for the step`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 8)
        harness.step(.trialStarted(1, plan: try stepped(.fixed), wedgedAfter: nil))
        let plan = try stepped(.fixed)
        let owners = try #require(plan.owners)
        let own = (0..<6).filter { owners[$0] == 0 }
        var actions: [DispatcherAction] = []
        for shard in own { actions += harness.finish(0, shard) }
        #expect(!actions.contains { if case .stepFinished = $0 { true } else { false } })
        #expect(actions.dispatches.allSatisfy { $0.hasPrefix("0:4") || $0.hasPrefix("0:5") })
        let lost = harness.lose(1, .exited(status: 3))
        #expect(!lost.dispatches.isEmpty)
        for text in lost.dispatches {
            let shard = try #require(Int(text.dropFirst(2).prefix { $0 != "." }))
            #expect(plan.steps[0].contains(shard))
        }
    }

    // MARK: Static schedules

    @Test func `static shards go to their owners`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        let started = try harness.start(shardCount: 8, schedule: .fixed)
        #expect(started.dispatches == ["0:0.1", "1:4.1"])
        #expect(harness.finish(0, 0).dispatches == ["0:1.1"])
        for shard in 1...2 { harness.finish(0, shard) }
        #expect(harness.finish(0, 3).dispatches.isEmpty)
    }

    @Test func `a lost owner's static shards are free for all`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 8, schedule: .fixed)
        #expect(harness.lose(1, .exited(status: 3)).dispatches.isEmpty)
        // First the shard it computes, then its own, then those that nobody began.
        #expect(harness.finish(0, 0).dispatches == ["0:4.2"])
        #expect(harness.finish(0, 4, attempt: 2).dispatches == ["0:1.1"])
        for shard in 1...2 { harness.finish(0, shard) }
        #expect(harness.finish(0, 3).dispatches == ["0:5.1"])
        for shard in 5...6 { harness.finish(0, shard) }
        #expect(harness.finish(0, 7).last == .trialFinished(1))
    }

    @Test func `an owner lost in an earlier trial leaves its shards to others`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 4)
        harness.lose(0, .signalled(9))
        let started = try harness.start(shardCount: 8, schedule: .fixed)
        #expect(started.dispatches == ["1:4.1", "1:5.1", "1:6.1", "1:7.1"])
        #expect(harness.finish(1, 4).dispatches == ["1:0.1"])
    }

    @Test func `a newcomer in a lost owner's place takes over its shards`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 8, schedule: .fixed)
        harness.lose(1, .disconnected)
        #expect(harness.join(2, ordinal: 1, credit: 2).dispatches == ["2:4.2", "2:5.1"])
    }

    // MARK: Loss

    @Test(arguments: [
        FaultReason.exited(status: 1), .signalled(9), .disconnected, .failed("no memory"),
    ])
    func `a lost worker's shards are computed elsewhere`(reason: FaultReason) throws {
        var harness = DispatcherHarness(workers: 2)
        try harness.start(shardCount: 4)
        harness.finish(1, 1)
        let lost = harness.lose(0, reason)
        #expect(lost.dispatches == ["1:0.2"])
        #expect(harness.dispatcher.state(of: WorkerID(0)) == .gone)
        harness.finish(1, 3)
        harness.finish(1, 0, attempt: 2)
        #expect(harness.finish(1, 2, attempt: 2).last == .trialFinished(1))
        #expect(harness.dispatcher.ledger.entries[0].attempts[0].outcome == .lost(reason))
        #expect(
            harness.dispatcher.faults == [
                FaultRecord(
                    worker: WorkerID(0),
                    ordinal: 0,
                    trial: 1,
                    shards: [0, 2],
                    reason: reason,
                    isLoss: true,
                    time: .zero,
                    delay: .zero
                )
            ]
        )
    }

    @Test func `a trial fails with the reason of the last loss when no worker is left`() throws {
        var harness = DispatcherHarness(workers: 2)
        try harness.start(shardCount: 4)
        #expect(harness.lose(0, .signalled(9)).others.isEmpty)
        let failed = harness.lose(1, .exited(status: 40))
        guard failed.count == 1, case .trialFailed(1, .noWorkers(let reason?)) = failed[0] else {
            Issue.record("\(failed)")
            return
        }
        for part in ["\(WorkerID(1))", "\(FaultReason.exited(status: 40))"] {
            #expect(reason.contains(part), "\(reason)")
        }
        #expect(!harness.dispatcher.isTrialRunning)
    }

    @Test func `a trial without workers fails at its start`() throws {
        var harness = DispatcherHarness(workers: 0)
        let started = try harness.start(shardCount: 1)
        #expect(started == [.trialFailed(1, .noWorkers(lastReason: nil))])
    }

    @Test func `a worker lost in one trial stays lost in the next`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 1)
        harness.finish(0, 0)
        harness.lose(0, .signalled(9))
        #expect(harness.dispatcher.faults.map(\.trial) == [nil])
        let second = try harness.start(2, shardCount: 2)
        #expect(second.dispatches == ["1:0.1"])
        #expect(harness.dispatcher.liveWorkers == [WorkerID(1)])
    }

    @Test func `the first cause of a loss is recorded`() throws {
        var harness = DispatcherHarness(workers: 2)
        harness.lose(0, .disconnected)
        harness.lose(0, .signalled(11))
        harness.lose(0, .disconnected)
        harness.lose(0, .exited(status: 1))
        // We kill a silent worker, so its end is no new fault.
        harness.pass(6)
        harness.lose(1, .signalled(9))
        #expect(harness.dispatcher.faults.map(\.reason) == [.signalled(11), .silent(.seconds(5))])
        #expect(harness.dispatcher.faults.map(\.isLoss) == [true, true])
    }

    // MARK: Results

    @Test func `of two attempts the first complete result wins`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 3)
        harness.finish(1, 1)
        harness.pass(1, hearing: [1])
        harness.finish(1, 2)
        let standing = harness.dispatcher.standing(of: task(0, 2), from: WorkerID(1))
        #expect(standing == .awaited)
        // The copy elsewhere came second.
        #expect(
            harness.finish(0, 0).others == [
                .recovered(WorkerID(0)), .accept(WorkerID(0), task(0)), .trialFinished(1),
            ]
        )
    }

    @Test func `results that belong nowhere are stale for a reason`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        #expect(harness.finish(0, 0) == [.stale(WorkerID(0), task(0), .otherTrial)])
        try harness.start(3, shardCount: 3)
        func stale(_ worker: Int, _ task: TaskIdentity, _ reason: StaleReason) {
            let event = DispatcherEvent.resultCompleted(WorkerID(worker), task)
            #expect(harness.step(event) == [.stale(WorkerID(worker), task, reason)])
            let standing = harness.dispatcher.standing(of: task, from: WorkerID(worker))
            #expect(standing == .stale(reason))
        }
        stale(0, task(0, 1, 2), .otherTrial)
        stale(0, task(0, 1, 4), .otherTrial)
        stale(9, task(0, 1, 3), .unknownWorker)
        stale(0, task(1, 1, 3), .unknownAttempt)
        stale(0, task(0, 2, 3), .unknownAttempt)
        stale(0, task(0, 0, 3), .unknownAttempt)
        stale(0, task(99, 1, 3), .unknownAttempt)
        stale(0, task(-1, 1, 3), .unknownAttempt)
        harness.finish(0, 0, trial: 3)
        stale(0, task(0, 1, 3), .repeated)
    }

    @Test func `a result that a lost worker sent in full still counts`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 2)
        harness.lose(0, .disconnected)
        #expect(harness.finish(0, 0) == [.accept(WorkerID(0), task(0))])
        #expect(harness.finish(1, 1).last == .trialFinished(1))
    }

    // MARK: Refusals

    @Test func `a refused shard goes to a worker that has not refused it`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 3)
        // Worker 0 gets another shard instead, worker 1 the refused one when it is free.
        #expect(harness.refuse(0, 0).dispatches == ["0:2.1"])
        #expect(harness.finish(1, 1).dispatches == ["1:0.2"])
        #expect(harness.dispatcher.faults.map(\.reason) == [.refusedTask("no")])
        #expect(harness.dispatcher.faults.map(\.shards) == [[0]])
    }

    @Test func `a shard that fails too often fails the trial with all its reasons`() throws {
        var harness = DispatcherHarness(
            workers: 1,
            credit: 1,
            limits: DispatcherLimits(maximumAttempts: 3)
        )
        try harness.start(shardCount: 2)
        #expect(harness.refuse(0, 0).dispatches == ["0:0.2"])
        harness.join(1, credit: 1)
        harness.refuse(0, 0, attempt: 2)
        harness.finish(1, 1)
        #expect(harness.dispatcher.outstandingTasks(of: WorkerID(1)) == [task(0, 3)])
        let failed = harness.lose(1, .signalled(9))
        guard failed.count == 1,
            case .trialFailed(1, .shardExhausted(shard: 0, attempts: 3, reasons: let reasons)) =
                failed[0]
        else {
            Issue.record("\(failed)")
            return
        }
        #expect(reasons.count == 3)
        for (reason, parts) in zip(
            reasons,
            [
                ["\(WorkerID(0))", "no"], ["\(WorkerID(0))", "no"],
                ["\(WorkerID(1))", "\(FaultReason.signalled(9))"],
            ]
        ) {
            for part in parts { #expect(reason.contains(part), "\(reasons)") }
        }
    }

    @Test func `a worker that refuses everything is ended`() throws {
        var harness = DispatcherHarness(
            workers: 2,
            credit: 1,
            limits: DispatcherLimits(maximumAttempts: 2)
        )
        try harness.start(shardCount: 4)
        #expect(harness.refuse(0, 0).others.isEmpty)
        let ended = harness.refuse(0, 2).others
        guard ended.count == 1, case .terminate(WorkerID(0), .failed(let cause)) = ended[0] else {
            Issue.record("\(ended)")
            return
        }
        // How many tasks in a row.
        #expect(cause.contains("2"), "\(cause)")
    }

    @Test func `a refusal of a task that the worker does not hold changes nothing`() throws {
        var harness = DispatcherHarness(workers: 2, credit: 1)
        try harness.start(shardCount: 2)
        #expect(harness.refuse(0, 1).isEmpty)
        #expect(harness.refuse(0, 0, attempt: 2).isEmpty)
        #expect(harness.refuse(5, 0).isEmpty)
        #expect(harness.dispatcher.faults.isEmpty)
    }
}
