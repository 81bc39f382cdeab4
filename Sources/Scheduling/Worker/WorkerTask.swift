/// A shard as a worker is told of it.
package struct WorkerTask: Hashable, Sendable {
    package var identity: TaskIdentity
    package var slices: Range<Int>
    package var rows: Range<Int>
    /// Bytes of input sent to this worker in this trial before the task.
    ///
    /// Messages arrive in order, so a worker that has received another number has lost some.
    package var precedingBytes: UInt64

    package init(
        identity: TaskIdentity,
        slices: Range<Int>,
        rows: Range<Int>,
        precedingBytes: UInt64
    ) {
        self.identity = identity
        self.slices = slices
        self.rows = rows
        self.precedingBytes = precedingBytes
    }
}
