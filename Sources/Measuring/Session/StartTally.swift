import Cluster
import Record

/// How long the workers of a point took to start, in each of its clusters.
struct StartTally {
    private var starts: [WorkerStart] = []

    /// Notes a cluster that has its workload, if all workers came.
    mutating func note(_ cluster: Cluster) {
        guard cluster.isWhole, let join = cluster.joinNanoseconds,
            let preparation = cluster.preparationNanoseconds
        else { return }
        starts.append(
            WorkerStart(joinNanoseconds: join, preparationNanoseconds: preparation)
        )
    }

    /// As the record has them.
    var recorded: [WorkerStart]? { starts.isEmpty ? nil : starts }
}
