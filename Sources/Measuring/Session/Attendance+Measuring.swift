import Cluster
import Files
import Plan
import Platform
import Record
import Work

extension Attendance {
    /// Has the workers of the largest point come, to see how many do; nil if the plan needs all.
    ///
    /// They are sent away again. What is measured is then a plan with worker counts that can be had, and
    /// with processes that start afresh, as always. `say` gets what somebody has to know or do meanwhile.
    /// Throws when fewer come than the plan says are enough.
    static func taken(
        _ plan: RunPlan,
        _ interruption: Interruption,
        say: (String) -> Void
    ) throws(RunError) -> Attendance? {
        guard let least = plan.minWorkers, let asked = plan.workers.max(), !plan.launch.isLocal
        else { return nil }
        let network = try RunError.environment { () throws(ExperimentError) in
            try RunNetwork(plan)
        }
        let place = ClusterPlace(pinning: Pinning(), network: network)
        var configuration = place.configuration(plan, workerCount: asked, faults: [:])
        configuration.leastWorkers = least
        let cluster = try Cluster(starting: configuration, interruption: interruption)
        try cluster.awaitWorkers(say: say)
        let came = cluster.liveWorkerCount
        cluster.shutDown()
        if came < asked {
            say("\(came) of \(counted(asked, "worker")) came, so no more are asked for")
        }
        return Attendance(asked: asked, came: came)
    }
}

extension RunPlan {
    /// The plan with the worker counts that can be had: none twice, and none above `most`.
    func with(atMost most: Int?) -> RunPlan {
        guard let most else { return self }
        var plan = self
        var counts: [Int] = []
        for count in plan.workers.map({ min($0, most) }) where !counts.contains(count) {
            counts.append(count)
        }
        plan.workers = counts
        if let least = plan.minWorkers { plan.minWorkers = min(least, most) }
        return plan
    }
}
