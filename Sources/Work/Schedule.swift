/// How shards find their workers.
package enum Schedule: String, Hashable, Sendable, CaseIterable {
    /// Whoever is free takes the next shard; large shards come first, small ones last.
    case dynamic
    /// Every shard has an owner before the trial starts.
    case fixed = "static"
}
