/// A shard to compute in one trial: what the coordinator asks of a worker.
package struct WorkerTask: Hashable, Sendable {
    package var identity: TaskIdentity
    package var shard: Shard
    /// Bytes of input sent to this worker in this trial before the task.
    ///
    /// Messages arrive in order, so a worker that has received a different number of bytes has lost
    /// some.
    package var precedingBytes: UInt64

    package init(identity: TaskIdentity, shard: Shard, precedingBytes: UInt64 = 0) {
        self.identity = identity
        self.shard = shard
        self.precedingBytes = precedingBytes
    }
}
