import Work

/// Decides, for the coordinator, which worker computes which shard.
///
/// It is a value that turns events and the time into actions, and does nothing else: the loop that
/// feeds it owns the sockets, the clock and the processes. So the tests, in which a seeded virtual
/// cluster causes thousands of accidents, run the same code as the program.
///
/// Its guarantees: a worker never holds more tasks than its credit; a suspect or lost worker gets
/// none; exactly one result is accepted per shard; every trial ends. A trial fails only if no
/// worker is left or one shard failed too often. Workers stay known from trial to trial.
package struct Dispatcher: Sendable {
    package let limits: DispatcherLimits
    /// The state of every shard of the current trial, or else of the last one.
    package internal(set) var ledger = Ledger(trial: 0, shardCount: 0)
    /// All faults, in the order in which they were noticed.
    package internal(set) var faults: [FaultRecord] = []

    /// The workers in the order in which they joined; lost workers stay in the list.
    var workers: [KnownWorker] = []
    var places = WorkerPlaces()
    var trial: RunningTrial?
    var actions: [DispatcherAction] = []
    /// Whether every worker was found to hold all it may: until one answers, none can take a task.
    var isSaturated = false
    /// The time of the last event.
    var now: Duration

    /// Time is counted from any origin that the loop chooses, as long as the origin stays the same.
    package init(limits: DispatcherLimits = DispatcherLimits(), now: Duration) {
        self.limits = limits
        self.now = now
    }

    package mutating func handle(
        _ event: DispatcherEvent,
        now: Duration
    ) -> [DispatcherAction] {
        let gap = advanceClock(to: now)
        var answering: Int?
        switch event {
        case .workerJoined(let id, let ordinal, let credit):
            join(id, ordinal: ordinal, credit: credit)
        case .heard(let id):
            withLive(id) { $0.noteHeard($1) }
        case .advanced(let id):
            withLive(id) { $0.noteAdvance($1) }
        case .heartbeat(let id, let report):
            withLive(id) { $0.noteHeartbeat($1, report) }
        case .trialStarted(let number, let plan, let wedgedAfter):
            startTrial(number, plan, wedgedAfter ?? limits.wedgedAfter)
        case .resultCompleted(let id, let task):
            complete(task, from: id)
            answering = places[id]
        case .taskRefused(let id, let task, let reason):
            withLive(id) { $0.refuse(task, at: $1, reason: reason) }
        case .workerLost(let id, let reason):
            loseReported(id, reason)
        case .workerMissed(let id, let ordinal, let reason):
            miss(id, ordinal: ordinal, reason)
        case .tick:
            checkLimits()
        case .resumed:
            resume(after: gap)
        }
        settle(after: answering)
        // Most events need none, and to empty an array that is returned copies it.
        guard !actions.isEmpty else { return [] }
        defer { actions = [] }
        return actions
    }

    private mutating func withLive(
        _ id: WorkerID,
        _ body: (inout Dispatcher, _ place: Int) -> Void
    ) {
        guard let place = places[id], !workers[place].isGone else { return }
        body(&self, place)
    }

    mutating func join(_ id: WorkerID, ordinal: Int, credit: Int) {
        precondition(places[id] == nil, "a worker may join only once; a reconnect is a new worker")
        precondition(credit >= 1, "the coordinator refuses a worker without credit")
        places[id] = workers.count
        workers.append(KnownWorker(id: id, ordinal: ordinal, credit: credit, now: now))
    }
}

extension Dispatcher {
    /// Whether every worker that joined is at work: none is lost or suspect.
    package var isWhole: Bool { workers.allSatisfy { !$0.isGone && !$0.isSuspect } }

    /// The last worker that was lost.
    package var lastLoss: FaultRecord? { faults.last(where: \.isLoss) }

    /// How a result of this task would be treated now; asked before its first byte is copied
    /// anywhere.
    ///
    /// Mutating, so that who holds the dispatcher in a class does not copy it for each message.
    package mutating func standing(of task: TaskIdentity, from worker: WorkerID) -> TaskStanding {
        guard places[worker] != nil else { return .stale(.unknownWorker) }
        guard task.trial == trial?.number else { return .stale(.otherTrial) }
        guard let attempt = ledger.attempt(task, of: worker) else {
            return .stale(.unknownAttempt)
        }
        if attempt.isAnswered { return .stale(.repeated) }
        return ledger.entries[task.shard].acceptedAttempt == nil ? .awaited : .duplicate
    }
}
