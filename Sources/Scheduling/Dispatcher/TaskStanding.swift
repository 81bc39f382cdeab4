/// How a result would be treated if it came now.
package enum TaskStanding: Hashable, Sendable {
    /// The first result of its shard.
    case awaited
    /// The shard already has a result.
    case duplicate
    case stale(StaleReason)
}
