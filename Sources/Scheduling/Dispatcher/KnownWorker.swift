import Work

/// The dispatcher's state of one worker.
struct KnownWorker: Hashable, Sendable {
    let id: WorkerID
    let ordinal: Int
    let credit: Int
    var isSuspect = false
    var isGone = false
    /// Whether we ended the worker ourselves, so that the effects of our kill are not taken for a
    /// cause.
    var isTerminated = false
    var outstanding: [TaskIdentity] = []
    /// Whether tasks are given until the credit is used up.
    private var isFilling = true
    var lastHeardTime: Duration
    var lastAdvanceTime: Duration
    var lastReport: Heartbeat?
    var refusalsInARow = 0
    /// The index in the fault list of the worker's loss or current suspicion.
    var openFault: Int?
    /// The worker found nothing to do in the current dispatch round.
    var hasNothingToDo = false

    init(id: WorkerID, ordinal: Int, credit: Int, now: Duration) {
        self.id = id
        self.ordinal = ordinal
        self.credit = credit
        lastHeardTime = now
        lastAdvanceTime = now
    }

    var isHealthy: Bool { !isSuspect && !isGone }

    /// Whether the worker is given tasks now: of many, from when half of its credit is free until none is.
    ///
    /// So many short tasks travel together, and wake few threads; the worker has the other half meanwhile.
    var takesTasks: Bool {
        outstanding.count < credit && (isFilling || outstanding.count <= refillLevel)
            && isHealthy && !hasNothingToDo
    }

    private var refillLevel: Int { credit < Self.manyTasks ? credit - 1 : credit / 2 }
    private static let manyTasks = 8

    mutating func take(_ task: TaskIdentity) {
        isFilling = isFilling || outstanding.count <= refillLevel
        outstanding.append(task)
        if outstanding.count >= credit { isFilling = false }
    }
}
