import Cluster
import Plan
import Record

/// On which hosts the workers of a point computed, and with what.
struct WorkerHosts {
    /// Of workers that all compute here with the same instruction set, the record says all of it elsewhere.
    private let areRecorded: Bool
    private var hosts: [WorkerHost] = []

    init(_ plan: RunPlan) {
        areRecorded = !plan.launch.isLocal || plan.instructionSet?.isMixed == true
    }

    /// Notes the workers of a replicate, those that replaced others too.
    mutating func note(_ origins: [WorkerOrigin], replicate: Int) {
        guard areRecorded else { return }
        for origin in origins {
            let host = WorkerHost(
                worker: origin.ordinal,
                replicate: replicate,
                host: origin.host,
                processor: origin.processor,
                instructionSet: origin.instructionSet
            )
            guard hosts.last(where: { $0.worker == host.worker })?.isSame(as: host) != true else {
                continue
            }
            hosts.append(host)
        }
    }

    var recorded: [WorkerHost]? { hosts.isEmpty ? nil : hosts }
}
