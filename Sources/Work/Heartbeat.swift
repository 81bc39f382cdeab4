/// What a worker reports about itself at regular intervals.
package struct Heartbeat: Hashable, Sendable {
    /// The task that the worker computes, if any.
    package var task: TaskIdentity?
    /// Grows whenever anything advances: rows computed, bytes received, outputs sent.
    ///
    /// A worker that holds tasks while this number does not change is stuck.
    package var progress: UInt64
    /// Whether the compute threads are at work.
    package var isComputing: Bool

    package init(task: TaskIdentity? = nil, progress: UInt64, isComputing: Bool) {
        self.task = task
        self.progress = progress
        self.isComputing = isComputing
    }
}
