import Cluster
import Plan
import Platform
import Work

/// Where the clusters of a run are: on which processors, and at which address.
struct ClusterPlace {
    var pinning: Pinning
    var network: RunNetwork
    /// Whether workers that only wait may share processes: a fault in one would be one in all of them.
    var sharesProcesses = true
    /// Whether the links of its workers are measured.
    var measuresLinks = false

    /// How the workers of a point are spread over processes.
    func processes(_ plan: RunPlan, workerCount: Int) -> WorkerProcesses {
        sharesProcesses
            ? plan.processes(workers: workerCount) : WorkerProcesses(workers: workerCount)
    }

    /// How a cluster of so many workers is started.
    func configuration(
        _ plan: RunPlan,
        workerCount: Int,
        faults: [Int: String]
    ) -> ClusterConfiguration {
        var configuration = ClusterConfiguration(
            workerCount: workerCount,
            workersPerProcess: processes(plan, workerCount: workerCount).perProcess,
            threads: plan.threads,
            transport: plan.transport,
            bind: network.address,
            keys: network.keys,
            credit: plan.credit,
            pinning: pinning,
            launch: plan.launch,
            sharesMemory: plan.outputRoute.sharesMemory || plan.inputPlane.sharesMemory,
            faults: faults,
            joinLimit: .seconds(plan.arrangement.joinSeconds)
        )
        configuration.measuresLinks = measuresLinks
        return configuration
    }
}
