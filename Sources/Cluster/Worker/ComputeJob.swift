import Attention
import Scheduling
import Work

/// What the I/O thread of a worker asks of its compute threads.
enum ComputeJob: Sendable {
    /// Fill query, key and value from the generator if they are made here, then say so. The shards
    /// that follow are of this workload; those before it, even when they still wait, are not.
    case prepare(ComputeWorkload)
    case shard(ShardJob)
    case stop
}

struct ShardJob: Sendable {
    var task: WorkerTask
    /// What came for the task's trial alone, if anything did.
    var inputs: TrialInputs?
    /// When the task arrived, by this process's clock.
    var arrivalNanoseconds: UInt64

    var identity: TaskIdentity { task.identity }
    var shard: Shard { task.shard }
}

/// How far a shard has come: its first `byteCount` bytes of output stand and change no more.
struct PartialOutput: Sendable {
    var job: ShardJob
    var byteCount: Int
}

/// What the compute threads answer.
enum ComputeOutcome: Sendable {
    case prepared
    case preparationFailed(reason: String)
    case computed(ShardJob, ShardTimes)
}

/// Where the time of a shard went at its worker.
struct ShardTimes: Equatable, Sendable {
    var computeNanoseconds: UInt64
    var queueNanoseconds: UInt64
    /// Others had the core of a compute thread.
    var offCoreNanoseconds: UInt64
}
