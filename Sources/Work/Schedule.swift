/// How shards are assigned to workers.
package enum Schedule: String, Hashable, Sendable, CaseIterable {
    /// The next free worker takes the next shard; large shards come first, small ones last.
    case dynamic
    /// Every shard has an owner before the trial starts.
    case fixed = "static"
}
