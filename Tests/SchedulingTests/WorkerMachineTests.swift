import Testing
import Work

@testable import Scheduling

private let grid = TaskGrid(sliceCount: 8, slicesPerBatch: 8, rowCount: 64)

/// A machine and a clock in seconds.
private struct Harness {
    var machine: WorkerMachine
    var now = 0.0

    init(
        credit: Int = 2,
        connectLimit: Duration? = nil,
        endsWithConnection: Bool = false,
        mostUnheardHeartbeats: Int? = nil,
        isReady: Bool = true
    ) {
        machine = WorkerMachine(
            credit: credit,
            connectLimit: connectLimit,
            endsWithConnection: endsWithConnection,
            mostUnheardHeartbeats: mostUnheardHeartbeats,
            now: .zero
        )
        guard isReady else { return }
        step(.connected)
        step(.welcomed(limits))
        step(.workloadReceived([grid]))
        step(.prepared)
    }

    @discardableResult
    mutating func step(_ event: WorkerMachineEvent) -> [WorkerMachineAction] {
        machine.handle(event, now: .seconds(now))
    }

    @discardableResult
    mutating func receive(_ task: WorkerTask) -> [WorkerMachineAction] {
        step(.taskReceived(task))
    }

    @discardableResult
    mutating func finish(_ task: TaskIdentity) -> [WorkerMachineAction] {
        step(.computeFinished(task))
    }
}

private let limits = WorkerLimits(
    heartbeatInterval: .milliseconds(250),
    silenceLimit: .seconds(4)
)

private func work(
    _ shard: Int,
    attempt: Int = 1,
    trial: Int = 1,
    slices: Range<Int> = 0..<1,
    rows: Range<Int> = 0..<64,
    precedingBytes: UInt64 = 0
) -> WorkerTask {
    WorkerTask(
        identity: task(shard, attempt, trial),
        shard: Shard(slices: slices, rows: rows),
        precedingBytes: precedingBytes
    )
}

@Suite struct WorkerMachineTests {
    // MARK: Joining

    @Test func `a worker says hello, is welcomed, prepares and is ready`() {
        var harness = Harness(isReady: false)
        #expect(harness.machine.state == .connecting)
        #expect(harness.step(.connected) == [.sendHello])
        #expect(harness.step(.welcomed(limits)).isEmpty)
        let workload = WorkerMachineEvent.workloadReceived([grid])
        #expect(harness.step(workload) == [.prepare])
        #expect(harness.step(.prepared) == [.sendReady])
        #expect(harness.machine.state == .ready)
        #expect(harness.step(.prepared).isEmpty)
    }

    @Test func `a worker without welcome takes no workload and no task`() {
        var harness = Harness(isReady: false)
        harness.step(.connected)
        #expect(harness.step(.workloadReceived([grid])).isEmpty)
        #expect(harness.step(.prepared).isEmpty)
        #expect(harness.receive(work(0)) == [.refuseTask(task(0), .notPrepared)])
    }

    @Test(arguments: [
        (WorkerMachineEvent.refused("wrong token"), WorkerExit.refused("wrong token"), 40),
        (.dismissed("done"), .dismissed("done"), 0),
        (.parentGone, .parentGone, 31),
    ])
    func `a worker ends for a reason and with its status`(
        event: WorkerMachineEvent,
        exit: WorkerExit,
        code: Int
    ) {
        for isReady in [false, true] {
            var harness = Harness(isReady: isReady)
            harness.receive(work(0))
            #expect(harness.step(event) == [.exit(exit)])
            #expect(exit.code == code)
            #expect(harness.machine.state == .ended)
            #expect(harness.step(event).isEmpty)
            #expect(harness.step(.connected).isEmpty)
            #expect(harness.receive(work(1)).isEmpty)
        }
    }

    @Test func `a worker of another program ends with its connection once it was welcomed`() {
        var harness = Harness(endsWithConnection: true, isReady: false)
        harness.step(.connected)
        #expect(harness.step(.disconnected).isEmpty)
        #expect(harness.step(.connected) == [.sendHello])
        harness.step(.welcomed(limits))
        #expect(harness.step(.disconnected) == [.exit(.coordinatorGone)])
        #expect(WorkerExit.coordinatorGone.code == 31)
        var local = Harness()
        #expect(local.step(.disconnected).isEmpty)
    }

    @Test func `a worker that a signal stops says good-bye to whom it knows`() throws {
        for isReady in [false, true] {
            var harness = Harness(endsWithConnection: true, isReady: isReady)
            let actions = harness.step(.interrupted(signal: 15))
            let exit = WorkerExit.interrupted(signal: 15)
            #expect(actions == (isReady ? [.sendBye("\(exit)")] : []) + [.exit(exit)])
            #expect(exit.code == 143)
        }
    }

