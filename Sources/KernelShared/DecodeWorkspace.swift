// State shared by the passes of decoding: running softmax, scratch memory, blocks and turns.

#if ISA_BASELINE || arch(x86_64)

/// The most rows of a call: a query block of the widest vectors.
let decodeRows = 64
/// From this number of rows on, lanes that are rows are as fast.
#if ISA_AVX512
let manyRows = 10
#elseif ISA_AVX2
let manyRows = 5
#else
let manyRows = 4
#endif
/// The most rows of this kernel.
let fewRows = manyRows - 1

/// The number of keys that all rows use before the next keys are read.
///
/// They are few enough to stay in the first-level cache with the rows' outputs, and they fill whole
/// vectors of every instruction set.
let turnKeys = 16
/// The blocks of a span.
let spanBlocks = spanKeys / keyBlock
/// The distance from a row's query or output to the next row's.
///
/// `scoreStride` is the same for scores. Powers of two would put all rows into the same few sets of
/// the cache.
let rowStride = maximumDimension + 16
let scoreStride = spanKeys + 16

/// The vector for the columns from `offset(slot)` on.
///
/// If a row does not fill its last vector, that vector begins earlier and holds some columns twice.
@inline(__always)
func offset(_ slot: Int, _ dimension: Int) -> Int {
    max(0, min(slot &* lanes, dimension &- lanes))
}

@inline(__always)
func slotCount(_ dimension: Int) -> Int { (dimension &+ lanes &- 1) / lanes }

/// Columns of a row from `offset(slot)` on; zeros beyond a row shorter than a vector.
@inline(__always)
func columnsOf(_ row: UnsafePointer<Float>, _ slot: Int, _ dimension: Int) -> Vec {
    dimension < lanes ? shortRow(row, dimension) : row.vec(offset(slot, dimension))
}

@inline(never)
func shortRow(_ row: UnsafePointer<Float>, _ dimension: Int) -> Vec {
    var x = splat(0)
    for e in 0..<dimension { x[e] = row[e] }
    return x
}

/// The running softmax of the rows of a call: o is `[rows, rowStride]`.
struct DecodeState {
    let maximum: UnsafeMutablePointer<Float>
    let sum: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>

    static let floats = (2 + rowStride) * fewRows

    init(_ base: UnsafeMutablePointer<Float>) {
        maximum = base
        sum = base + fewRows
        output = base + 2 * fewRows
    }

    @inline(__always)
    func clear(rows: Int, slots count: Int) {
        for row in 0..<rows {
            maximum[row] = -.infinity
            sum[row] = 0
            for slot in 0..<count { put(row, slot, splat(0)) }
        }
    }

    @inline(__always)
    func vec(_ row: Int, _ slot: Int) -> Vec { output.vec(row &* rowStride &+ slot &* lanes) }

    @inline(__always)
    func put(_ row: Int, _ slot: Int, _ x: Vec) { output.put(row &* rowStride &+ slot &* lanes, x) }
}

/// Scratch memory of a decode call: the same bytes as `Workspace`, cut differently.
struct DecodeWorkspace {
    /// [rows, rowStride], times scale·log₂e.
    let query: UnsafeMutablePointer<Float>
    let total: DecodeState
    let span: DecodeState
    /// [rows, scoreStride]: scores, then weights.
    let scores: UnsafeMutablePointer<Float>
    /// [D, lanes]: some keys, column by column.
    let columns: UnsafeMutablePointer<Float>
    /// [rows, spanBlocks]: α of each block.
    let decays: UnsafeMutablePointer<Float>
    /// [spanBlocks, lanes]: the largest scores of one row in each block.
    let largest: UnsafeMutablePointer<Float>
    /// [spanBlocks] each, of one row: the running maximum with the block, the number to subtract,
    /// and the sum of the block's weights.
    let blockMaxima: UnsafeMutablePointer<Float>
    let blockSafe: UnsafeMutablePointer<Float>
    let blockSums: UnsafeMutablePointer<Float>
    /// The blocks of the span that some row sees.
    let blocks: UnsafeMutablePointer<DecodeBlock>
    /// [blocks, rows]: the keys of the block that each row sees.
    let keys: UnsafeMutablePointer<KeySet>
    let cursors: UnsafeMutablePointer<Int32>
    let seen: UnsafeMutablePointer<Int32>
    /// 0, 1, 2, … and 1, 2, 4, …: the number and the bit of each lane.
    let ramp: UnsafeMutablePointer<Int32>
    let laneBits: UnsafeMutablePointer<Int32>

    static let bytes =
        4 * (rowStride + scoreStride + spanBlocks + 2) * fewRows
        + 4 * ((maximumDimension + spanBlocks) * lanes + 3 * spanBlocks) + 8 * DecodeState.floats
        + MemoryLayout<DecodeBlock>.stride * spanBlocks
        + MemoryLayout<KeySet>.stride * spanBlocks * fewRows + 8 * lanes

    init(_ base: UnsafeMutableRawPointer) {
        query = base.assumingMemoryBound(to: Float.self)
        total = DecodeState(query + rowStride * fewRows)
        span = DecodeState(total.maximum + DecodeState.floats)
        scores = span.maximum + DecodeState.floats
        columns = scores + scoreStride * fewRows
        decays = columns + maximumDimension * lanes
        largest = decays + spanBlocks * fewRows
        blockMaxima = largest + spanBlocks * lanes
        blockSafe = blockMaxima + spanBlocks
        blockSums = blockSafe + spanBlocks
        blocks = UnsafeMutableRawPointer(blockSums + spanBlocks)
            .assumingMemoryBound(to: DecodeBlock.self)
        keys = UnsafeMutableRawPointer(blocks + spanBlocks).assumingMemoryBound(to: KeySet.self)
        cursors = UnsafeMutableRawPointer(keys + spanBlocks * fewRows)
            .assumingMemoryBound(to: Int32.self)
        seen = cursors + fewRows
        ramp = seen + fewRows
        laneBits = ramp + lanes
        for lane in 0..<lanes {
            ramp[lane] = Int32(truncatingIfNeeded: lane)
            laneBits[lane] = 1 &<< Int32(truncatingIfNeeded: lane)
        }
    }

    /// A row's scores in a block; the first score belongs to the block's origin.
    @inline(__always)
    func scores(_ row: Int, _ block: DecodeBlock) -> UnsafeMutablePointer<Float> {
        scores + (row &* scoreStride &+ block.place)
    }
}

/// A range of keys of one block, some of which are visible to some row of the call.
struct DecodeBlock {
    let lower: Int
    let upper: Int
    /// The block's first key, and the place of its score.
    let origin: Int
    let place: Int
    /// Whether every row sees all of the keys.
    let isFull: Bool
}

/// Calls `body` with the keys of each turn of the block.
@inline(__always)
func forEachTurn(_ block: DecodeBlock, of length: Int, _ body: (_ keys: Range<Int>) -> Void) {
    var first = block.lower
    while first < block.upper {
        let next = min((first / length &+ 1) &* length, block.upper)
        body(first..<next)
        first = next
    }
}

/// Calls `body` with the first row and the number of rows of every tile, a power of two.
@inline(__always)
func forEachTile(
    of most: Int,
    _ rows: Range<Int>,
    _ body: (_ row: Int, _ count: Int) -> Void
) {
    var row = rows.lowerBound
    while row < rows.upperBound {
        var count = most
        while count > rows.upperBound &- row { count /= 2 }
        body(row, count)
        row &+= count
    }
}

#endif
