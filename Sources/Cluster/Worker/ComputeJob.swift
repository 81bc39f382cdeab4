import Work

/// A request of a worker's I/O thread to its compute threads.
enum ComputeJob: Sendable {
    /// Fill query, key and value from the generator if they are made here, then say so. The shards
    /// that follow are of this workload; those before it, even when they still wait, are not.
    case prepare(ComputeWorkload)
    case shard(ShardJob)
    case stop
}

struct ShardJob: Sendable {
    var task: WorkerTask
    /// The inputs that came for the task's trial alone, if any.
    var inputs: TrialInputs?
    /// The time when the task arrived, on this process's clock.
    var arrivalNanoseconds: UInt64

    var identity: TaskIdentity { task.identity }
    var shard: Shard { task.shard }
}

/// The progress of a shard: its first `byteCount` bytes of output are final.
struct PartialOutput: Sendable {
    var job: ShardJob
    package var byteCount: Int
}

/// The answer of the compute threads.
enum ComputeOutcome: Sendable {
    case prepared
    case preparationFailed(reason: String)
    case computed(ShardJob, ShardTimes)
}

/// The parts of a shard's time at its worker.
struct ShardTimes: Equatable, Sendable {
    /// When computing began, on this process's clock.
    package var startNanoseconds: UInt64
    package var computeNanoseconds: UInt64
    package var queueNanoseconds: UInt64
    /// The time in which others had the core of a compute thread.
    package var offCoreNanoseconds: UInt64
}