    @Test func `a failed preparation is reported and ends the worker`() {
        var harness = Harness(isReady: false)
        harness.step(.connected)
        harness.step(.welcomed(limits))
        harness.step(.workloadReceived([grid]))
        let actions = harness.step(.preparationFailed("no memory"))
        let exit = WorkerExit.preparationFailed("no memory")
        #expect(actions == [.sendFailed("no memory"), .exit(exit)])
        #expect(exit.code == 40)
    }

    // MARK: Tasks

    @Test func `tasks are computed in order, with others standing ready`() {
        var harness = Harness(credit: 3)
        #expect(harness.receive(work(5)) == [.startCompute(work(5))])
        #expect(harness.receive(work(3)) == [.startCompute(work(3))])
        #expect(harness.receive(work(4)) == [.startCompute(work(4))])
        #expect(harness.machine.heldTasks == [task(5), task(3), task(4)])
        #expect(harness.finish(task(5)) == [.sendOutput(work(5))])
        #expect(harness.step(.outputDrained(task(5))) == [.sendResult(work(5))])
        #expect(harness.finish(task(3)) == [.sendOutput(work(3))])
        #expect(harness.step(.outputDrained(task(3))) == [.sendResult(work(3))])
        #expect(harness.machine.heldTasks == [task(4)])
    }

    @Test(arguments: [(1, 1), (2, 2), (16, 16), (17, 16), (40, 16)])
    func `no more than 16 tasks are at the compute threads`(credit: Int, most: Int) {
        var harness = Harness(credit: credit)
        let started = (0..<credit).filter { !harness.receive(work($0)).isEmpty }
        #expect(started == Array(0..<most))
        // One leaves them, and the next comes.
        #expect(harness.finish(task(0)).contains(.startCompute(work(most))) == (credit > most))
    }

    @Test(arguments: [
        (0..<16, true), (48..<64, true), (17..<20, true), (15..<17, false), (0..<64, false),
        (40..<48, true), (32..<34, false), (36..<41, false), (32..<40, false),
    ])
    func `rows that are not in one part of a stage are refused`(rows: Range<Int>, isTaken: Bool) {
        // Rows 32 to 39 are not there.
        let parts = [0..<16, 16..<32, 40..<48, 48..<64]
        var harness = Harness(isReady: false)
        harness.step(.connected)
        harness.step(.welcomed(limits))
        harness.step(
            .workloadReceived([
                TaskGrid(sliceCount: 8, slicesPerBatch: 8, rowCount: 64, rowParts: parts)
            ])
        )
        harness.step(.prepared)
        let wanted = work(0, rows: rows)
        let expected: WorkerMachineAction =
            isTaken ? .startCompute(wanted) : .refuseTask(task(0), .acrossParts(parts.count))
        #expect(harness.receive(wanted) == [expected])
    }

    @Test(arguments: [1, 2, 3])
    func `a worker refuses more than its credit until an answer is out`(credit: Int) {
        var harness = Harness(credit: credit)
        for shard in 0..<credit { harness.receive(work(shard)) }
        let refusal = WorkerMachineAction.refuseTask(task(9), .beyondCredit(credit))
        #expect(harness.receive(work(9)) == [refusal])
        harness.finish(task(0))
        #expect(harness.receive(work(9)) == [refusal])
        harness.step(.outputDrained(task(0)))
        #expect(!harness.receive(work(9)).contains(refusal))
        #expect(harness.machine.heldTasks.count == credit)
    }

    @Test(arguments: [
        (0..<8, 0..<64, true), (7..<8, 63..<64, true), (0..<9, 0..<64, false),
        (8..<9, 0..<64, false), (0..<8, 0..<65, false), (-1..<1, 0..<64, false),
        (0..<1, -1..<1, false), (0..<0, 0..<64, false), (0..<1, 64..<64, false),
        (0..<Int.max, 0..<64, false), (Int.min..<1, 0..<64, false),
    ])
    func `ranges outside the problem are refused`(
        slices: Range<Int>,
        rows: Range<Int>,
        isTaken: Bool
    ) {
        var harness = Harness()
        let wanted = work(0, slices: slices, rows: rows)
        let refusal = TaskRefusal.outsideProblem(sliceCount: 8, rowCount: 64)
        let expected: WorkerMachineAction =
            isTaken ? .startCompute(wanted) : .refuseTask(task(0), refusal)
        #expect(harness.receive(wanted) == [expected])
    }

