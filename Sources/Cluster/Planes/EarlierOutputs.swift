import Attention
import Platform

/// Where a cluster gathers the outputs of stages.
///
/// It must live as long as the cluster's socket.
struct OutputMemory {
    /// Where workers write them; nil where processes share no memory.
    let gathered: GatheredOutputs?
    /// Where those of earlier stages come in messages.
    let sent = EarlierOutputs()

    init(sharesMemory: Bool) throws(RunError) {
        gathered = sharesMemory ? try GatheredOutputs() : nil
    }
}

/// Memory in which the coordinator gathers the outputs of earlier stages, and from which it sends them,
/// where workers do not write them to their place.
///
/// What it gave out stays until its end: messages to a worker that died may still refer to it. A class,
/// since a cluster and its workloads share it.
@safe
final class EarlierOutputs {
    private var blocks: [Block] = []

    /// A class, since an array cannot hold a slab.
    private final class Block {
        let slab: Slab

        init(_ slab: consuming Slab) { self.slab = slab }
    }

    /// Room for the outputs of all stages but the last; it is that of the former workload if that is
    /// large enough.
    @unsafe
    func memory(for layout: StageLayout) throws(RunError) -> UnsafeMutableRawPointer {
        let count = layout.earlierByteCount
        if let last = blocks.last, last.slab.byteCount >= count { return unsafe last.slab.base }
        let block = try RunError.environment { () throws(AttentionError) in
            let tensor = layout.earlierTensors.last?.tensor ?? .heads
            return Block(try AttentionInputs.slab(tensor, byteCount: count))
        }
        blocks.append(block)
        return unsafe block.slab.base
    }
}
