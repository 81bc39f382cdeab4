// What the passes share: scratch memory and the running softmax of a query block.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// A query block's running softmax over some keys: m and l of every row, o transposed.
struct RunningSoftmax {
    /// [queryBlock]: the largest score so far.
    let maximum: UnsafeMutablePointer<Float>
    /// [queryBlock]: the sum of 2^(score - maximum).
    let sum: UnsafeMutablePointer<Float>
    /// [Dv, queryBlock]: the sum of 2^(score - maximum)·value.
    let output: UnsafeMutablePointer<Float>

    static let floats = (2 + maximumDimension) * queryBlock

    init(_ base: UnsafeMutablePointer<Float>) {
        maximum = base
        sum = base + queryBlock
        output = base + 2 * queryBlock
    }

    @inline(__always)
    func clear() {
        for c in 0..<columns {
            maximum.put(c &* lanes, splat(-.infinity))
            sum.put(c &* lanes, splat(0))
        }
    }
}

/// A thread's scratch memory, cut into the blocks that the passes share.
struct Workspace {
    /// [D, queryBlock].
    let query: UnsafeMutablePointer<Float>
    /// [keyBlock, queryBlock]: scores, then weights.
    let scores: UnsafeMutablePointer<Float>
    let total: RunningSoftmax
    let span: RunningSoftmax
    /// [queryBlock]: the running maximum with the block at hand, then what is subtracted.
    let maximum: UnsafeMutablePointer<Float>
    /// [queryBlock]: α.
    let decay: UnsafeMutablePointer<Float>
    /// [queryBlock]: the sum of the block's weights; at the end, what the output is multiplied by.
    let sum: UnsafeMutablePointer<Float>
    /// [queryBlock] each: the bounds of the rows; rows that do not exist see nothing.
    let starts: UnsafeMutablePointer<Int32>
    let ends: UnsafeMutablePointer<Int32>
    /// [queryBlock]: where the rows stand among the keys, for what depends on the distance.
    let positions: UnsafeMutablePointer<Int32>
    /// [queryBlock]: what is taken off the rows' distances.
    let nearest: UnsafeMutablePointer<Int32>
    /// [queryBlock]: the first of the row's ranges that the keys at hand may lie in.
    let cursors: UnsafeMutablePointer<Int32>
    /// [queryBlock]: not zero when the row saw a key.
    let seen: UnsafeMutablePointer<Int32>
    /// [keyBlock / wordKeys, queryBlock]: for each row of a partly seen block, a bit per key.
    let words: UnsafeMutablePointer<Int32>
    /// What the block at hand is cut into.
    let stretches: UnsafeMutablePointer<Stretch>

    private static let integers = (6 + keyBlock / wordKeys) * queryBlock
    static let bytes =
        4 * (maximumDimension + keyBlock + 3) * queryBlock + 8 * RunningSoftmax.floats
        + 4 * integers + maximumStretches * MemoryLayout<Stretch>.stride

    init(_ base: UnsafeMutableRawPointer) {
        let floats = base.assumingMemoryBound(to: Float.self)
        query = floats
        scores = query + maximumDimension * queryBlock
        total = RunningSoftmax(scores + keyBlock * queryBlock)
        span = RunningSoftmax(total.maximum + RunningSoftmax.floats)
        maximum = span.maximum + RunningSoftmax.floats
        decay = maximum + queryBlock
        sum = decay + queryBlock
        let integers = UnsafeMutableRawPointer(sum + queryBlock)
        starts = integers.assumingMemoryBound(to: Int32.self)
        ends = starts + queryBlock
        positions = ends + queryBlock
        nearest = positions + queryBlock
        cursors = nearest + queryBlock
        seen = cursors + queryBlock
        words = seen + queryBlock
        stretches = UnsafeMutableRawPointer(words + keyBlock / wordKeys * queryBlock)
            .assumingMemoryBound(to: Stretch.self)
    }
}

extension headwise_call {
    /// The keys to look at: all of them, or one span.
    @inline(__always)
    var keys: Range<Int> {
        span < 0 ? 0..<keyLength : span &* spanKeys..<min((span &+ 1) &* spanKeys, keyLength)
    }
}

/// The keys and values that all rows of a call attend to.
struct Slice {
    let key: UnsafePointer<Float>
    let value: UnsafePointer<Float>
    let headDimension: Int
    let valueDimension: Int
    /// The soft cap, in the unit of the packed scores (log₂e times that of the caller); 0 for none.
    let cap: Float
    /// What a key's distance costs, in the same unit; 0 for nothing.
    let slope: Float
    /// No key from here on is seen by the query block at hand.
    var keyEnd = 0

    init(_ call: headwise_call) {
        key = call.key
        value = call.value
        headDimension = call.headDimension
        valueDimension = call.valueDimension
        cap = call.softCap * log2e
        slope = call.slope * log2e
    }

    /// Whether a score is more than a product.
    @inline(__always) var adjusts: Bool { cap != 0 || slope != 0 }
}

#endif
