import Attention
import Wire
import Work

/// The output of one worker comes in OUTPUT messages.
final class MessageOutput: OutputPlane {
    /// The output bytes that have arrived so far for each unanswered task.
    private var arrivedBytes: [TaskIdentity: Int] = [:]

    func load(_ problem: AttentionProblem, _ message: inout Workload) {}
    func open() {}
    func prepareTrial() { arrivedBytes.removeAll() }
    func expect(_ task: TaskIdentity, _ shard: PackedShard) {}

    func place(
        _ payload: Span<UInt8>,
        of output: OutputMessage,
        in assembly: inout OutputAssembly
    ) -> OutputAssembly.Placement? {
        arrivedBytes[output.task, default: 0] += payload.count
        return assembly.place(payload, shard: output.task.shard, byteOffset: output.byteOffset)
    }

    /// The whole output must have arrived, each place once.
    func complete(_ task: TaskIdentity, in assembly: inout OutputAssembly) -> Int? {
        let isAllThere =
            arrivedBytes[task] == assembly.byteCount(ofShard: task.shard)
            && assembly.isComplete(task.shard)
        return isAllThere ? 0 : nil
    }

    func noteAnswer(to task: TaskIdentity) { arrivedBytes[task] = nil }
}
