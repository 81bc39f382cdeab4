import Cluster
import Platform
import Record

/// The faults of a point's clusters, each with the round in which it happened.
struct FaultLog {
    /// When the run began, by this process's clock.
    private let start: Duration
    /// The faults of the earlier clusters.
    private var former: [Fault] = []
    /// The round of each trial, by the current cluster's trial number.
    private var rounds: [Int: (round: Int, isWarmup: Bool)] = [:]

    init(since startNanoseconds: UInt64) { start = .nanoseconds(Int64(startNanoseconds)) }

    mutating func noteNextTrial(of cluster: Cluster, round: Int, isWarmup: Bool) {
        rounds[cluster.trialCount + 1] = (round, isWarmup)
    }

    /// Takes the faults of a cluster that is about to end.
    mutating func noteEnd(of cluster: Cluster) {
        former = faults(with: cluster)
        rounds.removeAll()
    }

    /// Everything that went wrong, in the form of the record.
    func faults(with cluster: Cluster?) -> [Fault] {
        guard let cluster else { return former }
        return former
            + cluster.faults.flatMap { fault in
                let place = fault.trial.flatMap { rounds[$0] }
                let shards: [Int?] = fault.shards.isEmpty ? [nil] : fault.shards.map { $0 }
                return shards.map { shard in
                    Fault(
                        worker: fault.ordinal,
                        shard: shard,
                        reason: "\(fault.reason)",
                        trial: place.map { $0.round + 1 },
                        isWarmup: place?.isWarmup ?? false,
                        seenNanoseconds: Self.nanoseconds(fault.time - start),
                        delayNanoseconds: fault.delay.map(Self.nanoseconds)
                    )
                }
            }
    }

    private static func nanoseconds(_ duration: Duration) -> UInt64 {
        UInt64(max(duration / .nanoseconds(1), 0))
    }
}
