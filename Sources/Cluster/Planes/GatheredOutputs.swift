import Attention
import Platform
import Wire

/// Memory in which the outputs of all stages are gathered: workers write the first attempt of every
/// shard to its place there, and read what earlier stages wrote.
///
/// Each place has one writer at a time. A shard is handed out a second time only when its first
/// attempt is late or lost; that attempt goes to the worker's own memory. When the coordinator accepts
/// it, it first ends the worker of the first attempt, which is gone then, and copies the output here:
/// a worker may write partial sums to a place before the sum. The same holds before another trial. A
/// task is sent when all shards that it reads are accepted.
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

    /// Makes room for the outputs of all stages, and says in `message` where it is; returns where each
    /// begins.
    @unsafe
    func load(
        _ problem: AttentionProblem,
        _ message: inout Workload
    ) throws(RunError) -> [UnsafeMutableRawPointer] {
        let layout = StageLayout(problem)
        try parts.add(byteCount: layout.byteCount)
        // A worker with a task of the former workload may read zeros there; nobody reads its output.
        try parts.open()
        message.gatheredOffset = parts.offset
        guard let base = unsafe parts.base else {
            preconditionFailure("a part that was opened must have a place")
        }
        return unsafe layout.offsets.map { unsafe base + $0 }
    }

    /// Fills the memory with the sentinel, so that bytes that a worker does not write, or a task that
    /// reads too early, are noticed.
    func prepareTrial() { parts.fill() }
}
