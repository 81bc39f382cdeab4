import Platform
import Traces

/// The coordinator's measurements of one trial.
package struct TrialReport: Sendable {
    /// From the first task to the last output row in its place.
    package var wallNanoseconds: UInt64
    /// By worker ordinal.
    package var workers: [WorkerTimes]
    /// What this process, the coordinator, used of the processors.
    package var use: ProcessorUse
    package var attempts: Int
    package var duplicates: Int
    /// Output pieces that arrived twice with different bits.
    package var contradictions: Int
    /// By the index of the problem's stage.
    package var stages: [StageTimes]
    /// How long each step took, from the end of the one before; empty where there are none.
    package var stepNanoseconds: [UInt64] = []
    /// How long this process was stopped meanwhile, or the machine suspended: such a trial has no
    /// time.
    package var pausedNanoseconds: UInt64 = 0
    /// When every process did what, if the trial was traced.
    package var trace: TrialTrace?

    package var bytesSent: UInt64 { workers.reduce(0) { $0 + $1.bytesIn } }
    package var bytesReceived: UInt64 { workers.reduce(0) { $0 + $1.bytesOut } }

    /// CPU time of all processes beyond that of the threads that compute; nil where nobody can tell.
    package var cpuNanosecondsBesideComputing: Double? {
        ProcessorUse.cpuNanosecondsBesideComputing(
            coordinator: use.cpuNanoseconds,
            workers: workers.map { ($0.use.cpuNanoseconds, $0.use.computeNanoseconds) }
        )
    }
}

/// When one stage of a trial was computed, by the coordinator's clock since the trial began, and for
/// how long, by the workers' clocks.
package struct StageTimes: Sendable, Equatable {
    /// Compute time of all workers together.
    package private(set) var computeNanoseconds: UInt64 = 0
    /// When its first task was sent.
    package private(set) var beginNanoseconds: UInt64 = 0
    /// When its last result was complete; 0 before the first one.
    package private(set) var endNanoseconds: UInt64 = 0
    private var hasBegun = false

    package init() {}

    mutating func noteSent(at nanoseconds: UInt64) {
        guard !hasBegun else { return }
        hasBegun = true
        beginNanoseconds = nanoseconds
        endNanoseconds = nanoseconds
    }

    mutating func noteComputed(_ nanoseconds: UInt64, at end: UInt64) {
        computeNanoseconds.add(nanoseconds)
        endNanoseconds = end
    }
}

extension UInt64 {
    /// Saturates at the largest number: a sum of a worker's durations must not crash the
    /// coordinator.
    mutating func add(_ claim: UInt64) {
        let (sum, isTooLarge) = addingReportingOverflow(claim)
        self = isTooLarge ? .max : sum
    }
}

/// Where one worker's part of a trial's wall time went; the five durations add up to it.
///
/// They are made of durations alone: moments of another process are used in traces only. The worker
/// measures `compute` and `queue`. `merge` is the time in which the coordinator puts this worker's rows in place. `idle` is the
/// time in which the worker had no task. `transfer` is the rest: tasks and results in flight.
package struct WorkerTimes: Sendable, Equatable {
    package var computeNanoseconds: UInt64 = 0
    package var queueNanoseconds: UInt64 = 0
    package var transferNanoseconds: UInt64 = 0
    package var mergeNanoseconds: UInt64 = 0
    package var idleNanoseconds: UInt64 = 0
    /// What the worker's process used of the processors, messages included.
    package var use = ProcessorUse()
    /// The time in which a compute thread was ready but others had its core.
    package var offCoreNanoseconds: UInt64 = 0
    /// Shards whose accepted result came from this worker.
    package var shards = 0
    package var bytesIn: UInt64 = 0
    package var bytesOut: UInt64 = 0
    /// How many of these were in messages; the others were copied in shared memory.
    package var messageBytes: UInt64 = 0
}
