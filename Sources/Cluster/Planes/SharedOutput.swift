import Attention
import Platform
import Wire
import Work

/// Memory to which one worker writes its output, and from which the coordinator copies it.
///
/// The coordinator fills the memory with the sentinel before the worker writes, so that unwritten
/// bytes are noticed.
@safe
final class SharedOutput: OutputPlane {
    /// The outputs of all stages as the worker has them.
    private var parts: SharedParts
    /// The tasks that the worker was given since the memory was last filled, and which are
    /// answered.
    private var tasks: [TaskIdentity: (shard: PackedShard, isAnswered: Bool)] = [:]
    private var isFilled = false

    init() throws(RunError) {
        parts = try SharedParts(
            name: "headwise-output",
            purpose: "outputs",
            remedy: "--outputs messages"
        )
    }

    var memory: InheritedMemory? {
        InheritedMemory(flag: "--output-descriptor", descriptor: parts.descriptor)
    }

    /// Makes room for the output of another workload.
    func load(_ problem: AttentionProblem, _ message: inout Workload) throws(RunError) {
        tasks.removeAll()
        isFilled = false
        try parts.add(byteCount: StageLayout(problem).byteCount)
        message.sharedOutputOffset = parts.offset
    }

    /// Maps the room of a worker that is ready; frees the memory of former workloads.
    func open() throws(RunError) { try parts.open() }

    func expect(_ task: TaskIdentity, _ shard: PackedShard) { tasks[task] = (shard, false) }

    func noteAnswer(to task: TaskIdentity) { tasks[task]?.isAnswered = true }

    /// Fills written memory with the sentinel: everything at first, then the shards of former
    /// trials.
    ///
    /// The worker may still write a shard without an answer, so that shard is filled again next
    /// time.
    func prepareTrial() {
        defer { isFilled = true }
        guard isFilled else { return parts.fill() }
        for (task, (shard, isAnswered)) in tasks {
            shard.forEachPiece(of: 0..<shard.byteCount) { packed, tensorOffset in
                let first = shard.stageOffset + tensorOffset
                parts.fill(first..<first + packed.count)
            }
            if isAnswered { tasks[task] = nil }
        }
    }

    /// No output comes in messages.
    func place(
        _ payload: Span<UInt8>,
        of output: OutputMessage,
        in assembly: inout OutputAssembly
    ) -> OutputAssembly.Placement? {
        nil
    }

    func complete(_ task: TaskIdentity, in assembly: inout OutputAssembly) -> Int? {
        guard let base = unsafe parts.base, unsafe assembly.place(task.shard, from: base) != .misfit
        else { return nil }
        return assembly.byteCount(ofShard: task.shard)
    }
}
