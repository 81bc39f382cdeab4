import Work

/// An event that a worker's I/O loop reports to its machine.
package enum WorkerMachineEvent: Sendable {
    /// The connection is open, or open again.
    case connected
    case disconnected
    case welcomed(WorkerLimits)
    case refused(String)
    /// The problem's sizes, against which tasks are checked.
    case workloadReceived([TaskGrid])
    case prepared
    case preparationFailed(String)
    case taskReceived(WorkerTask)
    /// Trial 0 is input sent before any trial.
    case chunkReceived(trial: Int, bytes: UInt64)
    case computeFinished(TaskIdentity)
    /// The socket has taken every byte of the task's output.
    case outputDrained(TaskIdentity)
    /// Any other message came from the coordinator.
    case heard
    case dismissed(String)
    case parentGone
    /// A signal asked this process to stop.
    case interrupted(signal: Int32)
    /// Time passed. `progress` is the loop's count of rows computed and bytes sent.
    case tick(progress: UInt64)
}
