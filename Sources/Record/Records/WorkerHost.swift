import Attention
import Files
import Plan

/// Where a worker of a point computed, and with what.
package struct WorkerHost: Codable, Equatable, Sendable {
    /// Counted from 0.
    package var worker: Int
    /// The replicate, counted from 0, from which on it did.
    package var replicate: Int
    /// The name of its host, as the worker said it; absent if it did not.
    package var host: String?
    /// The name of its processor, likewise.
    package var processor: String?
    package var instructionSet: InstructionSet

    package init(
        worker: Int,
        replicate: Int,
        host: String?,
        processor: String?,
        instructionSet: InstructionSet
    ) {
        self.worker = worker
        self.replicate = replicate
        self.host = host
        self.processor = processor
        self.instructionSet = instructionSet
    }

    /// Whether it is the same but for when.
    package func isSame(as other: Self) -> Bool {
        (worker, host, processor, instructionSet)
            == (other.worker, other.host, other.processor, other.instructionSet)
    }
}

extension WorkerHost {
    /// The most places of one worker in a replicate: workers are replaced three times at most.
    private static let mostInReplicate = 4

    static func validate(
        _ hosts: [WorkerHost],
        _ place: RecordPlace,
        _ plan: RunPlan,
        workers: Int
    ) throws(ExperimentError) {
        var counts: [[Int]: Int] = [:]
        for (index, host) in hosts.enumerated() {
            let item = place.item("hosts", index)
            try host.validate(item, plan, workers: workers)
            let count = counts[[host.worker, host.replicate], default: 0] + 1
            counts[[host.worker, host.replicate]] = count
            try item.key("worker").require(
                count <= mostInReplicate,
                "has more than \(mostInReplicate) places in replicate \(host.replicate)",
                expected: "at most as many as workers are started in a replicate"
            )
        }
    }

    private func validate(
        _ place: RecordPlace,
        _ plan: RunPlan,
        workers: Int
    ) throws(ExperimentError) {
        try place.requireCount(worker, "worker", in: 0...max(0, workers - 1))
        if let choice = plan.instructionSet {
            // Those of the machine that measured, which need not be this one.
            let sets =
                choice == .own ? InstructionSet.allCases : choice.candidates(ofWorker: worker)
            try place.key("instructionSet").require(
                sets.contains(instructionSet),
                "is \(instructionSet.rawValue), but the plan has \(choice)",
                expected: sets.map(\.rawValue).joined(separator: " or ")
            )
        }
        try place.requireCount(replicate, "replicate", in: 0...RunPlan.largestReplicateCount)
        for (key, name) in [("host", host), ("processor", processor)] {
            try place.key(key).require(
                name.map { (1...256).contains($0.utf8.count) } ?? true,
                "has \(name?.utf8.count ?? 0) bytes",
                expected: "1 to 256 bytes"
            )
        }
    }
}
