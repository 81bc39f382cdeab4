import Cluster
import Platform
import Record

/// The faults of a point's clusters, each with the round in which it happened.
struct FaultLog {
    /// When the run began, by this process's clock.
    private let start: Duration
    /// The faults of the earlier clusters.
    private var former: [Fault] = []
    /// What a trial is for, and in which round it was, from 0.
    enum Occasion {
        case measured(Int)
        case warmup(Int)
        case proof
        case traced
    }

    /// The occasion of each trial, by the current cluster's trial number.
    private var occasions: [Int: Occasion] = [:]

    init(since startNanoseconds: UInt64) { start = .nanoseconds(Int64(startNanoseconds)) }

    mutating func noteNextTrial(of cluster: Cluster, _ occasion: Occasion) {
        occasions[cluster.trialCount + 1] = occasion
    }

    /// Takes the faults of a cluster that is about to end.
    mutating func noteEnd(of cluster: Cluster) {
        former = faults(with: cluster)
        occasions.removeAll()
    }

    /// Everything that went wrong, in the form of the record.
    func faults(with cluster: Cluster?) -> [Fault] {
        guard let cluster else { return former }
        return former
            + cluster.faults.flatMap { fault in
                let occasion = fault.trial.flatMap { occasions[$0] }
                let shards: [Int?] = fault.shards.isEmpty ? [nil] : fault.shards.map { $0 }
                return shards.map { shard in
                    Fault(
                        worker: fault.ordinal,
                        shard: shard,
                        reason: "\(fault.reason)",
                        trial: occasion?.trial,
                        isWarmup: occasion?.isWarmup ?? false,
                        apart: occasion?.apart,
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

extension FaultLog.Occasion {
    fileprivate var trial: Int? {
        switch self {
        case .measured(let round), .warmup(let round): round + 1
        case .proof, .traced: nil
        }
    }

    fileprivate var isWarmup: Bool {
        if case .warmup = self { return true }
        return false
    }

    fileprivate var apart: Fault.Apart? {
        switch self {
        case .measured, .warmup: nil
        case .proof: .proof
        case .traced: .traced
        }
    }
}
