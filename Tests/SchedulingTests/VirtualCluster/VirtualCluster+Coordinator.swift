import Work

@testable import Scheduling

/// The coordinator's loop, with its own account of what the dispatcher may do.
extension VirtualCluster {
    /// What the output of a shard must be.
    static func bits(trial: Int, shard: Int) -> Int { trial * 100_003 + shard }

    mutating func handleAtCoordinator(_ event: VirtualEvent.Kind) {
        guard !isOver else { return }
        switch event {
        case .coordinatorTick:
            step(.tick)
            for connection in connections.indices where !connections[connection].isLost {
                sendDown(connection, .heartbeat)
            }
            events.push(.coordinatorTick, at: now + random.duration(50_000...150_000))
        case .lossNoticed(let connection, let reason):
            connections[connection].isLost = true
            loseOutstanding(connection)
            step(.workerLost(WorkerID(connection), reason))
        case .toCoordinator(let connection, let message):
            if let end = connections[connection].upEndTime, now > end { return }
            receive(message, connection)
        case .startTrial:
            startTrial()
        default:
            break
        }
    }

    private mutating func receive(_ message: VirtualEvent.UpMessage, _ connection: Int) {
        let worker = WorkerID(connection)
        switch message {
        case .hello:
            sendDown(connection, .welcome(WorkerLimits(silenceLimit: .seconds(60))))
            sendDown(connection, .workload(workloadGrids))
        case .ready(let credit):
            guard !connections[connection].isLost else { return }
            connections[connection].isJoined = true
            let ordinal = processes[connections[connection].process].ordinal
            step(.workerJoined(worker, ordinal: ordinal, credit: credit))
        case .heartbeat(let report):
            step(.heartbeat(worker, report))
        case .outputPart:
            step(.advanced(worker))
        case .refusal(let task, let refusal):
            if connections[connection].outstanding.remove(task) != nil {
                failedAttempts[task.shard, default: 0] += 1
            }
            step(.taskRefused(worker, task, reason: refusal.description))
        case .result(let task, let bits):
            connections[connection].outstanding.remove(task)
            step(.resultCompleted(worker, task), bits: bits)
        }
    }

    /// The grids of all stages as a worker is told of them.
    private var workloadGrids: [TaskGrid] {
        guard ringParts.isEmpty else {
            return (0..<arcCount).map { stage in
                var grid = grids[0]
                // Rows have their last arc in the last stage.
                grid.rowParts = ringParts.filter { $0.arcs.count + stage >= arcCount }.map {
                    $0.rows
                }
                return grid
            }
        }
        return grids.map {
            TaskGrid(
                sliceCount: $0.sliceCount,
                slicesPerBatch: $0.slicesPerBatch,
                rowCount: $0.rowCount * max(1, stepCount)
            )
        }
    }

    private mutating func loseOutstanding(_ connection: Int) {
        for task in connections[connection].outstanding {
            failedAttempts[task.shard, default: 0] += 1
        }
        connections[connection].outstanding = []
    }

    mutating func startTrial() {
        trial += 1
        isTrialRunning = true
        accepted = [:]
        dispatched = []
        failedAttempts = [:]
        for connection in connections.indices { connections[connection].sentBytes = 0 }
        let plan: ShardPlan
        do {
            plan = try makePlan()
        } catch {
            return note("no plan: \(error)")
        }
        shards = plan.shards
        steps = shards.indices.map { shard in
            plan.steps.firstIndex { $0.contains(shard) } ?? 0
        }
        finishedSteps = 0
        unfinished = (0..<max(1, stepCount)).map { step in steps.count { $0 == step } }
        if !settings.accidents.isEmpty {
            for _ in 0..<Int.random(in: 0...settings.accidentsPerTrial, using: &random) {
                let accident = settings.accidents.randomElement(using: &random) ?? .crash
                let latest = Bool.random(using: &random) ? 50_000 : 2_000_000
                let delay = random.duration(0...latest)
                events.push(.fault(accident), at: now + delay)
            }
        }
        step(.trialStarted(trial, plan: plan, wedgedAfter: nil))
    }

