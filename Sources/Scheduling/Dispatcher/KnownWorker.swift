import Work

/// What the dispatcher remembers of one worker.
struct KnownWorker: Hashable, Sendable {
    let id: WorkerID
    let ordinal: Int
    let credit: Int
    var isSuspect = false
    var isGone = false
    /// Whether we ended it ourselves, so that the traces of our kill are not taken for a cause.
    var isTerminated = false
    var outstanding: [TaskIdentity] = []
    var lastHeardTime: Duration
    var lastAdvanceTime: Duration
    var lastReport: Heartbeat?
    var refusalsInARow = 0
    /// The place in the fault list of its loss, or of the suspicion it is under.
    var openFault: Int?
    /// Found nothing to do in the dispatch round under way.
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
