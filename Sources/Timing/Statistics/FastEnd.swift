/// The fastest trials of every replicate.
///
/// What disturbs a shared machine only ever adds to a trial, so the fastest are those that it left
/// alone most: a second witness where the medians say something that cannot be.
enum FastEnd {
    /// The fastest third of each replicate's samples, one at least.
    static func of(_ samples: [ReplicateSample]) -> [ReplicateSample] {
        Dictionary(grouping: samples, by: \.replicate).values.flatMap { group in
            group.sorted { $0.nanoseconds < $1.nanoseconds }.prefix(max(group.count / 3, 1))
        }
    }
}