    private mutating func makePlan() throws -> ShardPlan {
        guard ringParts.isEmpty else {
            return try .ring(
                grid: grids[0],
                rowParts: ringParts,
                arcCount: arcCount,
                workerCount: settings.processCount,
                queryBlock: .random(in: 1...16, using: &random)
            )
        }
        let schedule = Schedule.allCases.randomElement(using: &random) ?? .dynamic
        let steps = try (0..<max(1, stepCount)).map { _ in
            let plans = try grids.map { grid in
                try ShardPlan.make(
                    grid: grid,
                    split: Split.ofOneStage.randomElement(using: &random) ?? .auto,
                    schedule: schedule,
                    workerCount: settings.processCount,
                    queryBlock: .random(in: 1...16, using: &random)
                )
            }
            return ShardPlan.joined(plans, waitsFor: plans.count == 1 ? [[]] : Self.waitsFor)
        }
        return stepCount == 0 ? steps[0] : .steps(steps, rows: grids.map(\.rowCount))
    }

    /// The coordinator listens again; it may look at the clock before it reads what came meanwhile.
    mutating func returnCoordinator(announced: Bool) {
        guard isAway else { return }
        isAway = false
        if announced { step(.resumed) }
        let looksFirst = Bool.random(using: &random)
        if looksFirst { step(.tick) }
        if hasMissedTick { events.push(.coordinatorTick, at: now + random.duration(0...100_000)) }
        hasMissedTick = false
        let missed = awayBacklog
        awayBacklog = []
        for event in missed {
            if isAway { awayBacklog.append(event) } else { handleAtCoordinator(event) }
        }
    }

    // MARK: The dispatcher

