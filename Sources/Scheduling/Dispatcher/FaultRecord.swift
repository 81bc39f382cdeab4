import Work

/// One thing that went wrong with one worker, for the run record.
package struct FaultRecord: Hashable, Sendable {
    package var worker: WorkerID
    /// The worker's place among the workers of the run.
    package var ordinal: Int
    /// The trial that was running; nil between trials.
    package var trial: Int?
    /// The shards it had in hand, ascending.
    package var shards: [Int]
    /// The first cause: what our own kill did to a silent worker does not replace it.
    package var reason: FaultReason
    /// Whether the worker was gone afterwards.
    package var isLoss: Bool
}
