import Files
import Platform

/// Which processors the compute threads of a run took.
package struct PinningSummary: Codable, Equatable, Sendable {
    /// In the order in which threads take them; empty where threads are not pinned.
    package var processors: [Int]
    /// The processors among them that another run held when this one began; absent when none.
    package var shared: [Int]?
    /// Why threads are not pinned; absent where they are.
    package var obstacle: String?

    package init(_ pinning: Pinning) {
        processors = pinning.processors
        shared = pinning.shared.isEmpty ? nil : pinning.shared
        obstacle = pinning.obstacle
    }
}

extension PinningSummary {
    func validate(_ place: RecordPlace) throws(ExperimentError) {
        try place.key("processors").require(
            processors.allSatisfy { (0...Affinity.largestProcessor).contains($0) }
                && Set(processors).count == processors.count,
            "is \(processors)",
            expected: "different numbers of processors from 0 to \(Affinity.largestProcessor)"
        )
        let shared = shared ?? []
        try place.key("shared").require(
            Set(shared).count == shared.count && Set(shared).isSubset(of: processors),
            "is \(shared)",
            expected: "different processors of this run"
        )
        try place.key("obstacle").require(
            processors.isEmpty == (obstacle != nil),
            obstacle == nil
                ? "is missing, although there are no processors"
                : "is “\(obstacle ?? "")”, although there are processors",
            expected: "a reason exactly where threads are not pinned"
        )
    }
}

extension RunRecord {
    /// How much CPU time the threads of this run could use, in CPUs: see `HostDescription`.
    var usableCPUs: Double { plan.usableCPUs(of: host.usableCPUs) }

    /// The number of its threads that can run at once and are never stopped by a limit; at least 1.
    package var usableCPUCount: Int { max(1, Int(usableCPUs)) }
}
