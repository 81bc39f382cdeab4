import Attention
import Platform
import Wire
import Work

/// The worker's end of the way in which output comes back: the memory that it writes, and what of
/// it is sent.
@safe
struct WorkerOutput: ~Copyable {
    /// The outputs of all stages, each `[slice][row][column]`, of attempts that are sent, or that repeat
    /// what another worker was given; not touched yet.
    private let own: Slab
    /// The same where the outputs of all workers are gathered; nil if output is sent.
    private let gathered: Slab?
    @unsafe private let gatheredBase: UnsafeMutableRawPointer?
    /// Whether the output leaves in OUTPUT messages, each as soon as it can.
    private let isSent: Bool

    /// The end that `workload` asks for; `memory` is what the worker inherited.
    init(_ workload: Workload, memory: WorkerMemory) throws(RunError) {
        let byteCount = StageLayout(workload.problem).byteCount
        guard let offset = workload.sharedOutputOffset else {
            own = try RunError.environment { () throws(AttentionError) in
                try AttentionInputs.slab(.output, byteCount: byteCount, isTouched: false)
            }
            gathered = nil
            unsafe gatheredBase = nil
            isSent = true
            return
        }
        guard let common = workload.gatheredOffset else {
            throw RunError(.environment, "the workload shares outputs, but has no gatheredOffset")
        }
        let rest = try Self.slab(memory.output, at: offset, byteCount, isFaultedIn: false)
        // The coordinator has touched the pages, so mapping them all takes no time.
        let slab = try Self.slab(memory.gathered, at: common, byteCount, isFaultedIn: true)
        unsafe gatheredBase = slab.base
        own = rest
        gathered = consume slab
        isSent = false
    }

    private static func slab(
        _ memory: Int32?,
        at offset: Int,
        _ byteCount: Int,
        isFaultedIn: Bool
    ) throws(RunError) -> Slab {
        let end = offset + byteCount
        guard let memory, System.byteCount(of: memory).map({ $0 >= end }) == true else {
            throw RunError(
                .environment,
                "this worker has no shared memory of \(end) bytes for its output"
            )
        }
        guard
            let slab = Slab(
                sharing: memory,
                at: offset,
                byteCount: byteCount,
                isFaultedIn: isFaultedIn
            )
        else {
            let error = AttentionError.outOfMemory(tensor: .output, byteCount: byteCount)
            throw RunError(.environment, "\(error)")
        }
        return slab
    }

    /// Where the output of a task is written, as if it were all output.
    @unsafe
    func base(_ task: TaskIdentity) -> UnsafeMutableRawPointer {
        if !task.isRepeated, let base = unsafe gatheredBase { return unsafe base }
        return unsafe own.base
    }

    /// Touches the memory of output that is sent; shared memory is touched, or rarely used.
    func touch() { if isSent { own.touch() } }

    /// How many chunks of a shard are sent.
    func sentChunkCount(of shard: PackedShard) -> Int { isSent ? shard.chunkCount : 0 }

    /// How many slices are computed before the next are begun: output that the coordinator reads in
    /// place need not be finished piece by piece.
    func slicesAtOnce(of shard: PackedShard, threads: Int) -> Int {
        isSent && !shard.isOneCall ? shard.slicesPerChunk * threads : shard.shard.slices.count
    }
}
