import Work

/// What a worker's I/O loop tells its machine.
package enum WorkerMachineEvent: Sendable {
    /// The connection stands, or stands again.
    case connected
    case disconnected
    case welcomed(WorkerLimits)
    case refused(String)
    /// The problem's sizes, against which tasks are checked.
    case workloadReceived(sliceCount: Int, queryLength: Int)
    case prepared
    case preparationFailed(String)
    case taskReceived(WorkerTask)
    /// Trial 0 is input sent before any trial.
    case chunkReceived(trial: Int, bytes: UInt64)
    case computeFinished(TaskIdentity)
    /// Every byte of the task's output has been handed to the socket.
    case outputDrained(TaskIdentity)
    /// Any other message came from the coordinator.
    case heard
    case dismissed(String)
    case parentGone
    /// Time passed. `progress` is the loop's count of rows computed and bytes sent.
    case tick(progress: UInt64)
}
