import Attention
import Files

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
    func validate(_ place: RecordPlace, workers: Int) throws(ExperimentError) {
        try place.requireCount(worker, "worker", in: 0...max(0, workers - 1))
        try place.requireCount(replicate, "replicate", in: 0...Int(Int32.max))
        for (key, name) in [("host", host), ("processor", processor)] {
            try place.key(key).require(
                name.map { (1...256).contains($0.utf8.count) } ?? true,
                "has \(name?.utf8.count ?? 0) bytes",
                expected: "1 to 256 bytes"
            )
        }
    }
}
