import Work

@testable import Scheduling

/// The worker processes, the network, and their accidents.
extension VirtualCluster {
    mutating func startProcess() {
        let credit = Int.random(in: 1...4, using: &random)
        let slowest = [1_000, 20_000, 400_000].randomElement(using: &random) ?? 1_000
        processes.append(
            VirtualProcess(
                machine: WorkerMachine(credit: credit, now: now),
                credit: credit,
                ordinal: processes.count,
                computeMicroseconds: slowest / 10...slowest
            )
        )
        events.push(.connect(process: processes.count - 1), at: now + random.duration(0...30_000))
        events.push(.workerTick(process: processes.count - 1), at: now)
    }

    mutating func handleAtWorker(_ event: VirtualEvent.Kind, _ process: Int) {
        switch event {
        case .connect:
            connections.append(VirtualConnection(process: process))
            processes[process].connection = connections.count - 1
            work(process, .connected)
        case .toWorker(_, let connection, let message):
            guard connection == processes[process].connection else { return }
            receive(message, process)
        case .computeDone(_, let task):
            if processes[process].isWedged { return }
            if processes[process].computing.first != task { note("computed out of order") }
            processes[process].computing.removeAll { $0 == task }
            work(process, .computeFinished(task))
        case .drained(_, let task):
            work(process, .outputDrained(task))
        case .workerTick:
            if !processes[process].computing.isEmpty, !processes[process].isWedged {
                processes[process].progress += 1
            }
            work(process, .tick(progress: processes[process].progress))
            events.push(
                .workerTick(process: process),
                at: now + random.duration(20_000...100_000)
            )
        default:
            break
        }
    }

    private mutating func receive(_ message: VirtualEvent.DownMessage, _ process: Int) {
        switch message {
        case .welcome(let limits):
            work(process, .welcomed(limits))
        case .workload(let grids): work(process, .workloadReceived(grids))
        case .chunk(let trial, let bytes):
            processes[process].inputTrial = max(processes[process].inputTrial, trial)
            work(process, .chunkReceived(trial: trial, bytes: bytes))
        case .task(let task):
            processes[process].inputTrial = max(processes[process].inputTrial, task.identity.trial)
            work(process, .taskReceived(task))
        case .heartbeat:
            work(process, .heard)
        case .bye:
            work(process, .dismissed("all trials are done"))
        }
    }

    private mutating func work(_ process: Int, _ event: WorkerMachineEvent) {
        for action in processes[process].machine.handle(event, now: now) {
            carryOut(action, process)
        }
        if processes[process].machine.heldTasks.count > processes[process].credit {
            note("a worker holds more than its credit")
        }
    }

    private mutating func carryOut(_ action: WorkerMachineAction, _ process: Int) {
        switch action {
        case .sendHello: sendUp(process, .hello)
        case .prepare: work(process, .prepared)
        case .sendReady: sendUp(process, .ready(credit: processes[process].credit))
        case .sendFailed(let reason): note("a preparation failed: \(reason)")
        case .sendBye(let reason): note("a worker left by itself: \(reason)")
        case .startCompute(let task):
            if processes[process].computing.count >= max(2, processes[process].credit) {
                note("more tasks at the compute threads than the credit")
            }
            processes[process].computing.append(task.identity)
            let start = max(now, processes[process].computeEnd)
            let end = start + random.duration(processes[process].computeMicroseconds)
            processes[process].computeEnd = end
            events.push(.computeDone(process: process, task.identity), at: end)
        case .sendOutput(let task):
            sendUp(process, .outputPart)
            events.push(
                .drained(process: process, task.identity),
                at: now + random.duration(0...3_000)
            )
        case .sendResult(let task):
            // A worker computes from the inputs it holds, whatever it is asked for.
            let bits = Self.bits(trial: processes[process].inputTrial, shard: task.identity.shard)
            let times = settings.repeatsMessages && random.chance(10) ? 2 : 1
            for _ in 0..<times { sendUp(process, .result(task.identity, bits: bits)) }
        case .sendHeartbeat(let report): sendUp(process, .heartbeat(report))
        case .refuseTask(let task, let refusal): refuse(process, task, refusal)
        case .exit(let exit):
            processes[process].exit = exit
            end(process, .exited(status: Int(exit.code)))
        }
    }

