/// What a worker says about itself at regular times.
package struct Heartbeat: Hashable, Sendable {
    /// The task being computed, if any.
    package var task: TaskIdentity?
    /// Grows whenever anything advances: rows computed, bytes received, outputs sent.
    ///
    /// A worker that holds tasks while this stands still is wedged.
    package var progress: UInt64
    /// Whether the compute threads are at work.
    package var isComputing: Bool

    package init(task: TaskIdentity? = nil, progress: UInt64, isComputing: Bool) {
        self.task = task
        self.progress = progress
        self.isComputing = isComputing
    }
}
