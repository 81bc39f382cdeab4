import Work

/// An event that the coordinator's loop reports to the dispatcher.
package enum DispatcherEvent: Sendable {
    /// A worker is ready for tasks. The loop has checked that `credit` is at least 1.
    case workerJoined(WorkerID, ordinal: Int, credit: Int)
    /// Any message came from the worker.
    case heard(WorkerID)
    /// A part of a tensor came from the worker, or the worker acknowledged one.
    case advanced(WorkerID)
    case heartbeat(WorkerID, Heartbeat)
    /// Trial numbers increase. Nil uses the wedge limit of the limits.
    case trialStarted(Int, plan: ShardPlan, wedgedAfter: Duration?)
    /// Every byte of a shard's output has arrived and is valid.
    case resultCompleted(WorkerID, TaskIdentity)
    case taskRefused(WorkerID, TaskIdentity, reason: String)
    /// The worker's process or connection is gone.
    case workerLost(WorkerID, FaultReason)
    /// A worker that was started will never join.
    case workerMissed(WorkerID, ordinal: Int, FaultReason)
    /// Time passed; see `DispatcherLimits.tickInterval`.
    case tick
    /// The loop listens again after other work, such as checking numbers.
    case resumed
}