    private mutating func refuse(_ process: Int, _ task: TaskIdentity, _ refusal: TaskRefusal) {
        if case .missingInput = refusal, settings.miscountPercent > 0 {
            sendUp(process, .refusal(task, refusal))
        } else if processes[process].connection.map({ connections[$0].isLost }) == true {
            // The coordinator has given up on it, so its messages are out of date.
            sendUp(process, .refusal(task, refusal))
        } else {
            note("a worker refused \(task): \(refusal)")
        }
    }

    // MARK: Network

    mutating func sendDown(_ connection: Int, _ message: VirtualEvent.DownMessage) {
        guard connections[connection].isDownOpen else { return }
        let time = max(connections[connection].lastDownTime, now + random.duration(20...5_000))
        connections[connection].lastDownTime = time
        let process = connections[connection].process
        events.push(.toWorker(process: process, connection: connection, message), at: time)
    }

    private mutating func sendUp(_ process: Int, _ message: VirtualEvent.UpMessage) {
        guard let connection = processes[process].connection else { return }
        let time = max(connections[connection].lastUpTime, now + random.duration(20...5_000))
        connections[connection].lastUpTime = time
        events.push(.toCoordinator(connection: connection, message), at: time)
    }

    /// Cuts the present connection: what is under way to the worker is lost, what is under way to
    /// the coordinator in part, and the loss may be noticed before the last of it arrives.
    private mutating func cut(_ process: Int, _ reasons: [FaultReason]) {
        guard let connection = processes[process].connection else { return }
        connections[connection].isDownOpen = false
        connections[connection].upEndTime = now + random.duration(0...5_000)
        for reason in reasons.shuffled(using: &random) {
            events.push(
                .lossNoticed(connection: connection, reason),
                at: now + random.duration(500...5_000)
            )
        }
        processes[process].connection = nil
    }

    // MARK: Accidents

    mutating func happen(_ accident: VirtualEvent.Accident) {
        if accident == .lateJoiner { return startProcess() }
        if accident == .coordinatorPause {
            guard !isAway, !isOver else { return }
            isAway = true
            let pause = random.duration(100_000...9_000_000)
            return events.push(.coordinatorReturns(announced: false), at: now + pause)
        }
        let candidates = processes.indices.filter {
            processes[$0].isAlive && !processes[$0].isStopped
        }
        guard let victim = candidates.randomElement(using: &random) else { return }
        switch accident {
        case .crash: end(victim, .signalled(11))
        case .stop, .stopForever:
            processes[victim].isStopped = true
            guard accident == .stop else { return }
            let pause = random.duration(10_000...8_000_000)
            events.push(.proceed(process: victim), at: now + pause)
        case .wedge: processes[victim].isWedged = true
        case .disconnect:
            guard processes[victim].connection != nil else { return }
            cut(victim, [.disconnected])
            work(victim, .disconnected)
            events.push(
                .connect(process: victim),
                at: now + random.duration(1_000...2_000_000)
            )
        case .coordinatorPause, .lateJoiner: break
        }
    }

    mutating func proceed(_ process: Int) {
        guard processes[process].isAlive, processes[process].isStopped else { return }
        processes[process].isStopped = false
        processes[process].lastProceedTime = now
        let missed = processes[process].backlog
        processes[process].backlog = []
        for event in missed { handle(event) }
    }

    mutating func kill(_ process: Int) { end(process, .signalled(9)) }

    private mutating func end(_ process: Int, _ reason: FaultReason) {
        guard processes[process].isAlive else { return }
        processes[process].isAlive = false
        cut(process, Bool.random(using: &random) ? [reason] : [reason, .disconnected])
    }
}
