import Work

/// Decides, for a worker's I/O thread, how to react to events.
///
/// Like `Dispatcher`, this is a value that turns events and the time into actions. Tasks are
/// computed in the order in which they come, one at a time. Meanwhile the output of earlier tasks
/// is sent and the input of later tasks arrives. A reconnect makes a new worker: it forgets all
/// tasks that it held.
package struct WorkerMachine: Sendable {
    package enum State: String, Hashable, Sendable {
        case connecting
        /// The worker has said hello but is not admitted yet.
        case joining
        /// The worker is admitted but has no workload.
        case welcomed
        case preparing
        case ready
        case ended
    }

    package private(set) var state = State.connecting
    package let credit: Int
    /// Whether the worker ends with its connection: nothing else shows it that the coordinator is gone.
    private let endsWithConnection: Bool
    private var limits: WorkerLimits
    /// How long the worker may be without a connection; nil where something else ends it.
    private let connectLimit: Duration?
    /// The slices and rows of each stage.
    private var grids: [TaskGrid] = []
    private var tasks: WorkerTaskQueue
    /// Counts input and answers; the loop's own count is added.
    private var ownProgress: UInt64 = 0
    private var lastHeardTime: Duration
    private var wasConnected = false
    private var lastHeartbeatTime: Duration?
    /// How many heartbeats it sends at most until it hears something; nil for any number.
    private let mostUnheardHeartbeats: Int?
    private var unheardHeartbeats = 0
    private var now: Duration
    private var actions: [WorkerMachineAction] = []

    /// - Parameters:
    ///   - credit: How many tasks this worker holds at most.
    ///   - limits: What counts until the coordinator's welcome brings its own.
    ///   - connectLimit: How long it may be without a connection, at most until it was silent too long.
    ///   - endsWithConnection: Whether the worker ends when its connection does, once it was welcomed.
    ///   - mostUnheardHeartbeats: How many heartbeats it sends at most until it hears something.
    ///   - now: Time since any origin, the same for all events.
    package init(
        credit: Int,
        limits: WorkerLimits = WorkerLimits(),
        connectLimit: Duration? = nil,
        endsWithConnection: Bool = false,
        mostUnheardHeartbeats: Int? = nil,
        now: Duration
    ) {
        precondition(credit >= 1, "a worker without credit would never work")
        self.credit = credit
        self.endsWithConnection = endsWithConnection
        self.mostUnheardHeartbeats = mostUnheardHeartbeats
        tasks = WorkerTaskQueue(credit: credit)
        self.limits = limits
        self.connectLimit = connectLimit
        self.now = now
        lastHeardTime = now
    }

    package mutating func handle(
        _ event: WorkerMachineEvent,
        now time: Duration
    ) -> [WorkerMachineAction] {
        guard state != .ended else { return [] }
        advanceClock(to: time)
        switch event {
        case .connected: hello()
        case .disconnected: loseConnection()
        case .parentGone: exit(.parentGone)
        case .interrupted(let signal): leave(signal)
        case .computeFinished(let task): finish(task)
        case .outputDrained(let task): answer(task)
        case .prepared: becomeReady()
        case .preparationFailed(let reason): failPreparation(reason)
        case .tick(let progress): tick(progress)
        default: hear(event)
        }
        startNext()
        // Most events need none, and to empty an array that is returned copies it.
        guard !actions.isEmpty else { return [] }
        defer { actions = [] }
        return actions
    }

    /// Handles a message from the coordinator.
    private mutating func hear(_ event: WorkerMachineEvent) {
        lastHeardTime = now
        unheardHeartbeats = 0
        switch event {
        case .welcomed(let limits): welcome(limits)
        case .refused(let reason): exit(.refused(reason))
        case .dismissed(let reason): exit(.dismissed(reason))
        case .workloadReceived(let grids): receiveWorkload(grids)
        case .chunkReceived(let trial, let bytes):
            ownProgress &+= bytes
            tasks.noteInput(trial: trial, bytes: bytes)
        case .taskReceived(let task): receive(task)
        default: break
        }
    }

    /// Silence counts against the coordinator only while this process itself was running.
    private mutating func advanceClock(to time: Duration) {
        precondition(time >= now, "time must not run backwards")
        let gap = time - now
        now = time
        if gap + gap > limits.silenceLimit { lastHeardTime += gap }
    }
}

