import Work

/// What the coordinator's loop is to do, in this order.
package enum DispatcherAction: Hashable, Sendable {
    /// Send the task and the inputs it needs.
    case dispatch(WorkerID, TaskIdentity, Shard)
    /// The shard's first complete result: it is the output.
    case accept(WorkerID, TaskIdentity)
    /// A result of a shard that has one already: compare the two bit for bit.
    case duplicate(WorkerID, TaskIdentity)
    /// A result that belongs nowhere: drop it.
    case stale(WorkerID, TaskIdentity, StaleReason)
    /// End the worker for certain, by SIGKILL where it is a process of ours.
    case terminate(WorkerID, FaultReason)
    case suspected(WorkerID)
    case recovered(WorkerID)
    case trialFinished(Int)
    case trialFailed(Int, TrialFailure)
}

/// Why a result belongs nowhere.
package enum StaleReason: String, Hashable, Sendable, CaseIterable {
    /// Of a trial that is over, or of none.
    case otherTrial
    /// Never dispatched, or dispatched to another worker.
    case unknownAttempt
    /// This attempt has answered before.
    case repeated
    /// From a worker that never joined.
    case unknownWorker
}

/// Why a trial cannot end well.
package enum TrialFailure: Hashable, Sendable, CustomStringConvertible {
    /// Nobody is left; the last loss, if there was one.
    case noWorkers(lastReason: String?)
    case shardExhausted(shard: Int, attempts: Int, reasons: [String])

    package var description: String {
        switch self {
        case .noWorkers(let reason?): "no workers left; the last one \(reason)"
        case .noWorkers(nil): "no workers left: none ever joined"
        case .shardExhausted(let shard, let attempts, let reasons):
            "shard \(shard) failed \(attempts) times: \(reasons.joined(separator: "; "))"
        }
    }
}
