import Attention
import Platform
import Wire
import Work

/// One worker's output in shared memory: first attempts are written where outputs are gathered, later
/// ones to memory of the worker's own, from which the coordinator copies them.
///
/// The coordinator fills memory with the sentinel before the worker writes, so that unwritten bytes
/// are noticed.
@safe
final class SharedOutput: OutputPlane {
    /// The outputs of all stages as this worker has them when it repeats what another was given.
    private var parts: SharedParts
    /// First attempts without an answer: no more than the worker's credit.
    private var unanswered: [TaskIdentity] = []
    /// The shards of later attempts.
    private var repeated: [TaskIdentity: PackedShard] = [:]

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
        unanswered.removeAll()
        repeated.removeAll()
        try parts.add(byteCount: StageLayout(problem).byteCount)
        message.sharedOutputOffset = parts.offset
    }

    /// Maps the room of a worker that is ready; frees the memory of former workloads.
    func open() throws(RunError) { try parts.open(isFaultedIn: false) }

    var isLate: Bool { !unanswered.isEmpty }

    func mayWrite(_ task: TaskIdentity) -> Bool {
        unanswered.contains { $0.trial == task.trial && $0.shard == task.shard }
    }

    func expect(_ task: TaskIdentity, _ shard: PackedShard) {
        guard task.isRepeated else {
            unanswered.append(task)
            return
        }
        repeated[task] = shard
        shard.forEachPiece(of: 0..<shard.byteCount) { packed, tensorOffset in
            let first = shard.stageOffset + tensorOffset
            parts.fill(first..<first + packed.count)
        }
    }

    func noteAnswer(to task: TaskIdentity) {
        guard task.isRepeated else {
            unanswered.removeAll { $0 == task }
            return
        }
        repeated[task] = nil
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
        guard task.isRepeated else {
            return assembly.noteWritten(task.shard) == .misfit ? nil : 0
        }
        guard let base = unsafe parts.base, unsafe assembly.place(task.shard, from: base) != .misfit
        else { return nil }
        return assembly.byteCount(ofShard: task.shard)
    }
}
