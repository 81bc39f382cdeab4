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
}
