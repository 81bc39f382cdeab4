/// The fastest trials of every replicate.
///
/// Disturbances on a shared machine only make trials longer, so the fastest trials were disturbed
/// least. They are a second estimate for cases where the medians give an impossible figure.
enum FastEnd {
    /// The fastest third of each replicate's samples, at least one sample.
    static func of(_ samples: [ReplicateSample]) -> [ReplicateSample] {
        Dictionary(grouping: samples, by: \.replicate).values.flatMap { group in
            group.sorted { $0.nanoseconds < $1.nanoseconds }.prefix(max(group.count / 3, 1))
        }
    }
}
