/// The coordinator's measurements of one trial.
package struct TrialReport: Sendable {
    /// From the first task to the last output row in its place.
    package var wallNanoseconds: UInt64
    /// By worker ordinal.
    package var workers: [WorkerTimes]
    /// CPU time of this process, the coordinator's.
    package var cpuNanoseconds: UInt64
    package var attempts: Int
    package var duplicates: Int
    /// Output pieces that arrived twice with different bits.
    package var contradictions: Int

    package var bytesSent: UInt64 { workers.reduce(0) { $0 + $1.bytesIn } }
    package var bytesReceived: UInt64 { workers.reduce(0) { $0 + $1.bytesOut } }
}

/// Where one worker's part of a trial's wall time went; the five durations add up to it.
///
/// Processes exchange only durations, never stamps. The worker measures `compute` and `queue`.
/// `merge` is the time in which the coordinator puts this worker's rows in place. `idle` is the
/// time in which the worker had no task. `transfer` is the rest: tasks and results in flight.
package struct WorkerTimes: Sendable, Equatable {
    package var computeNanoseconds: UInt64 = 0
    package var queueNanoseconds: UInt64 = 0
    package var transferNanoseconds: UInt64 = 0
    package var mergeNanoseconds: UInt64 = 0
    package var idleNanoseconds: UInt64 = 0
    /// CPU time of the worker's process, messages included; nil where nobody can tell.
    package var cpuNanoseconds: UInt64?
    /// The time in which a compute thread was ready but others had its core.
    package var offCoreNanoseconds: UInt64 = 0
    /// Shards whose accepted result came from this worker.
    package var shards = 0
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0
}
