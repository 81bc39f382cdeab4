import Attention
import Platform
import Wire

/// The worker's end of the way in which output comes back: the memory that it writes, and what of
/// it is sent.
struct WorkerOutput: ~Copyable {
    /// The outputs of all stages, each `[slice][row][column]`, not touched yet.
    let slab: Slab
    /// Whether the output leaves in OUTPUT messages, each as soon as it can.
    private let isSent: Bool

    /// The end that `workload` asks for; `memory` is what the worker inherited.
    init(_ workload: Workload, memory: Int32?) throws(RunError) {
        let byteCount = StageLayout(workload.problem).byteCount
        isSent = workload.sharedOutputOffset == nil
        guard let offset = workload.sharedOutputOffset else {
            slab = try RunError.environment { () throws(AttentionError) in
                try AttentionInputs.slab(.output, byteCount: byteCount, isTouched: false)
            }
            return
        }
        let end = offset + byteCount
        guard let memory, System.byteCount(of: memory).map({ $0 >= end }) == true else {
            throw RunError(
                .environment,
                "this worker has no shared memory of \(end) bytes for its output"
            )
        }
        guard let slab = Slab(sharing: memory, at: offset, byteCount: byteCount) else {
            let error = AttentionError.outOfMemory(tensor: .output, byteCount: byteCount)
            throw RunError(.environment, "\(error)")
        }
        self.slab = slab
    }

    /// How many chunks of a shard are sent.
    func sentChunkCount(of shard: PackedShard) -> Int { isSent ? shard.chunkCount : 0 }

    /// How many slices are computed before the next are begun: output that the coordinator reads in
    /// place need not be finished piece by piece.
    func slicesAtOnce(of shard: PackedShard, threads: Int) -> Int {
        isSent && !shard.isOneCall ? shard.slicesPerChunk * threads : shard.shard.slices.count
    }
}