    @Test(arguments: [(99, false), (100, true), (101, false)] as [(UInt64, Bool)])
    func `a task whose input did not all arrive is refused`(
        precedingBytes: UInt64,
        isTaken: Bool
    ) {
        var harness = Harness()
        harness.step(.chunkReceived(trial: 0, bytes: 5_000))
        harness.step(.chunkReceived(trial: 1, bytes: 60))
        harness.step(.chunkReceived(trial: 1, bytes: 40))
        let wanted = work(0, precedingBytes: precedingBytes)
        let refusal = TaskRefusal.missingInput(
            expectedBytes: precedingBytes,
            receivedBytes: 100
        )
        let expected: WorkerMachineAction =
            isTaken ? .startCompute(wanted) : .refuseTask(task(0), refusal)
        #expect(harness.receive(wanted) == [expected])
    }

    @Test func `input is counted for each trial anew`() {
        var harness = Harness()
        harness.step(.chunkReceived(trial: 1, bytes: 100))
        harness.step(.chunkReceived(trial: 2, bytes: 7))
        harness.step(.chunkReceived(trial: 1, bytes: 100))
        let wanted = work(0, trial: 2, precedingBytes: 7)
        #expect(harness.receive(wanted) == [.startCompute(wanted)])
    }

    @Test func `a newer trial drops what is held of the older one`() {
        var harness = Harness(credit: 3)
        for shard in 0..<3 { harness.receive(work(shard)) }
        harness.finish(task(0))
        // Shard 0 is being sent, 1 computed, 2 stands ready; nobody reads them any more.
        // Both are still at the compute threads, where one more may stand.
        #expect(harness.receive(work(4, trial: 2)) == [.startCompute(work(4, trial: 2))])
        #expect(harness.receive(work(5, trial: 2)).isEmpty)
        #expect(harness.machine.heldTasks == [task(4, 1, 2), task(5, 1, 2)])
        #expect(harness.step(.outputDrained(task(0))).isEmpty)
        #expect(harness.finish(task(1)) == [.startCompute(work(5, trial: 2))])
        #expect(harness.finish(task(2)).isEmpty)
        #expect(harness.finish(task(4, 1, 2)) == [.sendOutput(work(4, trial: 2))])
    }

    @Test func `an older trial is refused`() {
        var harness = Harness()
        harness.receive(work(0, trial: 3))
        let refusal = TaskRefusal.trialWentBackwards(current: 3)
        #expect(harness.receive(work(1, trial: 2)) == [.refuseTask(task(1, 1, 2), refusal)])
        #expect(harness.machine.heldTasks == [task(0, 1, 3)])
        var fresh = Harness()
        let never = TaskRefusal.trialWentBackwards(current: 0)
        #expect(fresh.receive(work(1, trial: 0)) == [.refuseTask(task(1, 1, 0), never)])
    }

    @Test func `a repeated task gets no second answer`() {
        var harness = Harness()
        harness.receive(work(0))
        #expect(harness.receive(work(0)).isEmpty)
        harness.finish(task(0))
        harness.step(.outputDrained(task(0)))
        #expect(harness.receive(work(0)).isEmpty)
        #expect(harness.receive(work(0, attempt: 2)) == [.startCompute(work(0, attempt: 2))])
    }

    /// Others number shards as they like.
    @Test(arguments: [0, 63, 64, (1 << 20) - 1, 1 << 20, Int(UInt32.max) - 1])
    func `a task is told apart by its shard, attempt and trial`(shard: Int) {
        var harness = Harness(credit: 8)
        for (attempt, trial) in [(1, 1), (2, 1), (1, 2), (2, 2)] {
            for shard in [shard, shard + 1] {
                let task = work(shard, attempt: attempt, trial: trial)
                harness.receive(task)
                #expect(harness.machine.heldTasks.last == task.identity)
                let held = harness.machine.heldTasks
                #expect(harness.receive(task).isEmpty)
                #expect(harness.machine.heldTasks == held)
            }
        }
    }

    @Test func `tasks that the worker does not hold get no answer`() {
        var harness = Harness()
        #expect(harness.finish(task(0)).isEmpty)
        #expect(harness.step(.outputDrained(task(0))).isEmpty)
        harness.receive(work(0))
        #expect(harness.step(.outputDrained(task(0))).isEmpty)
        #expect(harness.finish(task(1)).isEmpty)
        #expect(harness.machine.heldTasks == [task(0)])
    }

    // MARK: Connection

    @Test func `a reconnect forgets the tasks but waits for the computation under way`() {
        var harness = Harness()
        harness.receive(work(0))
        harness.receive(work(1))
        #expect(harness.step(.disconnected).isEmpty)
        #expect(harness.machine.heldTasks.isEmpty)
        #expect(harness.step(.connected) == [.sendHello])
        harness.step(.welcomed(limits))
        harness.step(.workloadReceived([grid]))
        harness.step(.prepared)
        #expect(harness.receive(work(2, attempt: 2)).isEmpty)
        #expect(harness.finish(task(0)) == [.startCompute(work(2, attempt: 2))])
        #expect(harness.finish(task(1)).isEmpty)
    }

