/// Something that one thread did for a task, from one moment to another on the clock of its process.
///
/// Traces are made of these. Nothing else uses moments of another process: what is measured are
/// durations.
package struct Activity: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        /// A worker took in a task, or a piece of input.
        case receive = 1
        /// A task was at the worker and the compute threads were free for it, but had not begun.
        case queue
        case compute
        /// A message was given to the socket.
        case send
        /// The coordinator copied inputs to where workers read them.
        case copy
        /// The coordinator put output in its place, or took a result.
        case merge

        /// Whether workers report it.
        package var isOfWorkers: Bool { rawValue <= Kind.send.rawValue }
    }

    package var kind: Kind
    /// The shard's index; nil where it belongs to none, such as a piece of input.
    package var shard: Int?
    /// Which attempt of the shard, from 1; 0 without a shard.
    package var attempt: Int
    package var beginNanoseconds: UInt64
    package var endNanoseconds: UInt64
    /// Payload that was moved.
    package var byteCount: UInt64

    package init(
        _ kind: Kind,
        of task: TaskIdentity? = nil,
        from begin: UInt64,
        to end: UInt64,
        byteCount: Int = 0
    ) {
        self.kind = kind
        shard = task?.shard
        attempt = task?.attempt ?? 0
        beginNanoseconds = begin
        endNanoseconds = end
        self.byteCount = UInt64(byteCount)
    }

    package init(
        kind: Kind,
        shard: Int?,
        attempt: Int,
        beginNanoseconds: UInt64,
        endNanoseconds: UInt64,
        byteCount: UInt64
    ) {
        self.kind = kind
        self.shard = shard
        self.attempt = attempt
        self.beginNanoseconds = beginNanoseconds
        self.endNanoseconds = endNanoseconds
        self.byteCount = byteCount
    }
}

/// What happened in a trial, with a bound: what comes after it is counted.
package struct ActivityLog: Sendable {
    package private(set) var activities: [Activity] = []
    package private(set) var leftOut: UInt64 = 0
    private let capacity: Int

    package init(capacity: Int) {
        self.capacity = capacity
    }

    package mutating func append(_ activity: Activity) {
        if activities.count < capacity { activities.append(activity) } else { leaveOut(1) }
    }

    /// Counts activities that were never here.
    package mutating func leaveOut(_ count: UInt64) { leftOut &+= count }

    /// Appends what another log has, and counts what that one left out.
    package mutating func append(contentsOf other: ActivityLog) {
        for activity in other.activities { append(activity) }
        leaveOut(other.leftOut)
    }

    /// What it has so far, and begins anew.
    package mutating func take() -> ActivityLog {
        defer { self = ActivityLog(capacity: capacity) }
        return self
    }
}
