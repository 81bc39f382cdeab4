// State shared by the passes: scratch memory and the running softmax of a query block.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The running softmax of a query block over some keys: m and l of every row, o transposed.
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
    /// [queryBlock]: the running maximum with the current block, then the number to subtract.
    let maximum: UnsafeMutablePointer<Float>
    /// [queryBlock]: α.
    let decay: UnsafeMutablePointer<Float>
    /// [queryBlock]: the sum of the block's weights; at the end, the factor for the output.
    let sum: UnsafeMutablePointer<Float>
    /// [queryBlock] each: the bounds of the rows; rows that do not exist see nothing.
    let starts: UnsafeMutablePointer<Int32>
    let ends: UnsafeMutablePointer<Int32>
    /// [queryBlock]: what a unit of distance adds to the row's scores, in their unit.
    let slopes: UnsafeMutablePointer<Float>
    /// [queryBlock]: the sinks of the rows, if the call has them.
    let sinks: UnsafeMutablePointer<Float>
    /// [queryBlock]: where the row's part of the bias begins.
    let biasOffsets: UnsafeMutablePointer<Int>
    /// [lanes, lanes]: the bias of some keys and the rows of one vector, a vector for each key.
    let bias: UnsafeMutablePointer<Float>
    /// [queryBlock]: the positions of the rows among the keys, for ALiBi distances.
    let positions: UnsafeMutablePointer<Int32>
    /// [queryBlock]: the number to subtract from the row's distances.
    let nearest: UnsafeMutablePointer<Int32>
    /// [queryBlock]: the first of the row's ranges that may hold the current keys.
    let cursors: UnsafeMutablePointer<Int32>
    /// [queryBlock] each: the current range of each row, within its bounds, and the start of the next.
    ///
    /// `noKey` is for none. Rows that do not exist have the last row's.
    let rangeStarts: UnsafeMutablePointer<Int32>
    let rangeEnds: UnsafeMutablePointer<Int32>
    let nextRanges: UnsafeMutablePointer<Int32>
    /// [queryBlock]: not zero when the row saw a key.
    let seen: UnsafeMutablePointer<Int32>
    /// [keyBlock / wordKeys, queryBlock]: for each row of a partly seen block, a bit per key.
    let words: UnsafeMutablePointer<Int32>
    /// What is still to be fetched.
    let fetches: UnsafeMutablePointer<Fetches>
    /// The stretches of the current block.
    let stretches: UnsafeMutablePointer<Stretch>

    private static let integers = (9 + keyBlock / wordKeys) * queryBlock
    static let bytes =
        4 * (maximumDimension + keyBlock + 7) * queryBlock + 8 * RunningSoftmax.floats
        + 4 * lanes * lanes + 4 * integers + MemoryLayout<Fetches>.stride
        + maximumStretches * MemoryLayout<Stretch>.stride

    init(_ base: UnsafeMutableRawPointer) {
        let floats = base.assumingMemoryBound(to: Float.self)
        query = floats
        scores = query + maximumDimension * queryBlock
        total = RunningSoftmax(scores + keyBlock * queryBlock)
        span = RunningSoftmax(total.maximum + RunningSoftmax.floats)
        maximum = span.maximum + RunningSoftmax.floats
        decay = maximum + queryBlock
        sum = decay + queryBlock
        slopes = sum + queryBlock
        sinks = slopes + queryBlock
        bias = sinks + queryBlock
        biasOffsets = UnsafeMutableRawPointer(bias + lanes * lanes)
            .assumingMemoryBound(to: Int.self)
        let integers = UnsafeMutableRawPointer(biasOffsets + queryBlock)
        starts = integers.assumingMemoryBound(to: Int32.self)
        ends = starts + queryBlock
        positions = ends + queryBlock
        nearest = positions + queryBlock
        cursors = nearest + queryBlock
        rangeStarts = cursors + queryBlock
        rangeEnds = rangeStarts + queryBlock
        nextRanges = rangeEnds + queryBlock
        seen = nextRanges + queryBlock
        words = seen + queryBlock
        fetches = UnsafeMutableRawPointer(words + keyBlock / wordKeys * queryBlock)
            .assumingMemoryBound(to: Fetches.self)
        stretches = UnsafeMutableRawPointer(fetches + 1)
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
    /// Which scoring function, its factor, and the parameters of its columns if it has any.
    let score: Int
    let scoreFactor: Float
    let parameters: UnsafePointer<Float>
    /// The soft cap in the unit of the packed scores (log₂e times the caller's cap); 0 for none.
    let cap: Float
    /// Whether distances cost something.
    let hasSlopes: Bool
    /// [biasRows, S]: what is added to scores; never read without.
    let bias: UnsafePointer<Float>
    let hasBias: Bool
    let keyLength: Int
    /// The query block at hand sees no key from this one on.
    var keyEnd = 0

    init(_ call: headwise_call) {
        key = call.key
        value = call.value
        headDimension = call.headDimension
        valueDimension = call.valueDimension
        score = Int(call.score)
        scoreFactor = call.scoreFactor
        // Never read without parameters.
        parameters = call.parameters ?? call.key
        cap = call.softCap * log2e
        hasSlopes = call.slopes != nil
        bias = call.bias ?? call.key
        hasBias = call.bias != nil
        keyLength = call.keyLength
    }

    /// Whether a score has a soft cap, a distance cost or a bias besides the product.
    @inline(__always) var adjusts: Bool { cap != 0 || hasSlopes || hasBias }
}

#endif
