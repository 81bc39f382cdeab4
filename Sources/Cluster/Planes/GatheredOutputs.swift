import Attention
import Platform
import Wire

/// Memory in which the coordinator gathers the outputs of earlier stages, and where all workers read
/// them.
///
/// Only the coordinator writes it, when it accepts a shard: what a lost worker still writes lands in
/// that worker's own memory. A task is sent when all shards that it reads are accepted, and later
/// results of a shard are compared, not written; so nothing changes while it is read.
///
/// A class, since a cluster and its workload share it.
@safe
final class GatheredOutputs {
    private var parts: SharedParts

    init() throws(RunError) {
        parts = try SharedParts(
            name: "headwise-gathered",
            purpose: "outputs",
            remedy: "--outputs messages"
        )
    }

    var memory: InheritedMemory {
        InheritedMemory(flag: "--gathered-descriptor", descriptor: parts.descriptor)
    }

    /// Makes room for the outputs of all stages but the last, and says in `message` where it is;
    /// returns where each begins.
    @unsafe
    func load(
        _ problem: AttentionProblem,
        _ message: inout Workload
    ) throws(RunError) -> [UnsafeMutableRawPointer] {
        let layout = StageLayout(problem)
        try parts.add(byteCount: layout.earlierByteCount)
        // A worker with a task of the former workload may read zeros there; nobody reads its output.
        try parts.open()
        message.gatheredOffset = parts.offset
        guard let base = unsafe parts.base else {
            preconditionFailure("a part that was opened must have a place")
        }
        return unsafe layout.offsets.dropLast().map { unsafe base + $0 }
    }

    /// Fills the memory with the sentinel, so that a task that reads too early is noticed.
    func prepareTrial() { parts.fill() }
}
