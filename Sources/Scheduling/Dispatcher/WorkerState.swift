/// How the coordinator sees a worker that has joined.
package enum WorkerState: String, Hashable, Sendable {
    /// Healthy and without a task.
    case ready
    /// Healthy and with at least one task.
    case busy
    /// Silent for a while: keeps its tasks, gets no new ones, and others do them too.
    case suspect
    /// Gone for good, by itself or by us.
    case gone
}
