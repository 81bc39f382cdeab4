/// What a result would be if it came now.
package enum TaskStanding: Hashable, Sendable {
    /// The first of its shard.
    case awaited
    /// The shard has one already.
    case duplicate
    case stale(StaleReason)
}