    mutating func step(_ event: DispatcherEvent, bits: Int? = nil) {
        guard let actions = dispatcher.handleAndCompare(event, now: now) else {
            return note("a worker that can take a task was not looked at")
        }
        for action in actions {
            for byte in "\(action)".utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01B3 }
            carryOut(action, bits: bits)
        }
    }

    private mutating func carryOut(_ action: DispatcherAction, bits: Int?) {
        switch action {
        case .dispatch(let worker, let task, let shard):
            checkDispatch(worker.rawValue, task, shard)
            sendTask(worker.rawValue, task, shard)
        case .accept(_, let task):
            if task.trial != trial || !isTrialRunning {
                note("accepted a result of another trial: \(task)")
            }
            if !dispatched.contains(task) { note("accepted but never dispatched: \(task)") }
            if accepted[task.shard] != nil { note("accepted twice: \(task)") }
            if bits != Self.bits(trial: trial, shard: task.shard) { note("wrong bits: \(task)") }
            accepted[task.shard] = bits
            unfinished[steps[task.shard]] -= 1
        case .stepFinished(let step):
            if step != finishedSteps { note("step \(step) ends after \(finishedSteps) others") }
            if unfinished[step] != 0 { note("step \(step) ends with shards missing") }
            finishedSteps += 1
        case .duplicate(_, let task):
            duplicateCount += 1
            if accepted[task.shard] == nil { note("duplicate of nothing: \(task)") }
            if accepted[task.shard] != bits { note("a duplicate differs: \(task)") }
        case .stale:
            staleCount += 1
        case .terminate(let worker, let reason):
            checkTermination(worker.rawValue, reason)
            terminations.append(reason)
            loseOutstanding(worker.rawValue)
            connections[worker.rawValue].isLost = true
            processes[connections[worker.rawValue].process].isDoomed = true
            kill(connections[worker.rawValue].process)
        case .suspected(let worker):
            suspicionCount += 1
            connections[worker.rawValue].isSuspect = true
        case .recovered(let worker):
            recoveryCount += 1
            connections[worker.rawValue].isSuspect = false
        case .trialFinished(let number):
            if accepted.count != shards.count { note("finished with shards missing") }
            if finishedSteps != stepCount { note("finished with steps missing") }
            if !dispatcher.ledger.violations.isEmpty { note("the ledger disagrees") }
            finishedTrials.append(number)
            endTrial(number)
        case .trialFailed(let number, let failure):
            checkFailure(failure)
            failedTrials[number] = failure
            endTrial(number)
        }
    }

    private mutating func sendTask(_ connection: Int, _ task: TaskIdentity, _ shard: Shard) {
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let bytes = UInt64.random(in: 1...1 << 20, using: &random)
            connections[connection].sentBytes += bytes
            sendDown(connection, .chunk(trial: task.trial, bytes: bytes))
        }
        let isMiscounted = random.chance(settings.miscountPercent)
        let message = WorkerTask(
            identity: task,
            shard: shard,
            precedingBytes: connections[connection].sentBytes + (isMiscounted ? 1 : 0)
        )
        let times = settings.repeatsMessages && random.chance(10) ? 2 : 1
        for _ in 0..<times { sendDown(connection, .task(message)) }
    }

    private mutating func endTrial(_ number: Int) {
        if number != trial || !isTrialRunning { note("trial \(number) ends, but is not running") }
        isTrialRunning = false
        for connection in connections.indices { connections[connection].outstanding = [] }
        guard trial < settings.trialCount else { return sayGoodbye() }
        let longest = Bool.random(using: &random) ? 1_000 : 20_000_000
        let pause = random.duration(0...longest)
        if Bool.random(using: &random) {
            // Checks numbers, and listens to nobody meanwhile.
            isAway = true
            events.push(.coordinatorReturns(announced: true), at: now + pause)
        }
        events.push(.startTrial, at: now + pause + .microseconds(1))
    }

    private mutating func sayGoodbye() {
        isOver = true
        for connection in connections.indices where !connections[connection].isLost {
            sendDown(connection, .bye)
        }
        // A stopped or wedged worker does not read it.
        for process in processes.indices where processes[process].isStopped { kill(process) }
    }

    // MARK: Checks

    private mutating func checkDispatch(_ connection: Int, _ task: TaskIdentity, _ shard: Shard) {
        let worker = connections[connection]
        if !isTrialRunning || task.trial != trial { note("dispatch outside its trial: \(task)") }
        if !worker.isJoined || worker.isLost { note("dispatch to a lost worker: \(task)") }
        if worker.isSuspect { note("dispatch to a suspect: \(task)") }
        if accepted[task.shard] != nil { note("dispatch of an accepted shard: \(task)") }
        if unfinished[..<steps[task.shard]].contains(where: { $0 > 0 }) {
            note("dispatch before the step before has ended: \(task)")
        }
        for (index, other) in shards.enumerated()
        where accepted[index] == nil && steps[index] == steps[task.shard]
            && isRead(other, by: shard)
        {
            note("dispatch before shard \(index), which it reads: \(task)")
        }
        if shards[task.shard] != shard { note("dispatch of another shard: \(task)") }
        if !dispatched.insert(task).inserted { note("dispatched twice: \(task)") }
        // It would write again where the coordinator may be reading.
        if worker.outstanding.contains(where: { $0.shard == task.shard }) {
            note("dispatch of a shard the worker still holds: \(task)")
        }
        // No other worker may get the shard of a healthy worker.
        for (other, holder) in connections.enumerated()
        where !holder.isSuspect && !holder.isLost && other != connection {
            if holder.outstanding.contains(where: { $0.shard == task.shard }) {
                note("dispatch of a healthy worker's shard: \(task)")
            }
        }
        connections[connection].outstanding.insert(task)
        if connections[connection].outstanding.count > processes[worker.process].credit {
            note("dispatch beyond credit: \(task)")
        }
    }

    private func isRead(_ other: Shard, by shard: Shard) -> Bool {
        guard ringParts.isEmpty else {
            return other.stage == shard.stage - 1 && other.rows.overlaps(shard.rows)
                && other.slices.overlaps(shard.slices)
        }
        return Self.waitsFor[shard.stage].contains(other.stage)
            && !batches(of: other).isDisjoint(with: batches(of: shard))
    }

    private func batches(of shard: Shard) -> Set<Int> {
        Set(shard.slices.map { $0 / grids[shard.stage].slicesPerBatch })
    }

    private mutating func checkTermination(_ connection: Int, _ reason: FaultReason) {
        let process = processes[connections[connection].process]
        if connections[connection].isLost { note("terminated twice") }
        let isCutOff = process.connection != connection || !process.isAlive
        // After a stop its first message may still be on its way.
        let isUnderWay = process.lastProceedTime.map { now - $0 < .milliseconds(10) } ?? false
        let isMute = process.isStopped || isCutOff || isUnderWay
        switch reason {
        case .silent where !isMute: note("terminated though it spoke")
        case .wedged where !process.isWedged: note("terminated though it advanced")
        case .failed where settings.miscountPercent == 0: note("terminated without refusals")
        default: break
        }
    }

    private mutating func checkFailure(_ failure: TrialFailure) {
        switch failure {
        case .noWorkers:
            if connections.contains(where: { $0.isJoined && !$0.isLost }) {
                note("failed for want of workers, though one is left")
            }
        case .shardExhausted(let shard, let attempts, _):
            if attempts < settings.limits.maximumAttempts
                || failedAttempts[shard, default: 0] < attempts
            {
                note("shard \(shard) did not fail \(attempts) times")
            }
        }
    }
}
