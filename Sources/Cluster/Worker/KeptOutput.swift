import Work

/// The outputs of a worker with the injected fault `stale`: computed in the first trial, and copied
/// into the output of all later ones instead of computing.
struct KeptOutput {
    private var pieces: [Shard: [(offset: Int, bytes: [UInt8])]] = [:]

    /// Keeps the output of a task's shard, unless there is one.
    mutating func take(_ task: ShardJob, of tensors: WorkerTensors) {
        let shard = task.shard
        guard pieces[shard] == nil else { return }
        var found: [(offset: Int, bytes: [UInt8])] = []
        let packed = PackedShard(shard, in: tensors.layout)
        packed.forEachPiece(of: 0..<packed.byteCount) { piece, offset in
            let first = packed.stageOffset + offset
            let bytes = unsafe tensors.outputBytes(task.identity, first..<first + piece.count)
            found.append((first, unsafe Array(bytes)))
        }
        pieces[shard] = found
    }

    /// Puts a shard's output in place; false when none was kept.
    func put(_ task: ShardJob, into tensors: WorkerTensors) -> Bool {
        guard let found = pieces[task.shard] else { return false }
        for (offset, bytes) in found { tensors.putOutput(task.identity, bytes, at: offset) }
        return true
    }
}
