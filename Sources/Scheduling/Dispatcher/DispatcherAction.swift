import Work

/// The actions of the coordinator's loop, in this order.
package enum DispatcherAction: Hashable, Sendable {
    /// Send the task and the inputs it needs.
    case dispatch(WorkerID, TaskIdentity, Shard)
    /// The shard's first complete result: it is the output.
    case accept(WorkerID, TaskIdentity)
    /// A result of a shard that already has one: compare the two bit for bit.
    case duplicate(WorkerID, TaskIdentity)
    /// A result that belongs to no open task: drop it.
    case stale(WorkerID, TaskIdentity, StaleReason)
    /// Make sure that the worker ends, with SIGKILL if it is a process of ours.
    case terminate(WorkerID, FaultReason)
    /// All shards of a step of the trial, counted from 0, have their result; the next one begins.
    case stepFinished(Int)
    case suspected(WorkerID)
    case recovered(WorkerID)
    case trialFinished(Int)
    case trialFailed(Int, TrialFailure)
}

/// Why a result belongs to no open task.
package enum StaleReason: String, Hashable, Sendable, CaseIterable {
    /// It is of a trial that is over, or of no trial.
    case otherTrial
    /// The task was never dispatched, or was dispatched to another worker.
    case unknownAttempt
    /// This attempt has already been answered.
    case repeated
    /// It comes from a worker that never joined.
    case unknownWorker
}

/// Why a trial cannot succeed.
package enum TrialFailure: Hashable, Sendable, CustomStringConvertible {
    /// No worker is left; the last loss, if there was one.
    case noWorkers(lastReason: String?)
    case shardExhausted(shard: Int, attempts: Int, reasons: [String])

    package var description: String {
        switch self {
        case .noWorkers(let reason?): "no workers are left; the last loss: \(reason)"
        case .noWorkers(nil): "no workers are left: none has joined"
        case .shardExhausted(let shard, let attempts, let reasons):
            "shard \(shard) failed \(attempts) times: \(reasons.joined(separator: "; "))"
        }
    }
}
