/// A speedup per thread of more than one.
///
/// This is possible, because smaller shards may fit the caches better. But a disturbance of the
/// base case that spares the cluster looks the same. So two estimators must agree: the medians, and
/// the fast ends, which are disturbed least. If only one of them shows it, the figure is
/// impossible.
package struct SuperlinearSpeedup: Equatable, Sendable {
    /// Speedup per thread, by the medians and by the fastest third of the trials.
    package var efficiency: Estimate
    package var fastEfficiency: Estimate

    /// A factor up to this size is measurement error and has no meaning.
    private static let margin = 1.02

    /// Nil unless the medians, with their interval, say that the cluster of so many threads is faster
    /// than that many times the base case; `work` is how many times the base case's work it does.
    ///
    /// Where too few samples give no interval, nothing is said that could be wrong.
    package init?(
        base: [ReplicateSample],
        cluster: [ReplicateSample],
        threads: Int,
        work: Double = 1
    ) {
        func efficiency(_ base: [ReplicateSample], _ cluster: [ReplicateSample]) -> Estimate? {
            MedianRatio.estimate(base, over: cluster)?.scaled(by: work).divided(by: Double(threads))
        }
        guard let median = efficiency(base, cluster), Self.isAboveOne(median),
            let fast = efficiency(FastEnd.of(base), FastEnd.of(cluster))
        else { return nil }
        self.efficiency = median
        fastEfficiency = fast
    }

    /// Whether the fast ends show it, too.
    package var isProved: Bool { Self.isAboveOne(fastEfficiency) }

    /// Why the figure cannot be believed; no full stop.
    package var refusal: String {
        "the efficiency of \(Self.text(efficiency)) is above 100 %, but the fastest third of the "
            + "trials gives \(Self.text(fastEfficiency)): something disturbed the base case, but "
            + "not the cluster"
    }

    private static func isAboveOne(_ estimate: Estimate) -> Bool {
        (estimate.lowerBound ?? 0) > margin
    }

    private static func text(_ estimate: Estimate) -> String {
        guard let lower = estimate.lowerBound, let upper = estimate.upperBound else {
            return Figures.percent(estimate.value)
        }
        return "\(Figures.percent(estimate.value)) (\(Figures.percent(lower)) to "
            + "\(Figures.percent(upper)))"
    }
}
