import Cluster
import Record

/// The faults of a point's clusters, each with the round in which it happened.
struct FaultLog {
    /// The faults of the earlier clusters.
    private var former: [Fault] = []
    /// The round of each trial, by the current cluster's trial number.
    private var rounds: [Int: (round: Int, isWarmup: Bool)] = [:]

    mutating func noteTrial(of cluster: Cluster, round: Int, isWarmup: Bool) {
        rounds[cluster.trialCount] = (round, isWarmup)
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
                        trial: place?.round,
                        isWarmup: place?.isWarmup ?? false
                    )
                }
            }
    }
}
