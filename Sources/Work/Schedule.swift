/// How shards are cut, and how they are assigned to workers.
package enum Schedule: String, Hashable, Sendable, CaseIterable {
    /// The next free worker takes the next shard. Shards shrink by their cost; the costliest come
    /// first.
    case dynamic
    /// The next free worker takes the next shard. Shards shrink by their number of rows or slices,
    /// and stay in their order.
    case guided
    /// The next free worker takes the next shard. Shards are as small as is useful; the costliest
    /// come first.
    case cost
    /// Each worker has one stretch of the problem; all stretches cost the same.
    case fixed = "static"
    /// Each worker has one stretch of the problem; all stretches have the same number of rows or
    /// slices.
    case block
    /// Small shards, dealt to the workers in turn.
    case cyclic
    /// Each worker has one stretch of the problem; its cost is in proportion to the worker's speed
    /// in the first trials.
    case weighted

    /// Whether every shard has an owner before a trial starts.
    package var hasOwners: Bool {
        switch self {
        case .dynamic, .guided, .cost: false
        case .fixed, .block, .cyclic, .weighted: true
        }
    }

    /// The trials of new workers that tell a weighted schedule how fast they are.
    package static let trialsForSpeeds = 2
}