extension WorkerMachine {
    /// The tasks held: waiting, being computed or being sent.
    package var heldTasks: [TaskIdentity] { tasks.held }

    // MARK: Joining

    private mutating func hello() {
        forget(.joining)
        wasConnected = true
        lastHeardTime = now
        unheardHeartbeats = 0
        actions.append(.sendHello)
    }

    private mutating func loseConnection() {
        // Each attempt to connect that fails is another disconnection.
        if state != .connecting { lastHeardTime = now }
        let wasWelcomed = state != .connecting && state != .joining
        guard endsWithConnection, wasWelcomed else { return forget(.connecting) }
        exit(.coordinatorGone)
    }

    private mutating func leave(_ signal: Int32) {
        let ending = WorkerExit.interrupted(signal: signal)
        if state != .connecting { actions.append(.sendBye("\(ending)")) }
        exit(ending)
    }

    private mutating func forget(_ next: State) {
        tasks.forget()
        state = next
    }

    private mutating func welcome(_ limits: WorkerLimits) {
        guard state == .joining else { return }
        self.limits = limits
        state = .welcomed
    }

    private mutating func receiveWorkload(_ grids: [TaskGrid]) {
        guard state == .welcomed || state == .ready else { return }
        tasks.forget()
        self.grids = grids
        state = .preparing
        actions.append(.prepare)
    }

    private mutating func becomeReady() {
        guard state == .preparing else { return }
        state = .ready
        ownProgress &+= 1
        actions.append(.sendReady)
    }

    private mutating func failPreparation(_ reason: String) {
        actions.append(.sendFailed(reason))
        exit(.preparationFailed(reason))
    }

    private mutating func exit(_ reason: WorkerExit) {
        forget(.ended)
        actions.append(.exit(reason))
    }

    // MARK: Tasks

    private mutating func receive(_ task: WorkerTask) {
        guard !tasks.hasTaken(task) else { return }
        if let refusal = refusal(of: task) {
            actions.append(.refuseTask(task.identity, refusal))
        } else {
            tasks.append(task)
        }
    }

    private mutating func refusal(of task: WorkerTask) -> TaskRefusal? {
        guard state == .ready else { return .notPrepared }
        let (shard, stages) = (task.shard, grids.indices)
        guard stages.contains(shard.stage) else { return .unknownStage(count: stages.count) }
        let grid = grids[shard.stage]
        let isInside =
            shard.slices.lowerBound >= 0 && shard.slices.upperBound <= grid.sliceCount
            && shard.rows.lowerBound >= 0 && shard.rows.upperBound <= grid.rowCount
        guard isInside, !shard.slices.isEmpty, !shard.rows.isEmpty else {
            return .outsideProblem(sliceCount: grid.sliceCount, rowCount: grid.rowCount)
        }
        guard grid.isInOnePart(shard.rows) else { return .acrossParts(grid.rowParts.count) }
        return tasks.refusal(of: task, credit: credit)
    }

    private mutating func startNext() {
        guard state == .ready, let task = tasks.takeNext() else { return }
        actions.append(.startCompute(task))
    }

    private mutating func finish(_ task: TaskIdentity) {
        ownProgress &+= 1
        guard let wanted = tasks.finish(task) else { return }
        actions.append(.sendOutput(wanted))
    }

    private mutating func answer(_ task: TaskIdentity) {
        ownProgress &+= 1
        guard let wanted = tasks.answer(task) else { return }
        // A sign of life, too.
        lastHeartbeatTime = now
        actions.append(.sendResult(wanted))
    }

    // MARK: Time

    private mutating func tick(_ progress: UInt64) {
        let silence = now - lastHeardTime
        let limit = state == .connecting ? connectLimit : nil
        guard silence < min(limits.silenceLimit, limit ?? limits.silenceLimit) else {
            return exit(wasConnected ? .coordinatorSilent(silence) : .neverConnected(silence))
        }
        guard state != .connecting, state != .joining else { return }
        if let last = lastHeartbeatTime, now - last < limits.heartbeatInterval { return }
        lastHeartbeatTime = now
        if let mostUnheardHeartbeats, unheardHeartbeats >= mostUnheardHeartbeats { return }
        unheardHeartbeats += 1
        let report = Heartbeat(
            task: tasks.computing,
            progress: ownProgress &+ progress,
            isComputing: tasks.isComputing
        )
        actions.append(.sendHeartbeat(report))
    }
}
