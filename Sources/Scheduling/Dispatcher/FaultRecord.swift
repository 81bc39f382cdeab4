import Work

/// One fault of one worker, for the run record.
package struct FaultRecord: Hashable, Sendable {
    package var worker: WorkerID
    /// The worker's place among the workers of the run.
    package var ordinal: Int
    /// The trial that was running; nil between trials.
    package var trial: Int?
    /// The shards that the worker held, ascending.
    package var shards: [Int]
    /// The first cause: our own kill of a silent worker does not replace it.
    package var reason: FaultReason
    /// Whether the worker was lost afterwards.
    package var isLoss: Bool
    /// When it was noticed, on the dispatcher's clock.
    package var time: Duration
    /// How long after the worker's last message; nil for a worker that never joined.
    package var delay: Duration?
}
