import Attention
import Platform
import Work

extension StandIn {
    /// Does with a task what is done instead of computing it; the task began at `start`.
    ///
    /// `pairs` are those of the shards so far: counting them takes a processor, and waiting must not.
    func `do`(
        _ task: ShardJob,
        of tensors: WorkerTensors,
        since start: UInt64,
        _ pairs: inout [Shard: Int]
    ) {
        switch self {
        case .nothing: break
        case .copying: tensors.copyRows(task)
        case .waiting:
            Clock.sleep(
                until: start + nanoseconds(pairs: self.pairs(of: task, of: tensors, &pairs))
            )
        }
    }

    /// The pairs that decide how long a task waits; `known` are those of the tasks so far.
    func pairs(
        of task: ShardJob,
        of tensors: WorkerTensors,
        _ known: inout [Shard: Int]
    ) -> Int {
        guard case .waiting(_, let nanosecondsPerPair) = self, nanosecondsPerPair > 0 else {
            return 0
        }
        if let count = known[task.shard] { return count }
        let count = tensors.visiblePairs(task)
        known[task.shard] = count
        return count
    }
}

extension WorkerTensors {
    /// Copies the task's own rows of input to its output, of which each row has as many bytes.
    func copyRows(_ task: ShardJob) {
        let (stage, shard) = (layout.stages[task.shard.stage], task.shard)
        guard let (tensor, rowBytes) = problem.rowTensor(of: stage),
            let source = unsafe inputs(of: task)[tensor],
            rowBytes == stage.columnCount * 4
        else { return }
        for slice in shard.slices {
            let first = slice * stage.rowCount + shard.rows.lowerBound
            let target = unsafe output(
                task.identity,
                stage: shard.stage,
                slice: slice,
                row: shard.rows.lowerBound
            )
            unsafe UnsafeMutableRawPointer(target)
                .copyMemory(from: source + first * rowBytes, byteCount: shard.rows.count * rowBytes)
        }
    }

    /// The (query, key) pairs that the mask shows in a task; none in one that makes no scores.
    func visiblePairs(_ task: ShardJob) -> Int {
        let stage = layout.stages[task.shard.stage]
        var pairs = unsafe VisiblePairs(problem, inputs(of: task))
        return task.shard.slices.reduce(0) { sum, slice in
            sum + (unsafe pairs.count(stage, slice, task.shard.rows) ?? 0)
        }
    }
}
