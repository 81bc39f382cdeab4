import Attention
import Work

/// The layout of a shard's output on the wire, `[slices][rows][columns]`, and in the whole output of
/// its stage.
///
/// Both sides cut it in the same chunks, so that a chunk has one number.
struct PackedShard {
    let shard: Shard
    private let stage: Stage
    /// Where the output of the stage begins among those of all stages, in bytes.
    let stageOffset: Int

    init(shard: Shard, problem: AttentionProblem) {
        self.shard = shard
        stage = problem.stages[shard.stage]
        stageOffset = problem.stageOffset(shard.stage)
    }

    /// The largest piece of output in one message.
    ///
    /// The protocol allows more, but a chunk that stays in the second-level cache costs the least.
    static let chunkBytes = 512 << 10

    private var rowBytes: Int { stage.columnCount * 4 }
    private var sliceBytes: Int { shard.rows.count * rowBytes }

    package var byteCount: Int { shard.slices.count * sliceBytes }
    var chunkCount: Int { (byteCount + Self.chunkBytes - 1) / Self.chunkBytes }

    /// Whole slices that fill a chunk.
    var slicesPerChunk: Int { (Self.chunkBytes + sliceBytes - 1) / sliceBytes }
    package func byteCount(ofSlices count: Int) -> Int { count * sliceBytes }

    func chunk(_ index: Int) -> Range<Int> {
        let lower = index * Self.chunkBytes
        return lower..<min(lower + Self.chunkBytes, byteCount)
    }

    /// The offsets of a packed range's bytes in the whole output of the stage, piece by piece.
    func forEachPiece(
        of range: Range<Int>,
        _ body: (_ packed: Range<Int>, _ tensorOffset: Int) -> Void
    ) {
        if shard.rows.count == stage.rowCount {
            // Whole slices are contiguous in the tensor too.
            body(range, shard.slices.lowerBound * sliceBytes + range.lowerBound)
            return
        }
        var lower = range.lowerBound
        while lower < range.upperBound {
            let (index, offset) = lower.quotientAndRemainder(dividingBy: sliceBytes)
            let upper = min((index + 1) * sliceBytes, range.upperBound)
            let slice = shard.slices.lowerBound + index
            let firstRow = slice * stage.rowCount + shard.rows.lowerBound
            body(lower..<upper, firstRow * rowBytes + offset)
            lower = upper
        }
    }
}
