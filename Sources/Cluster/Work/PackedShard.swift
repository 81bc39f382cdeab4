import Attention
import Work

/// The layout of a shard's output on the wire, `[slices][rows][columns]`, and in the whole output of
/// its stage.
///
/// Both sides cut it in the same chunks, so that a chunk has one number.
///
/// It holds numbers alone: one is copied for each task.
struct PackedShard {
    let shard: Shard
    /// Where the output of the stage begins among those of all stages, in bytes.
    let stageOffset: Int
    /// Whether all slices are computed together: a layer's heads share one product.
    let isOneCall: Bool
    private let rowCount: Int
    private let columnCount: Int
    private let interleaved: Int

    init(_ shard: Shard, in layout: StageLayout) {
        let stage = layout.stages[shard.stage]
        self.shard = shard
        stageOffset = layout.offsets[shard.stage]
        isOneCall = stage.work == .heads
        rowCount = stage.rowCount
        columnCount = stage.columnCount
        interleaved = stage.interleaved
    }

    /// The largest piece of output in one message.
    ///
    /// The protocol allows more, but a chunk that stays in the second-level cache costs the least.
    static let chunkBytes = 512 << 10

    private var rowBytes: Int { columnCount * 4 }
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

    /// Whether the shard's output is contiguous in that of the stage.
    ///
    /// It is for whole slices with all that stand side by side with them. Such output is packed in the
    /// order of memory.
    private var isContiguous: Bool {
        shard.rows.count == rowCount
            && shard.slices.lowerBound.isMultiple(of: interleaved)
            && shard.slices.upperBound.isMultiple(of: interleaved)
    }

    /// The offsets of a packed range's bytes in the whole output of the stage, piece by piece.
    func forEachPiece(
        of range: Range<Int>,
        _ body: (_ packed: Range<Int>, _ tensorOffset: Int) -> Void
    ) {
        if isContiguous {
            body(range, shard.slices.lowerBound * sliceBytes + range.lowerBound)
            return
        }
        var lower = range.lowerBound
        while lower < range.upperBound {
            let (index, offset) = lower.quotientAndRemainder(dividingBy: sliceBytes)
            let (row, rest) = offset.quotientAndRemainder(dividingBy: rowBytes)
            // Rows of one slice follow each other, unless other slices stand between them.
            let end = interleaved == 1 ? sliceBytes : (row + 1) * rowBytes
            let upper = min(index * sliceBytes + end, range.upperBound)
            let slice = shard.slices.lowerBound + index
            let first = Stage.offset(
                slice: slice,
                row: shard.rows.lowerBound + row,
                rowCount: rowCount,
                columnCount: columnCount,
                interleaved: interleaved
            )
            body(lower..<upper, first * 4 + rest)
            lower = upper
        }
    }
}
