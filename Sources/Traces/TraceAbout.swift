import Files

/// What a trace is of: its metadata, which readers pass over and people find at its end.
package struct TraceAbout: Codable, Sendable, Equatable {
    package struct Trial: Codable, Sendable, Equatable {
        /// From 1, among those of the trace.
        package var trial: Int
        package var wallNanoseconds: UInt64
        /// How long the run was stopped meanwhile; absent where it was not.
        package var pausedNanoseconds: UInt64?
    }

    package struct Worker: Codable, Sendable, Equatable {
        package var worker: Int
        package var clock: WorkerClock.Relation
        /// What its clock is ahead of the coordinator's; its moments are shown without that.
        package var offsetNanoseconds: Int64
        /// The least and the most that it can be, by what was sent and received.
        package var offsetBoundsNanoseconds: [Int64]?
    }

    package var schema = "headwise.trace/1"
    package var commandLine: [String]
    package var started: String
    /// What the trials are, and are not.
    package var note: String
    /// EMPTY or EMULATED, where workers did not compute.
    package var mark: String?
    package var trials: [Trial] = []
    /// The median of the trials that were measured, which are not traced.
    package var measuredMedianNanoseconds: Double?
    package var clock =
        "CLOCK_MONOTONIC of the coordinator's machine, from the first traced trial on"
    package var workers: [Worker] = []
    /// Activities that are missing: beyond the bound, of an unknown kind, or at a moment that cannot be.
    package var leftOutActivities: UInt64 = 0

    package init(
        commandLine: [String],
        started: String,
        note: String,
        mark: String? = nil,
        measuredMedianNanoseconds: Double?
    ) {
        self.commandLine = commandLine
        self.started = started
        self.note = note
        self.mark = mark
        self.measuredMedianNanoseconds = measuredMedianNanoseconds
    }
}