    // MARK: Time

    @Test func `heartbeats come at their interval and tell what advances`() {
        var harness = Harness()
        func beat(_ progress: UInt64) -> Heartbeat? {
            let actions = harness.step(.tick(progress: progress))
            guard case .sendHeartbeat(let report)? = actions.first else { return nil }
            return report
        }
        let first = beat(0)
        #expect(first?.isComputing == false)
        #expect(first?.task == nil)
        harness.receive(work(0))
        harness.now = 0.125
        #expect(beat(5) == nil)
        harness.now = 0.25
        let second = beat(5)
        #expect(second?.isComputing == true)
        #expect(second?.task == task(0))
        #expect(second?.progress != first?.progress)
        harness.now = 0.5
        #expect(beat(5) == second)
        harness.step(.chunkReceived(trial: 1, bytes: 8))
        harness.now = 0.75
        #expect(beat(5)?.progress == (second?.progress ?? 0) + 8)
    }

    /// They would fill a connection that nobody reads, and a full one answers no ping.
    @Test func `heartbeats that nobody answers stop, and go on when something is heard`() {
        var harness = Harness(mostUnheardHeartbeats: 2)
        /// How many come in a second, which has room for four.
        func beats() -> Int {
            (0..<4).count { _ in
                harness.now += 0.25
                return !harness.step(.tick(progress: 0)).isEmpty
            }
        }
        #expect(beats() == 2)
        #expect(beats() == 0)
        harness.step(.heard)
        #expect(beats() == 2)
        harness.step(.disconnected)
        harness.step(.connected)
        harness.step(.welcomed(limits))
        #expect(beats() == 2)
    }

    @Test func `a worker not yet welcomed sends no heartbeats`() {
        var harness = Harness(isReady: false)
        #expect(harness.step(.tick(progress: 0)).isEmpty)
        harness.step(.connected)
        #expect(harness.step(.tick(progress: 0)).isEmpty)
    }

    @Test(arguments: [false, true])
    func `a worker ends when the coordinator is silent past the limit`(isConnected: Bool) {
        var harness = Harness()
        if !isConnected { harness.step(.disconnected) }
        for step in 1...31 {
            harness.now = Double(step) / 8
            let actions = harness.step(.tick(progress: 0))
            #expect(!actions.contains(.exit(.coordinatorSilent(.seconds(4)))))
        }
        harness.now = 4
        let exit = WorkerExit.coordinatorSilent(.seconds(4))
        #expect(harness.step(.tick(progress: 0)) == [.exit(exit)])
        #expect(exit.code == 31)
    }

    /// It says nothing for long while it waits or verifies, but then its connection is open.
    @Test func `a worker without a connection ends at its own limit`() {
        var harness = Harness(connectLimit: .seconds(2))
        func tick(_ time: Double) -> Bool {
            harness.now = time
            return harness.step(.tick(progress: 0)).contains(where: \.isExit)
        }
        for step in 1...12 { #expect(!tick(Double(step) / 4)) }
        harness.step(.disconnected)
        #expect(!tick(4))
        // An attempt that fails is no news.
        harness.step(.disconnected)
        #expect(!tick(4.9))
        harness.step(.connected)
        #expect(!tick(6.5))
        harness.step(.disconnected)
        for time in [7, 7.5, 8, 8.4] { #expect(!tick(time)) }
        #expect(tick(8.5))
    }

    @Test func `a worker that never had a connection says so`() {
        var harness = Harness(connectLimit: .seconds(2), isReady: false)
        harness.now = 2
        let exit = WorkerExit.neverConnected(.seconds(2))
        #expect(harness.step(.tick(progress: 0)).contains(.exit(exit)))
        #expect(exit.code == 31)
    }

    @Test func `any message of the coordinator ends its silence`() {
        var harness = Harness()
        for step in 1...100 {
            harness.now = Double(step)
            harness.step(step % 2 == 0 ? .heard : .chunkReceived(trial: 0, bytes: 1))
            let actions = harness.step(.tick(progress: 0))
            #expect(actions.count == 1)
        }
    }

    @Test func `a stopped worker does not take its own pause for silence`() {
        var harness = Harness()
        harness.now = 100
        #expect(!harness.step(.tick(progress: 0)).contains { $0.isExit })
        #expect(harness.machine.state == .ready)
    }
}

extension WorkerMachineAction {
    fileprivate var isExit: Bool {
        if case .exit = self { true } else { false }
    }
}
