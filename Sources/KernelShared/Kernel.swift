// Forward attention for one slice, on one thread, in the vectors of one instruction set.
//
//     query [rows, D]   key [S, D]   value [S, Dv]   output [rows, Dv]
//     visibleStart, visibleEnd [rows]: row i sees no keys but visibleStart[i] ..< visibleEnd[i]
//     rangeOffsets [rows + 1], ranges: optional; of these keys, row i sees those of the ranges
//         ranges[2n] ..< ranges[2n + 1], n in rangeOffsets[i] ..< rangeOffsets[i + 1], ascending
//     visibility [rows, S]: optional bytes; a key is seen where its byte is not zero, too
//
// Everything is computed transposed, Sᵀ = K·Qᵀ and Oᵀ = Vᵀ·Pᵀ: **a lane is a query row**. Keys and
// values are then read in place, one number broadcast to all lanes, and the softmax runs down the
// rows of the tile without a single horizontal reduction. Only the query block and the finished
// output are transposed.
//
// For each block of `queryBlock` rows:
//   1. pack     query block → [D, queryBlock], times scale·log₂e, so that exp becomes exp2
//   2. for each span of `spanKeys` keys, for each block of `keyBlock` keys that some row sees:
//      a. look     which vector of rows sees which keys; cut the block into stretches over which
//                  the same vectors see something. What nobody sees is skipped
//      b. scores   tile of 4 keys × the stretch's vectors; soft cap and distance, where asked for;
//                  a hidden score becomes -Inf; running maximum m
//      c. weights  2^(score - m), in place; their sum; what came before is worth α = 2^(m' - m)
//      d. values   o ← α·o + Vᵀ·weights, tile of 4 columns × the stretch's vectors
//   3. merge the spans from left to right
//   4. unpack   o / Σ weights → [rows, Dv]; a row that sees nothing is zeros
//
// **One mechanism serves every mask and pattern.** For each vector of rows, step a makes two sets
// of keys: those that some row of it sees, and those that every row sees. Keys outside of the first
// are not computed, keys in the second run free, and for the rest every row has a bit per key.
//
// **A row's bits depend on that row alone.** They do not change with the rows beside it, although
// those decide which blocks are skipped, full or partly seen: block and span boundaries are
// absolute multiples; a hidden key adds an exact zero to a sum and multiplies by exactly
// α = 2^0 = 1; what is left, the sign of a zero and the payload of a NaN, is made canonical when a
// row is written. That is why a problem can be cut anywhere between rows, and between spans.
//
// The module holds pointers, integers and vectors only. Anything generic from the standard library
// (arrays, dictionaries, public structs) would emit weak symbols full of this module's
// instructions, and the linker may give those to the rest of the program. For the same reason it is
// one file: what several files specialise alike, weak symbols share among their objects.

#if ISA_BASELINE || arch(x86_64)

import CSystem

// MARK: - Vectors

#if ISA_AVX512
private typealias Vec = SIMD16<Float>
private typealias IntVec = SIMD16<Int32>
/// Vectors of query rows that a tile is wide; tile rows are 4, so 16 sums are in registers.
private let columns = 4
#elseif ISA_AVX2
private typealias Vec = SIMD8<Float>
private typealias IntVec = SIMD8<Int32>
private let columns = 3
#else
private typealias Vec = SIMD4<Float>
private typealias IntVec = SIMD4<Int32>
private let columns = 2
#endif

private let lanes = Vec.scalarCount
/// Query rows computed together; row ranges are cut at multiples of it.
public let queryBlock = columns * lanes
/// Keys per softmax step: scores and packed query have to stay in the first-level cache, and a
/// row's keys in the 128 bits of a `KeySet`.
public let keyBlock = 128
/// Keys per span; the same in every build, so that a plan does not depend on the processor.
public let spanKeys = 2048
/// The largest D and Dv.
public let maximumDimension = 512
/// Scores are kept in this unit, so that e^x is 2^x.
private let log2e: Float = 1.442_695_04
/// Keys in a word of a row's bits.
private let wordKeys = 32

private typealias Width<let C: Int> = InlineArray<C, Vec>
private typealias Tile<let R: Int, let C: Int> = InlineArray<R, InlineArray<C, Vec>>

/// a·b + c, in one rounding where the instruction set has it.
@inline(__always)
private func fma(_ a: Vec, _ b: Vec, _ c: Vec) -> Vec {
    #if ISA_AVX512
    headwise_fma16(a, b, c)
    #elseif ISA_AVX2
    headwise_fma8(a, b, c)
    #elseif arch(arm64)
    headwise_fma4(a, b, c)
    #else
    a * b + c
    #endif
}

/// The integers as numbers.
@inline(__always)
private func floats(_ integers: IntVec) -> Vec {
    #if ISA_AVX512
    headwise_float16(integers)
    #elseif ISA_AVX2
    headwise_float8(integers)
    #else
    headwise_float4(integers)
    #endif
}

@inline(__always)
private func splat(_ x: Float) -> Vec { Vec(repeating: x) }

/// The larger one, or `b` when either is NaN: exactly the processor's instruction.
@inline(__always)
private func larger(_ a: Vec, _ b: Vec) -> Vec { b.replacing(with: a, where: a .> b) }

extension UnsafePointer<Float> {
    @inline(__always)
    fileprivate func vec(_ index: Int) -> Vec {
        UnsafeRawPointer(self + index).loadUnaligned(as: Vec.self)
    }
}

extension UnsafeMutablePointer<Float> {
    @inline(__always)
    fileprivate func vec(_ index: Int) -> Vec {
        UnsafeRawPointer(self + index).loadUnaligned(as: Vec.self)
    }
    @inline(__always)
    fileprivate func put(_ index: Int, _ vector: Vec) {
        UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: Vec.self)
    }
}

extension UnsafeMutablePointer<Int32> {
    @inline(__always)
    fileprivate func vec(_ index: Int) -> IntVec {
        UnsafeRawPointer(self + index).loadUnaligned(as: IntVec.self)
    }
    @inline(__always)
    fileprivate func put(_ index: Int, _ vector: IntVec) {
        UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: IntVec.self)
    }
}

#if ISA_AVX512
/// 2^x for x ≤ 0: exactly 1 at 0, exactly 0 below -126 and at -Inf, NaN for any NaN.
///
/// Adding 1.5·2¹⁸ rounds x to a multiple n/32 and leaves n in the low bits, five of which pick
/// 2^(i/32) from a table in two registers; what is left, |r| ≤ 1/64, needs a polynomial of degree 2
/// (minimax with p(0) = 1, relative error 6e-8). The processor's scaling puts the power of two on
/// and, by its mask, the zeros in.
@inline(__always)
private func exp2(_ x: Vec) -> Vec {
    let shifter = splat(393_216)
    let shifted = x + shifter
    let rounded = shifted - shifter
    let r = x - rounded
    let p = fma(fma(splat(0.240_226_6), r, splat(0.693_157_3)), r, splat(1))
    return headwise_exp2_finish16(x, shifted, rounded, p)
}
#else
/// 2^x for x ≤ 0: exactly 1 at 0, exactly 0 below -126.5 and at -Inf, NaN for any NaN.
///
/// Adding 1.5·2²³ + 127 rounds x to an integer n and leaves n + 127 in the low bits, where a shift
/// makes it the exponent of 2^n. The last step multiplies; adding n to the exponent bits instead
/// would turn a NaN whose payload has low bits into a number. Relative error 1e-7 (degree 5,
/// minimax with p(0) = 1).
@inline(__always)
private func exp2(_ exponent: Vec) -> Vec {
    let x = larger(splat(-127), exponent)
    let shifter = splat(12_583_039)
    let shifted = x + shifter
    let r = x - (shifted - shifter)
    var p = splat(1.326_472_4e-3)
    p = fma(p, r, splat(9.671_513e-3))
    p = fma(p, r, splat(5.550_733_8e-2))
    p = fma(p, r, splat(0.240_222_42))
    p = fma(p, r, splat(0.693_146_98))
    p = fma(p, r, splat(1))
    let power = unsafeBitCast(shifted, to: IntVec.self) &<< IntVec(repeating: 23)
    return p * unsafeBitCast(power, to: Vec.self)
}
#endif

/// tanh, to a few units in the last place: a polynomial where the exponentials would cancel.
@inline(__always)
private func tanh(_ y: Vec) -> Vec {
    let size = larger(y, splat(0) - y)
    let z = y * y
    var p = splat(-5.697_356_5e-3)
    p = fma(p, z, splat(2.063_252_2e-2))
    p = fma(p, z, splat(-5.373_779e-2))
    p = fma(p, z, splat(0.133_314_2))
    p = fma(p, z, splat(-0.333_332_8))
    let near = fma(p * z, size, size)
    // e^(-2|y|)
    let e = exp2(size * splat(-2.885_390_1))
    let far = (splat(1) - e) / (splat(1) + e)
    let value = far.replacing(with: near, where: size .< splat(0.625))
    return value.replacing(with: splat(0) - value, where: y .< splat(0))
}

/// What a running maximum is subtracted as: a row with no score above -Inf subtracts 0, so that
/// its weights are 2^-Inf = 0 and not 2^(-Inf + Inf) = NaN.
@inline(__always)
private func subtrahend(_ maximum: Vec) -> Vec {
    maximum.replacing(with: 0, where: maximum .== splat(-.infinity))
}

/// The one NaN and the one zero that leave the kernel; the payload of a NaN and the sign of a zero
/// depend on which additions were skipped.
@inline(__always)
private func canonical(_ x: Vec) -> Vec {
    (x + splat(0)).replacing(with: .nan, where: x .!= x)
}

/// `canonical(x * y)`.
@inline(__always)
private func canonicalProduct(_ x: Vec, _ y: Vec) -> Vec {
    let product = fma(x, y, splat(0))
    return product.replacing(with: .nan, where: product .!= product)
}

// MARK: - Workspace

/// A query block's running softmax over some keys: m and l of every row, o transposed.
private struct RunningSoftmax {
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
private struct Workspace {
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
    /// [queryBlock]: the first of the row's ranges that the keys at hand may lie in.
    let cursors: UnsafeMutablePointer<Int32>
    /// [queryBlock]: not zero when the row saw a key.
    let seen: UnsafeMutablePointer<Int32>
    /// [keyBlock / wordKeys, queryBlock]: for each row of a partly seen block, a bit per key.
    let words: UnsafeMutablePointer<Int32>
    /// What the block at hand is cut into.
    let stretches: UnsafeMutablePointer<Stretch>

    private static let integers = (5 + keyBlock / wordKeys) * queryBlock
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
        cursors = positions + queryBlock
        seen = cursors + queryBlock
        words = seen + queryBlock
        stretches = UnsafeMutableRawPointer(words + keyBlock / wordKeys * queryBlock)
            .assumingMemoryBound(to: Stretch.self)
    }
}

/// The bytes of scratch memory that the entry points want, aligned to 64.
public var workspaceBytes: Int {
    @inline(never) get { max(Workspace.bytes, DecodeWorkspace.bytes) }
}

/// Keys of one block: bit i is key `origin + i`.
private struct KeySet {
    var low: UInt64
    var high: UInt64

    @inline(__always)
    init(low: UInt64 = 0, high: UInt64 = 0) {
        self.low = low
        self.high = high
    }

    /// Keys `lower ..< upper`, counted from the origin; what lies outside of the block is left out.
    @inline(__always)
    init(_ lower: Int, _ upper: Int) {
        let all = KeySet.below(upper)
        let less = KeySet.below(lower)
        low = all.low & ~less.low
        high = all.high & ~less.high
    }

    @inline(__always)
    private static func below(_ key: Int) -> KeySet {
        let key = min(max(key, 0), keyBlock)
        if key < 64 { return KeySet(low: (1 &<< UInt64(key)) &- 1) }
        // A shift by 64 would be one by 0.
        let high = key == keyBlock ? ~0 : (1 &<< UInt64(key &- 64)) &- 1
        return KeySet(low: ~0, high: high)
    }

    @inline(__always) var isEmpty: Bool { low | high == 0 }
    @inline(__always) var inverted: KeySet { KeySet(low: ~low, high: ~high) }

    @inline(__always)
    func union(_ other: KeySet) -> KeySet {
        KeySet(low: low | other.low, high: high | other.high)
    }

    @inline(__always)
    func intersection(_ other: KeySet) -> KeySet {
        KeySet(low: low & other.low, high: high & other.high)
    }

    @inline(__always)
    func contains(_ other: KeySet) -> Bool {
        (other.low & ~low) | (other.high & ~high) == 0
    }

    @inline(__always)
    func contains(_ key: Int) -> Bool {
        (key < 64 ? low &>> UInt64(key) : high &>> UInt64(key &- 64)) & 1 == 1
    }

    /// The first key from `key` on; `keyBlock` when there is none.
    @inline(__always)
    func first(from key: Int) -> Int {
        let rest = intersection(KeySet(key, keyBlock))
        if rest.low != 0 { return rest.low.trailingZeroBitCount }
        return rest.high == 0 ? keyBlock : 64 &+ rest.high.trailingZeroBitCount
    }

    /// As many keys as there are lanes, `key` in the lowest bit; all of them lie in one half.
    @inline(__always)
    func bits(from key: Int) -> Int32 {
        let half = key < 64 ? low &>> UInt64(key) : high &>> UInt64(key &- 64)
        return Int32(truncatingIfNeeded: half & ((1 &<< UInt64(lanes)) &- 1))
    }

    /// The key after the last.
    @inline(__always)
    var end: Int {
        high != 0 ? 128 &- high.leadingZeroBitCount : 64 &- low.leadingZeroBitCount
    }

    /// With every aligned group of eight keys complete that holds one: shorter pieces cost a tile
    /// more than they save.
    @inline(__always)
    var coarsened: KeySet { KeySet(low: Self.coarsen(low), high: Self.coarsen(high)) }

    @inline(__always)
    private static func coarsen(_ bits: UInt64) -> UInt64 {
        var x = bits | bits &>> 4
        x |= x &>> 2
        x |= x &>> 1
        return (x & 0x0101_0101_0101_0101) &* 0xFF
    }
}

/// What the rows of a query block see, all together.
private struct Visibility {
    /// The rows there are, and the vectors they fill.
    let rows: Int
    let vectors: Int
    /// Keys below it and from `maximumEnd` on are seen by no row and never read.
    let minimumStart: Int
    let maximumEnd: Int
    /// For each vector of rows: no row of it sees a key outside of these bounds.
    let starts: InlineArray<4, Int>
    let ends: InlineArray<4, Int>
    /// For each vector of rows: keys from here to there are inside the bounds of every row.
    let innerStarts: InlineArray<4, Int>
    let innerEnds: InlineArray<4, Int>
    /// The rows' ranges, when a row can have more than one.
    let rangeOffsets: UnsafePointer<Int32>?
    let ranges: UnsafePointer<Int32>?
    /// The rows' visibility bytes; a row of them is `maskRowBytes` long.
    let mask: UnsafePointer<UInt8>?
    let maskRowBytes: Int

    /// Whether bounds are all there is.
    @inline(__always) var isSimple: Bool { ranges == nil && mask == nil }
}

/// Which keys of a block the vectors of rows see.
private struct Block {
    /// The first key of the block, a multiple of `keyBlock`.
    let origin: Int
    /// For each vector: the keys that some row of it sees, and those that every row sees.
    var some: InlineArray<4, KeySet>
    var every: InlineArray<4, KeySet>
    /// No key between the block and this one is seen.
    var next: Int
}

/// Keys of one block against neighbouring vectors of rows.
private struct Stretch {
    /// Key indexes are those of the slice.
    let lower: Int
    let upper: Int
    let origin: Int
    /// The first row, a multiple of the lanes, and the vectors from there on.
    let first: Int
    let vectors: Int
    /// Bit c: of its vector c, some row does not see some of the keys.
    let partial: Int
    /// None but these keys can be hidden from a row of such a vector.
    let hiddenLower: Int
    let hiddenUpper: Int

    /// Bit c: vector c of the query block takes part.
    @inline(__always)
    var members: Int { ((1 &<< vectors) &- 1) &<< (first / lanes) }
}

/// Bounds cut a block at two keys for every vector, coarse sets at every eighth key.
private let maximumStretches = keyBlock / 8

/// The keys and values that all rows of a call attend to.
private struct Slice {
    let key: UnsafePointer<Float>
    let value: UnsafePointer<Float>
    let headDimension: Int
    let valueDimension: Int
    /// The soft cap, in the unit of the packed scores (log₂e times that of the caller); 0 for none.
    let cap: Float
    /// What a key's distance costs, in the same unit; 0 for nothing.
    let slope: Float
    /// No key from here on is seen by the query block at hand.
    var keyEnd: Int

    /// Whether a score is more than a product.
    @inline(__always) var adjusts: Bool { cap != 0 || slope != 0 }
}

// MARK: - Tiles

/// Asks for numbers that a later pass reads: the first query block of a slice finds nothing in the
/// caches, and a value tile walks down the rows, where every step is another line.
@inline(__always)
private func fetch(_ numbers: UnsafePointer<Float>, _ count: Int) {
    var i = 0
    while i < count {
        headwise_prefetch(numbers + i)
        i &+= 16
    }
}

/// The rows of one vector that see key `key`.
@inline(__always)
private func visible(key: Int, row: Int, _ stretch: Stretch, _ work: Workspace) -> SIMDMask<IntVec>
{
    let index = key &- stretch.origin
    let bit = Int32(truncatingIfNeeded: 1 &<< (index % wordKeys))
    let words = work.words.vec(index / wordKeys &* queryBlock &+ row)
    return words & IntVec(repeating: bit) .!= IntVec(repeating: 0)
}

/// `initial` plus the sum of `count` outer products of R numbers and C vectors.
///
/// The numbers of a product are `rowStep` apart, those of the next product `step` further on.
@inline(__always)
private func multiply<let R: Int, let C: Int>(
    _ initial: Tile<R, C>,
    count: Int,
    _ numbers: UnsafePointer<Float>,
    rowStep: Int,
    step: Int,
    _ vectors: UnsafePointer<Float>
) -> Tile<R, C> {
    var sums = initial
    for i in 0..<count {
        let right = InlineArray<C, Vec> { c in vectors.vec(i &* queryBlock &+ c &* lanes) }
        for r in 0..<R {
            let left = splat(numbers[i &* step &+ r &* rowStep])
            for c in 0..<C { sums[r][c] = fma(left, right[c], sums[r][c]) }
        }
    }
    return sums
}

/// Pass 2b for R keys, from `key` on, × C vectors of rows; raises `maximum` to the scores.
@inline(__always)
private func scoreTile<let R: Int, let C: Int>(
    _: Tile<R, C>.Type,
    _ key: Int,
    _ stretch: Stretch,
    _ slice: Slice,
    _ maximum: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    let sums = multiply(
        Tile<R, C>(repeating: InlineArray(repeating: splat(0))),
        count: slice.headDimension,
        slice.key + key &* slice.headDimension,
        rowStep: slice.headDimension,
        step: 1,
        work.query + stretch.first
    )
    let scores = work.scores + (key &- stretch.origin) &* queryBlock + stretch.first
    for c in 0..<C {
        var m = maximum.vec(c &* lanes)
        for r in 0..<R {
            m = larger(m, sums[r][c])
            scores.put(r &* queryBlock &+ c &* lanes, sums[r][c])
        }
        maximum.put(c &* lanes, m)
    }
}

/// Pass 2b, second part, for vector `row` of rows: soft cap and distance; where some rows do not see
/// some keys, their scores become -Inf; `start` rises to what is left.
@inline(__always)
private func finishScores(
    _ row: Int,
    hides: Bool,
    keys: Range<Int>,
    from start: Vec,
    _ stretch: Stretch,
    _ slice: Slice,
    _ work: Workspace
) {
    var m = start
    let caps = slice.cap != 0
    let inverse = splat(1 / slice.cap)
    let positions = work.positions.vec(row)
    for key in keys {
        let place = (key &- stretch.origin) &* queryBlock &+ row
        var score = work.scores.vec(place)
        if caps { score = tanh(score * inverse) * splat(slice.cap) }
        if slice.slope != 0 {
            let ahead = positions &- IntVec(repeating: Int32(truncatingIfNeeded: key))
            let zero = IntVec(repeating: 0)
            let distance = ahead.replacing(with: zero &- ahead, where: ahead .< zero)
            score = fma(floats(distance), splat(-slice.slope), score)
        }
        if hides {
            let shown = visible(key: key, row: row, stretch, work)
            score = splat(-.infinity).replacing(with: score, where: shown)
        }
        work.scores.put(place, score)
        m = larger(m, score)
    }
    work.maximum.put(row, m)
}

/// What a value tile starts from.
private enum Beginning {
    /// Nothing: no key was seen before.
    case zero
    /// What came before, times α.
    case decayed
    /// What is there: an earlier stretch of the block has applied α.
    case present
}

/// Pass 2d for R columns of value, from `column` on, × C vectors of rows.
@inline(__always)
private func valueTile<let R: Int, let C: Int>(
    _: Tile<R, C>.Type,
    _ column: Int,
    _ beginning: Beginning,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    let target = output + column &* queryBlock + stretch.first
    var sums = Tile<R, C>(repeating: InlineArray(repeating: splat(0)))
    if beginning != .zero {
        for r in 0..<R {
            for c in 0..<C { sums[r][c] = target.vec(r &* queryBlock &+ c &* lanes) }
        }
        if beginning == .decayed {
            let decay = work.decay + stretch.first
            for r in 0..<R {
                for c in 0..<C { sums[r][c] *= decay.vec(c &* lanes) }
            }
        }
    }
    sums = multiply(
        sums,
        count: stretch.upper &- stretch.lower,
        slice.value + stretch.lower &* slice.valueDimension + column,
        rowStep: 1,
        step: slice.valueDimension,
        work.scores + (stretch.lower &- stretch.origin) &* queryBlock + stretch.first
    )
    for r in 0..<R {
        for c in 0..<C { target.put(r &* queryBlock &+ c &* lanes, sums[r][c]) }
    }
}

// MARK: - Passes over a stretch of keys

// Each is compiled for every width a stretch can have. Dimensions stay variables: as constants they
// make the compiler unroll whole tiles, which then no longer fit the processor's decoded-code cache.

/// Pass 2b.
@inline(never)
private func score(_ stretch: Stretch, _ slice: Slice, _ work: Workspace) {
    switch stretch.vectors {
    case 4 where columns > 3: score(Width<4>.self, stretch, slice, work)
    case 3 where columns > 2: score(Width<3>.self, stretch, slice, work)
    case 2: score(Width<2>.self, stretch, slice, work)
    default: score(Width<1>.self, stretch, slice, work)
    }
}

@inline(__always)
private func score<let C: Int>(
    _: Width<C>.Type,
    _ stretch: Stretch,
    _ slice: Slice,
    _ work: Workspace
) {
    // A score that is still to change must not raise the maximum: from the first such key on, these
    // vectors take it back.
    let unfinished = slice.adjusts ? (1 &<< C) &- 1 : stretch.partial
    let settled = slice.adjusts ? stretch.lower : stretch.hiddenLower
    let maximum = work.maximum + stretch.first
    var before = InlineArray<C, Vec>(repeating: splat(0))
    var key = scoreTiles(Width<C>.self, stretch.lower, settled, stretch, slice, work)
    let first = key
    if unfinished != 0 {
        for c in 0..<C { before[c] = maximum.vec(c &* lanes) }
    }
    key = scoreTiles(Width<C>.self, key, stretch.upper, stretch, slice, work)
    while key < stretch.upper {
        scoreTile(Tile<1, C>.self, key, stretch, slice, maximum, work)
        key &+= 1
    }
    guard unfinished != 0 else { return }
    for c in 0..<C where unfinished &>> c & 1 == 1 {
        finishScores(
            stretch.first &+ c &* lanes,
            hides: stretch.partial &>> c & 1 == 1,
            keys: first..<stretch.upper,
            from: before[c],
            stretch,
            slice,
            work
        )
    }
}

/// The whole tiles from `lower` to `upper`; returns the key after the last.
@inline(__always)
private func scoreTiles<let C: Int>(
    _: Width<C>.Type,
    _ lower: Int,
    _ upper: Int,
    _ stretch: Stretch,
    _ slice: Slice,
    _ work: Workspace
) -> Int {
    let maximum = work.maximum + stretch.first
    var key = lower
    // A tile of one vector needs more rows to keep the multipliers busy.
    while C == 1 && key &+ 8 <= upper {
        scoreTile(Tile<8, C>.self, key, stretch, slice, maximum, work)
        key &+= 8
    }
    while key &+ 4 <= upper {
        fetch(slice.value + key &* slice.valueDimension, 4 &* slice.valueDimension)
        if key &+ keyBlock &+ 4 <= slice.keyEnd {
            let ahead = slice.key + (key &+ keyBlock) &* slice.headDimension
            fetch(ahead, 4 &* slice.headDimension)
        }
        scoreTile(Tile<4, C>.self, key, stretch, slice, maximum, work)
        key &+= 4
    }
    return key
}

/// Pass 2c.
@inline(never)
private func weigh(_ stretch: Stretch, _ work: Workspace) {
    switch stretch.vectors {
    case 4 where columns > 3: weigh(Width<4>.self, stretch, work)
    case 3 where columns > 2: weigh(Width<3>.self, stretch, work)
    case 2: weigh(Width<2>.self, stretch, work)
    default: weigh(Width<1>.self, stretch, work)
    }
}

@inline(__always)
private func weigh<let C: Int>(_: Width<C>.Type, _ stretch: Stretch, _ work: Workspace) {
    var m = InlineArray<C, Vec>(repeating: splat(0))
    var sums = InlineArray<C, Vec>(repeating: splat(0))
    for c in 0..<C {
        m[c] = work.maximum.vec(stretch.first &+ c &* lanes)
        sums[c] = work.sum.vec(stretch.first &+ c &* lanes)
    }
    let weights = work.scores + (stretch.lower &- stretch.origin) &* queryBlock + stretch.first
    for j in 0..<(stretch.upper &- stretch.lower) {
        for c in 0..<C {
            let weight = exp2(weights.vec(j &* queryBlock &+ c &* lanes) - m[c])
            sums[c] += weight
            weights.put(j &* queryBlock &+ c &* lanes, weight)
        }
    }
    for c in 0..<C { work.sum.put(stretch.first &+ c &* lanes, sums[c]) }
}

/// Pass 2d.
@inline(never)
private func addValues(
    _ beginning: Beginning,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    switch stretch.vectors {
    case 4 where columns > 3: addValues(Width<4>.self, beginning, stretch, slice, output, work)
    case 3 where columns > 2: addValues(Width<3>.self, beginning, stretch, slice, output, work)
    case 2: addValues(Width<2>.self, beginning, stretch, slice, output, work)
    default: addValues(Width<1>.self, beginning, stretch, slice, output, work)
    }
}

@inline(__always)
private func addValues<let C: Int>(
    _: Width<C>.Type,
    _ beginning: Beginning,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    var column = 0
    while C == 1 && column &+ 8 <= slice.valueDimension {
        valueTile(Tile<8, C>.self, column, beginning, stretch, slice, output, work)
        column &+= 8
    }
    while column &+ 4 <= slice.valueDimension {
        valueTile(Tile<4, C>.self, column, beginning, stretch, slice, output, work)
        column &+= 4
    }
    while column < slice.valueDimension {
        valueTile(Tile<1, C>.self, column, beginning, stretch, slice, output, work)
        column &+= 1
    }
}

/// Pass 2d where a value that some rows do not see is NaN or infinite; continues what is present.
///
/// Its weight is 0 there, and 0·NaN is NaN: the product is selected away. The additions that
/// remain are those of the fast way, in its order.
@inline(never)
private func addValuesSelectively(
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    for c in 0..<stretch.vectors {
        let row = stretch.first &+ c &* lanes
        let hides = stretch.partial &>> c & 1 == 1
        for column in 0..<slice.valueDimension {
            let target = output + column &* queryBlock
            var sum = target.vec(row)
            for j in stretch.lower..<stretch.upper {
                let value = splat(slice.value[j &* slice.valueDimension &+ column])
                let weight = work.scores.vec((j &- stretch.origin) &* queryBlock &+ row)
                let next = fma(value, weight, sum)
                if hides {
                    sum.replace(with: next, where: visible(key: j, row: row, stretch, work))
                } else {
                    sum = next
                }
            }
            target.put(row, sum)
        }
    }
}

/// Whether no number of the array is NaN or infinite.
@inline(never)
private func areFinite(_ numbers: UnsafePointer<Float>, _ count: Int) -> Bool {
    // 0·x is 0 for a finite x and NaN for the others, and a sum with a NaN stays NaN.
    var a = splat(0)
    var b = splat(0)
    var i = 0
    while i &+ 2 &* lanes <= count {
        a = fma(numbers.vec(i), splat(0), a)
        b = fma(numbers.vec(i &+ lanes), splat(0), b)
        i &+= 2 &* lanes
    }
    var sum = (a + b).sum()
    while i < count {
        sum += numbers[i] * 0
        i &+= 1
    }
    return sum == 0
}

// MARK: - Visibility

/// Reads the bounds of a query block; rows that do not exist, and keys outside of `keys`, are not
/// seen.
@inline(never)
private func survey(_ call: Call, first: Int, rows: Int) -> Visibility {
    let work = call.work
    let starts = call.visibleStart + first
    let ends = call.visibleEnd + first
    let isSimple = call.ranges == nil && call.visibility == nil
    let lowest = Int32(truncatingIfNeeded: call.keys.lowerBound)
    let highest = Int32(truncatingIfNeeded: call.keys.upperBound)
    for row in 0..<rows {
        let start = max(starts[row], lowest)
        let end = min(ends[row], highest)
        work.starts[row] = start < end ? start : highest
        work.ends[row] = start < end ? end : lowest
        work.seen[row] = start < end && isSimple ? 1 : 0
    }
    for row in rows..<queryBlock {
        work.starts[row] = highest
        work.ends[row] = lowest
        work.seen[row] = 0
    }
    if call.slice.slope != 0 {
        let first = call.firstPosition &+ first
        for row in 0..<queryBlock {
            work.positions[row] = Int32(truncatingIfNeeded: first &+ row)
        }
    }
    if let offsets = call.rangeOffsets {
        for row in 0..<rows { work.cursors[row] = offsets[first &+ row] }
    }
    var minimumStart = highest
    var maximumEnd = lowest
    var outerStarts = InlineArray<4, Int>(repeating: Int(highest))
    var outerEnds = InlineArray<4, Int>(repeating: Int(lowest))
    var innerStarts = InlineArray<4, Int>(repeating: Int(lowest))
    var innerEnds = InlineArray<4, Int>(repeating: Int(highest))
    for c in 0..<columns where c &* lanes < rows {
        var (outerStart, outerEnd) = (highest, lowest)
        var (innerStart, innerEnd) = (lowest, highest)
        for row in c &* lanes..<min(c &* lanes &+ lanes, rows) {
            outerStart = min(outerStart, work.starts[row])
            outerEnd = max(outerEnd, work.ends[row])
            innerStart = max(innerStart, work.starts[row])
            innerEnd = min(innerEnd, work.ends[row])
        }
        outerStarts[c] = Int(outerStart)
        outerEnds[c] = Int(outerEnd)
        innerStarts[c] = Int(innerStart)
        innerEnds[c] = Int(innerEnd)
        minimumStart = min(minimumStart, outerStart)
        maximumEnd = max(maximumEnd, outerEnd)
    }
    return Visibility(
        rows: rows,
        vectors: (rows &+ lanes &- 1) / lanes,
        minimumStart: Int(minimumStart),
        maximumEnd: Int(maximumEnd),
        starts: outerStarts,
        ends: outerEnds,
        innerStarts: innerStarts,
        innerEnds: innerEnds,
        rangeOffsets: call.rangeOffsets.map { $0 + first },
        ranges: call.ranges,
        mask: call.visibility.map { $0 + first &* call.keyLength },
        maskRowBytes: call.keyLength
    )
}

/// Pass 2a: which vectors see which of the keys `lower ..< upper`; writes the bits of the rows where
/// they differ.
@inline(never)
private func look(
    lower: Int,
    upper: Int,
    origin: Int,
    _ visibility: Visibility,
    _ work: Workspace
) -> Block {
    let none = InlineArray<4, KeySet>(repeating: KeySet())
    var block = Block(origin: origin, some: none, every: none, next: origin &+ keyBlock)
    if !visibility.isSimple {
        readBits(lower: lower, upper: upper, &block, visibility, work)
        return block
    }
    var isWhole = true
    for c in 0..<visibility.vectors {
        block.some[c] = KeySet(
            max(lower, visibility.starts[c]) &- origin,
            min(upper, visibility.ends[c]) &- origin
        )
        block.every[c] = KeySet(
            max(lower, visibility.innerStarts[c]) &- origin,
            min(upper, visibility.innerEnds[c]) &- origin
        )
        if !block.every[c].contains(block.some[c]) { isWhole = false }
    }
    if !isWhole { writeBits(origin: origin, work) }
    return block
}

/// The bits of rows that see all keys inside their bounds.
@inline(__always)
private func writeBits(origin: Int, _ work: Workspace) {
    let zero = IntVec(repeating: 0)
    let full = IntVec(repeating: Int32(truncatingIfNeeded: wordKeys))
    /// Bits 0 ..< keys.
    @inline(__always)
    func below(_ keys: IntVec) -> IntVec {
        let bits = (IntVec(repeating: 1) &<< keys) &- IntVec(repeating: 1)
        return bits.replacing(with: IntVec(repeating: -1), where: keys .>= full)
            .replacing(with: zero, where: keys .<= zero)
    }
    for word in 0..<(keyBlock / wordKeys) {
        let base = IntVec(repeating: Int32(truncatingIfNeeded: origin &+ word &* wordKeys))
        for c in 0..<columns {
            let starts = work.starts.vec(c &* lanes) &- base
            let ends = work.ends.vec(c &* lanes) &- base
            work.words.put(
                word &* queryBlock &+ c &* lanes,
                below(ends) & (below(starts) ^ IntVec(repeating: -1))
            )
        }
    }
}

/// The bits of rows that have ranges or visibility bytes, and what they are together.
@inline(never)
private func readBits(
    lower: Int,
    upper: Int,
    _ block: inout Block,
    _ visibility: Visibility,
    _ work: Workspace
) {
    let origin = block.origin
    // Ranges say how far the next keys are; bytes have to be looked at.
    var next = visibility.ranges == nil ? block.next : Int.max
    for row in 0..<visibility.rows {
        let keys = rowKeys(
            start: Int(work.starts[row]),
            end: Int(work.ends[row]),
            offsets: visibility.rangeOffsets.map { $0 + row },
            ranges: visibility.ranges,
            cursor: work.cursors + row,
            mask: visibility.mask.map { $0 + row &* visibility.maskRowBytes },
            lower: lower,
            upper: upper,
            origin: origin,
            next: &next
        )
        if !keys.isEmpty { work.seen[row] = 1 }
        let c = row / lanes
        let isFirst = row % lanes == 0
        block.some[c] = isFirst ? keys : block.some[c].union(keys)
        block.every[c] = isFirst ? keys : block.every[c].intersection(keys)
        let words = work.words + row
        words[0] = Int32(truncatingIfNeeded: keys.low)
        words[queryBlock] = Int32(truncatingIfNeeded: keys.low &>> 32)
        words[2 &* queryBlock] = Int32(truncatingIfNeeded: keys.high)
        words[3 &* queryBlock] = Int32(truncatingIfNeeded: keys.high &>> 32)
    }
    block.next = max(next, block.next)
    let inside = KeySet(lower &- origin, upper &- origin)
    for c in 0..<visibility.vectors {
        block.some[c] = block.some[c].coarsened.intersection(inside)
    }
}

/// What a row sees of the keys from `lower` to `upper`: inside its bounds, in its ranges, and where
/// its byte is not zero.
///
/// `cursor` is the first of its ranges that may matter; blocks come in ascending order. `next` falls
/// to where the row's next keys may be.
@inline(__always)
private func rowKeys(
    start: Int,
    end: Int,
    offsets: UnsafePointer<Int32>?,
    ranges: UnsafePointer<Int32>?,
    cursor: UnsafeMutablePointer<Int32>,
    mask: UnsafePointer<UInt8>?,
    lower: Int,
    upper: Int,
    origin: Int,
    next: inout Int
) -> KeySet {
    let start = max(start, lower)
    let end = min(end, upper)
    var keys = start < end ? KeySet(start &- origin, end &- origin) : KeySet()
    if let offsets, let ranges {
        let last = Int(offsets[1])
        var n = Int(cursor.pointee)
        while n < last && Int(ranges[2 &* n &+ 1]) <= lower { n &+= 1 }
        cursor.pointee = Int32(truncatingIfNeeded: n)
        var inside = KeySet()
        while n < last && Int(ranges[2 &* n]) < upper {
            inside = inside.union(
                KeySet(Int(ranges[2 &* n]) &- origin, Int(ranges[2 &* n &+ 1]) &- origin)
            )
            // A range may reach into the next block.
            if Int(ranges[2 &* n &+ 1]) > upper { next = upper }
            n &+= 1
        }
        if n < last { next = min(next, Int(ranges[2 &* n])) }
        keys = keys.intersection(inside)
    }
    if let mask, !keys.isEmpty {
        keys = keys.intersection(shown(mask, from: start, to: end, origin: origin))
    }
    return keys
}

/// The keys from `lower` to `upper` whose byte is not zero; no other byte is read.
@inline(__always)
private func shown(
    _ bytes: UnsafePointer<UInt8>,
    from lower: Int,
    to upper: Int,
    origin: Int
) -> KeySet {
    var keys = KeySet()
    var j = lower
    while j < upper {
        var bits: UInt64 = 0
        let count = min(16, upper &- j)
        if count == 16 {
            let x = UnsafeRawPointer(bytes + j).loadUnaligned(as: SIMD16<UInt8>.self)
            bits = UInt64(truncatingIfNeeded: headwise_nonzero16(x))
        } else {
            for i in 0..<count where bytes[j &+ i] != 0 { bits |= 1 &<< UInt64(i) }
        }
        let index = j &- origin
        if index < 64 {
            keys.low |= bits &<< UInt64(index)
            // Sixteen keys reach over the middle unless they begin at a multiple of 16.
            if index > 48 { keys.high |= bits &>> UInt64(64 &- index) }
        } else {
            keys.high |= bits &<< UInt64(index &- 64)
        }
        j &+= 16
    }
    return keys
}

/// Cuts a block where the vectors that see something change; returns the number of stretches.
@inline(__always)
private func cut(_ block: Block, _ visibility: Visibility, _ work: Workspace) -> Int {
    var count = 0
    var key = 0
    while true {
        var next = keyBlock
        for c in 0..<visibility.vectors { next = min(next, block.some[c].first(from: key)) }
        if next == keyBlock { return count }
        key = next
        var end = keyBlock
        var firstVector = columns
        var lastVector = 0
        for c in 0..<visibility.vectors {
            let isSeen = block.some[c].contains(key)
            let change = isSeen ? block.some[c].inverted : block.some[c]
            end = min(end, change.first(from: key))
            if isSeen {
                firstVector = min(firstVector, c)
                lastVector = c
            }
        }
        let keys = KeySet(key, end)
        var partial = 0
        var hidden = KeySet()
        for c in firstVector...lastVector where !block.every[c].contains(keys) {
            partial |= 1 &<< (c &- firstVector)
            hidden = hidden.union(keys.intersection(block.every[c].inverted))
        }
        work.stretches[count] = Stretch(
            lower: block.origin &+ key,
            upper: block.origin &+ end,
            origin: block.origin,
            first: firstVector &* lanes,
            vectors: lastVector &- firstVector &+ 1,
            partial: partial,
            hiddenLower: block.origin &+ (partial == 0 ? end : hidden.first(from: key)),
            hiddenUpper: block.origin &+ (partial == 0 ? end : hidden.end)
        )
        count &+= 1
        key = end
    }
}

// MARK: - Transposition

#if ISA_AVX512
@inline(__always)
private func interleaveLow(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_low16(a, b) }
@inline(__always)
private func interleaveHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_high16(a, b) }
@inline(__always)
private func pairsLow(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_low16(a, b) }
@inline(__always)
private func pairsHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_high16(a, b) }
@inline(__always)
private func evens(_ a: Vec, _ b: Vec) -> Vec { headwise_evens16(a, b) }
@inline(__always)
private func odds(_ a: Vec, _ b: Vec) -> Vec { headwise_odds16(a, b) }
/// x, of which the compiler knows nothing: what happens before one of these stays before the next.
@inline(__always)
private func opaque(_ x: Vec) -> Vec { headwise_opaque16(x) }
#elseif ISA_AVX2
@inline(__always)
private func interleaveLow(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_low8(a, b) }
@inline(__always)
private func interleaveHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_high8(a, b) }
@inline(__always)
private func pairsLow(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_low8(a, b) }
@inline(__always)
private func pairsHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_high8(a, b) }
@inline(__always)
private func evens(_ a: Vec, _ b: Vec) -> Vec { headwise_evens8(a, b) }
@inline(__always)
private func odds(_ a: Vec, _ b: Vec) -> Vec { headwise_odds8(a, b) }
@inline(__always)
private func opaque(_ x: Vec) -> Vec { headwise_opaque8(x) }
#else
@inline(__always)
private func interleaveLow(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_low4(a, b) }
@inline(__always)
private func interleaveHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_interleave_high4(a, b) }
@inline(__always)
private func pairsLow(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_low4(a, b) }
@inline(__always)
private func pairsHigh(_ a: Vec, _ b: Vec) -> Vec { headwise_pairs_high4(a, b) }
@inline(__always)
private func evens(_ a: Vec, _ b: Vec) -> Vec { headwise_evens4(a, b) }
@inline(__always)
private func odds(_ a: Vec, _ b: Vec) -> Vec { headwise_odds4(a, b) }
@inline(__always)
private func opaque(_ x: Vec) -> Vec { headwise_opaque4(x) }
#endif

/// Four rows as one vector a column, for each of their quads of 4 × 4 numbers.
@inline(__always)
private func transposeQuads(_ a: Vec, _ b: Vec, _ c: Vec, _ d: Vec) -> (Vec, Vec, Vec, Vec) {
    let (lowAB, highAB) = (interleaveLow(a, b), interleaveHigh(a, b))
    let (lowCD, highCD) = (interleaveLow(c, d), interleaveHigh(c, d))
    return (
        pairsLow(lowAB, lowCD), pairsHigh(lowAB, lowCD),
        pairsLow(highAB, highCD), pairsHigh(highAB, highCD)
    )
}

#if ISA_AVX512
/// Columns `column`, and 4, 8 and 12 further on, from the quads of all rows.
@inline(__always)
private func gatherQuads(
    _ a: Vec,
    _ b: Vec,
    _ c: Vec,
    _ d: Vec,
    _ column: Int,
    _ put: (_ column: Int, Vec) -> Void
) {
    let (evenAB, oddAB) = (headwise_even_quads16(a, b), headwise_odd_quads16(a, b))
    let (evenCD, oddCD) = (headwise_even_quads16(c, d), headwise_odd_quads16(c, d))
    put(column, headwise_even_quads16(evenAB, evenCD))
    put(column &+ 4, headwise_even_quads16(oddAB, oddCD))
    put(column &+ 8, headwise_odd_quads16(evenAB, evenCD))
    put(column &+ 12, headwise_odd_quads16(oddAB, oddCD))
}
#elseif ISA_AVX2
/// Columns `column` and 4 further on, from the quads of all rows.
@inline(__always)
private func gatherQuads(
    _ a: Vec,
    _ b: Vec,
    _ column: Int,
    _ put: (_ column: Int, Vec) -> Void
) {
    put(column, Vec(lowHalf: a.lowHalf, highHalf: b.lowHalf))
    put(column &+ 4, Vec(lowHalf: a.highHalf, highHalf: b.highHalf))
}
#endif

/// Transposes a square of `lanes` rows.
///
/// Written out, since what goes through an array goes through memory, which takes as long again.
@inline(__always)
private func transpose(row: (_ row: Int) -> Vec, put: (_ column: Int, Vec) -> Void) {
    let a = transposeQuads(row(0), row(1), row(2), row(3))
    #if ISA_AVX512
    let b = transposeQuads(row(4), row(5), row(6), row(7))
    let c = transposeQuads(row(8), row(9), row(10), row(11))
    let d = transposeQuads(row(12), row(13), row(14), row(15))
    gatherQuads(a.0, b.0, c.0, d.0, 0, put)
    gatherQuads(a.1, b.1, c.1, d.1, 1, put)
    gatherQuads(a.2, b.2, c.2, d.2, 2, put)
    gatherQuads(a.3, b.3, c.3, d.3, 3, put)
    #elseif ISA_AVX2
    let b = transposeQuads(row(4), row(5), row(6), row(7))
    gatherQuads(a.0, b.0, 0, put)
    gatherQuads(a.1, b.1, 1, put)
    gatherQuads(a.2, b.2, 2, put)
    gatherQuads(a.3, b.3, 3, put)
    #else
    put(0, a.0)
    put(1, a.1)
    put(2, a.2)
    put(3, a.3)
    #endif
}

/// Pass 1.
///
/// A last square that would reach over the row's end starts earlier instead, and packs some columns
/// twice. So does pass 4.
@inline(never)
private func pack(_ call: Call, first: Int, rows: Int) {
    let dimension = call.slice.headDimension
    let query = call.query + first &* dimension
    let packed = call.work.query
    let factor = call.scale * log2e
    if dimension < lanes {
        for i in 0..<queryBlock {
            for e in 0..<dimension {
                packed[e &* queryBlock &+ i] = i < rows ? query[i &* dimension &+ e] * factor : 0
            }
        }
        return
    }
    for i in stride(from: 0, to: queryBlock, by: lanes) {
        for column in stride(from: 0, to: dimension, by: lanes) {
            let e = min(column, dimension &- lanes)
            let source = query + (i &* dimension &+ e)
            let target = packed + (e &* queryBlock &+ i)
            @inline(__always)
            func row(_ r: Int) -> Vec { source.vec(r &* dimension) * factor }
            @inline(__always)
            func rowIfAny(_ r: Int) -> Vec { i &+ r < rows ? row(r) : splat(0) }
            @inline(__always)
            func put(_ column: Int, _ x: Vec) { target.put(column &* queryBlock, x) }
            if i &+ lanes <= rows {
                transpose(row: row, put: put)
            } else {
                transpose(row: rowIfAny, put: put)
            }
        }
    }
}

/// Pass 4: each row of the output times its entry of `work.sum`.
@inline(never)
private func unpack(_ call: Call, first: Int, rows: Int) {
    let dimension = call.slice.valueDimension
    let output = call.output + first &* dimension
    let packed = call.work.total.output
    for i in stride(from: 0, to: rows, by: lanes) {
        let factor = call.work.sum.vec(i)
        let hidden = call.work.seen.vec(i) .== 0
        if dimension < lanes {
            for e in 0..<dimension {
                let x = canonicalProduct(packed.vec(e &* queryBlock &+ i), factor)
                    .replacing(with: 0, where: hidden)
                for r in 0..<min(lanes, rows &- i) { output[(i &+ r) &* dimension &+ e] = x[r] }
            }
            continue
        }
        for column in stride(from: 0, to: dimension, by: lanes) {
            let e = min(column, dimension &- lanes)
            let source = packed + (e &* queryBlock &+ i)
            let target = output + (i &* dimension &+ e)
            @inline(__always)
            func columnOfRows(_ c: Int) -> Vec { source.vec(c &* queryBlock) }
            // A row is finished when it is one: a choice between lanes would be shuffled, too.
            @inline(__always)
            func put(_ r: Int, _ x: Vec) {
                let row = i &+ r
                let isHidden = call.work.seen[row] == 0
                let x = isHidden ? splat(0) : canonicalProduct(x, splat(call.work.sum[row]))
                target.put(r &* dimension, x)
            }
            @inline(__always)
            func putIfAny(_ r: Int, _ x: Vec) { if i &+ r < rows { put(r, x) } }
            if i &+ lanes <= rows {
                transpose(row: columnOfRows, put: put)
            } else {
                transpose(row: columnOfRows, put: putIfAny)
            }
        }
    }
}

// MARK: - The whole

/// Passes 2a to 2d over the keys of one span; false when no row sees any of them, and `state` holds
/// nothing.
@inline(never)
private func attend(
    _ keys: Range<Int>,
    _ visibility: Visibility,
    _ slice: Slice,
    _ state: RunningSoftmax,
    _ work: Workspace
) -> Bool {
    /// Bit c: vector c has seen no key yet, and its output is not written.
    var fresh = (1 &<< columns) &- 1
    var isFirst = true
    var origin = keys.lowerBound / keyBlock &* keyBlock
    while origin < keys.upperBound {
        let lower = max(origin, keys.lowerBound)
        let upper = min(origin &+ keyBlock, keys.upperBound)
        let block = look(lower: lower, upper: upper, origin: origin, visibility, work)
        let count = cut(block, visibility, work)
        if count > 0 {
            if isFirst { state.clear() }
            isFirst = false
            step(count, &fresh, slice, state, work)
        }
        origin = block.next / keyBlock &* keyBlock
    }
    if isFirst { return false }
    settle(fresh, fresh: fresh, slice, state.output, work)
    return true
}

/// Passes 2b to 2d for the stretches of one block.
@inline(__always)
private func step(
    _ count: Int,
    _ fresh: inout Int,
    _ slice: Slice,
    _ state: RunningSoftmax,
    _ work: Workspace
) {
    let stretches = work.stretches
    for c in 0..<columns {
        work.maximum.put(c &* lanes, state.maximum.vec(c &* lanes))
        work.sum.put(c &* lanes, splat(0))
    }
    for n in 0..<count { score(stretches[n], slice, work) }
    for c in 0..<columns {
        let old = state.maximum.vec(c &* lanes)
        let new = work.maximum.vec(c &* lanes)
        let safe = subtrahend(new)
        state.maximum.put(c &* lanes, new)
        work.maximum.put(c &* lanes, safe)
        work.decay.put(c &* lanes, exp2(old - safe))
    }
    for n in 0..<count { weigh(stretches[n], work) }
    for c in 0..<columns {
        let old = state.sum.vec(c &* lanes)
        state.sum.put(c &* lanes, fma(old, work.decay.vec(c &* lanes), work.sum.vec(c &* lanes)))
    }
    /// Bit c: α is still to be applied to the output of vector c. Where no stretch does, it is 1.
    var undecayed = ((1 &<< columns) &- 1) & ~fresh
    for n in 0..<count {
        let stretch = stretches[n]
        let members = stretch.members
        let beginning: Beginning
        if members & ~fresh == 0 {
            beginning = .zero
        } else if members & ~undecayed == 0 {
            beginning = .decayed
        } else {
            settle(members & (fresh | undecayed), fresh: fresh, slice, state.output, work)
            beginning = .present
        }
        let values = slice.value + stretch.hiddenLower &* slice.valueDimension
        let numbers = (stretch.hiddenUpper &- stretch.hiddenLower) &* slice.valueDimension
        if stretch.partial != 0 && !areFinite(values, numbers) {
            if beginning != .present {
                settle(members, fresh: fresh, slice, state.output, work)
            }
            addValuesSelectively(stretch, slice, state.output, work)
        } else {
            addValues(beginning, stretch, slice, state.output, work)
        }
        fresh &= ~members
        undecayed &= ~members
    }
}

/// Writes what the tiles of the vectors in `members` would start from: zeros to those in `fresh`,
/// α times what is there to the others.
@inline(never)
private func settle(
    _ members: Int,
    fresh: Int,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    for c in 0..<columns where members &>> c & 1 == 1 {
        let decay = work.decay.vec(c &* lanes)
        let isFresh = fresh &>> c & 1 == 1
        for e in 0..<slice.valueDimension {
            let place = e &* queryBlock &+ c &* lanes
            output.put(place, isFresh ? splat(0) : output.vec(place) * decay)
        }
    }
}

/// The weights of two running softmaxes in their merged one.
@inline(__always)
private func mergeDecays(_ left: Vec, _ right: Vec) -> (maximum: Vec, left: Vec, right: Vec) {
    let maximum = larger(left, right)
    let safe = subtrahend(maximum)
    return (maximum, exp2(left - safe), exp2(right - safe))
}

/// Pass 3: the span's running softmax joins that of the spans before it.
///
/// Where one side saw nothing, m is -Inf and its decay 0, and the other side stays as it is.
@inline(never)
private func mergeSpan(_ work: Workspace, dimension: Int) {
    for c in 0..<columns {
        let i = c &* lanes
        let decays = mergeDecays(work.total.maximum.vec(i), work.span.maximum.vec(i))
        work.total.maximum.put(i, decays.maximum)
        work.total.sum.put(
            i,
            fma(work.total.sum.vec(i), decays.left, work.span.sum.vec(i) * decays.right)
        )
        for e in 0..<dimension {
            let j = e &* queryBlock &+ i
            work.total.output.put(
                j,
                fma(work.total.output.vec(j), decays.left, work.span.output.vec(j) * decays.right)
            )
        }
    }
}

/// The arguments of both entry points, checked by the caller.
private struct Call {
    var slice: Slice
    let query: UnsafePointer<Float>
    let visibleStart: UnsafePointer<Int32>
    let visibleEnd: UnsafePointer<Int32>
    let rangeOffsets: UnsafePointer<Int32>?
    let ranges: UnsafePointer<Int32>?
    let visibility: UnsafePointer<UInt8>?
    let rows: Int
    /// Where row 0 stands among the keys.
    let firstPosition: Int
    let keyLength: Int
    /// The keys to look at: all of them, or one span.
    let keys: Range<Int>
    let scale: Float
    let output: UnsafeMutablePointer<Float>
    /// Given when m, l and o of one span are asked for instead of the finished output.
    let partialMaximum: UnsafeMutablePointer<Float>?
    let partialSum: UnsafeMutablePointer<Float>?
    let work: Workspace
}

/// Asks for the rows that pass 4 of this query block writes and pass 1 of the next one reads.
@inline(__always)
private func fetchRows(_ call: Call, first: Int, rows: Int) {
    let next = first &+ queryBlock
    let dimension = call.slice.headDimension
    if next < call.rows {
        fetch(call.query + next &* dimension, min(queryBlock, call.rows &- next) &* dimension)
    }
    let output = call.output + first &* call.slice.valueDimension
    var i = 0
    while i < rows &* call.slice.valueDimension {
        headwise_prefetch_to_write(output + i)
        i &+= 16
    }
}

/// Passes 2 and 3 for one query block; false when no row of it sees a key, and the total holds
/// nothing.
@inline(__always)
private func attendSpans(_ visibility: Visibility, _ slice: Slice, _ work: Workspace) -> Bool {
    var hasTotal = false
    var span = visibility.minimumStart / spanKeys &* spanKeys
    while span < visibility.maximumEnd {
        let lower = max(span, visibility.minimumStart)
        let upper = min(span &+ spanKeys, visibility.maximumEnd)
        if !hasTotal {
            hasTotal = attend(lower..<upper, visibility, slice, work.total, work)
        } else if attend(lower..<upper, visibility, slice, work.span, work) {
            mergeSpan(work, dimension: slice.valueDimension)
        }
        span &+= spanKeys
    }
    return hasTotal
}

/// The query blocks of a call, one after the other.
@inline(never)
private func run(_ call: Call) {
    let work = call.work
    var slice = call.slice
    for first in stride(from: 0, to: call.rows, by: queryBlock) {
        let rows = min(queryBlock, call.rows &- first)
        pack(call, first: first, rows: rows)
        let visibility = survey(call, first: first, rows: rows)
        slice.keyEnd = visibility.maximumEnd
        // Fewer keys are done before the rows could be here.
        if visibility.maximumEnd &- visibility.minimumStart >= 2 &* keyBlock {
            fetchRows(call, first: first, rows: rows)
        }
        if !attendSpans(visibility, slice, work) { work.total.clear() }
        finish(call, first: first, rows: rows)
        unpack(call, first: first, rows: rows)
    }
}

/// Leaves in `work.sum` what pass 4 multiplies by, and writes m and l where they are asked for.
@inline(never)
private func finish(_ call: Call, first: Int, rows: Int) {
    let work = call.work
    guard let maximum = call.partialMaximum, let sum = call.partialSum else {
        for c in 0..<columns { work.sum.put(c &* lanes, 1 / work.total.sum.vec(c &* lanes)) }
        return
    }
    for c in 0..<columns {
        let i = c &* lanes
        let hidden = work.seen.vec(i) .== 0
        let m = canonical(work.total.maximum.vec(i)).replacing(with: -.infinity, where: hidden)
        let l = canonical(work.total.sum.vec(i)).replacing(with: -0.0, where: hidden)
        for r in 0..<max(0, min(lanes, rows &- i)) {
            maximum[first &+ i &+ r] = m[r]
            sum[first &+ i &+ r] = l[r]
        }
        work.sum.put(i, splat(1))
    }
}

// MARK: - Weights

// The weights themselves are never kept by the passes above. Where they are asked for, passes 1 to
// 3 run without values and leave m and l of every row: its log-sum-exp, m + log₂ l, in two parts, so
// that no logarithm has to be rounded. Then passes 2a to 2c run once more, and what they make of the
// last m is divided by l.

/// The query blocks of a call for weights: its slice has no columns of values, and its output is
/// `[rows, keyLength]`.
@inline(never)
private func runWeights(_ call: Call) {
    let work = call.work
    var slice = call.slice
    for first in stride(from: 0, to: call.rows, by: queryBlock) {
        let rows = min(queryBlock, call.rows &- first)
        pack(call, first: first, rows: rows)
        let visibility = survey(call, first: first, rows: rows)
        slice.keyEnd = visibility.maximumEnd
        guard attendSpans(visibility, slice, work) else { continue }
        for c in 0..<columns {
            let i = c &* lanes
            work.total.maximum.put(i, subtrahend(work.total.maximum.vec(i)))
            work.total.sum.put(i, 1 / work.total.sum.vec(i))
        }
        // The ranges are walked from their beginning once more.
        let again = survey(call, first: first, rows: rows)
        var origin = again.minimumStart / keyBlock &* keyBlock
        while origin < again.maximumEnd {
            let lower = max(origin, again.minimumStart)
            let upper = min(origin &+ keyBlock, again.maximumEnd)
            let block = look(lower: lower, upper: upper, origin: origin, again, work)
            let count = cut(block, again, work)
            for n in 0..<count {
                let stretch = work.stretches[n]
                score(stretch, slice, work)
                for c in 0..<columns {
                    work.maximum.put(c &* lanes, work.total.maximum.vec(c &* lanes))
                }
                weigh(stretch, work)
                unpackWeights(stretch, call, first: first, rows: rows)
            }
            origin = block.next / keyBlock &* keyBlock
        }
    }
}

/// Writes the weights of one stretch, `lanes` keys of `lanes` rows at a time; those of hidden keys
/// are zeros.
@inline(never)
private func unpackWeights(_ stretch: Stretch, _ call: Call, first: Int, rows: Int) {
    let work = call.work
    let keys = stretch.upper &- stretch.lower
    for c in 0..<stretch.vectors {
        let row = stretch.first &+ c &* lanes
        let hides = stretch.partial &>> c & 1 == 1
        let factor = work.total.sum.vec(row)
        let output = call.output + (first &+ row) &* call.keyLength
        let count = min(lanes, rows &- row)
        @inline(__always)
        func weights(of key: Int) -> Vec {
            let weight = work.scores.vec((key &- stretch.origin) &* queryBlock &+ row)
            let x = canonicalProduct(weight, factor)
            guard hides else { return x }
            return splat(0).replacing(with: x, where: visible(key: key, row: row, stretch, work))
        }
        if keys < lanes {
            for key in stretch.lower..<stretch.upper {
                let x = weights(of: key)
                for r in 0..<max(0, count) { output[r &* call.keyLength &+ key] = x[r] }
            }
            continue
        }
        for lower in stride(from: stretch.lower, to: stretch.upper, by: lanes) {
            let key = min(lower, stretch.upper &- lanes)
            transpose {
                weights(of: key &+ $0)
            } put: { r, x in
                if r < count { output.put(r &* call.keyLength &+ key, x) }
            }
        }
    }
}

// MARK: - Entry points

/// Attention of `rows` query rows over all keys of their slice.
///
/// Query, output, bounds and visibility point at the first row asked for, key and value at the
/// first key. A score is `scale`·q·k, then `softCap`·tanh(score / `softCap`) unless `softCap` is 0,
/// then `slope`·|position of the row - key| less; row i stands at `firstPosition` + i.
@inline(never)
public func forward(
    query: UnsafePointer<Float>,
    key: UnsafePointer<Float>,
    value: UnsafePointer<Float>,
    visibleStart: UnsafePointer<Int32>,
    visibleEnd: UnsafePointer<Int32>,
    rangeOffsets: UnsafePointer<Int32>?,
    ranges: UnsafePointer<Int32>?,
    visibility: UnsafePointer<UInt8>?,
    rows: Int,
    keyLength: Int,
    headDimension: Int,
    valueDimension: Int,
    scale: Float,
    softCap: Float,
    slope: Float,
    firstPosition: Int,
    output: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawPointer
) {
    run(
        Call(
            slice: Slice(
                key: key,
                value: value,
                headDimension: headDimension,
                valueDimension: valueDimension,
                cap: softCap * log2e,
                slope: slope * log2e,
                keyEnd: 0
            ),
            query: query,
            visibleStart: visibleStart,
            visibleEnd: visibleEnd,
            rangeOffsets: rangeOffsets,
            ranges: ranges,
            visibility: visibility,
            rows: rows,
            firstPosition: firstPosition,
            keyLength: keyLength,
            keys: 0..<keyLength,
            scale: scale,
            output: output,
            partialMaximum: nil,
            partialSum: nil,
            work: Workspace(workspace)
        )
    )
}

/// The running softmax of `rows` query rows over the keys of span `span`: m, l `[rows]` and
/// o `[rows, Dv]`, not yet divided by l.
///
/// A row that sees no key of the span has m = -Inf and l = -0: the sign tells it from a row whose
/// scores are all -Inf, which is NaN in the end and not zeros.
@inline(never)
public func forwardSpan(
    query: UnsafePointer<Float>,
    key: UnsafePointer<Float>,
    value: UnsafePointer<Float>,
    visibleStart: UnsafePointer<Int32>,
    visibleEnd: UnsafePointer<Int32>,
    rangeOffsets: UnsafePointer<Int32>?,
    ranges: UnsafePointer<Int32>?,
    visibility: UnsafePointer<UInt8>?,
    rows: Int,
    keyLength: Int,
    headDimension: Int,
    valueDimension: Int,
    scale: Float,
    softCap: Float,
    slope: Float,
    firstPosition: Int,
    span: Int,
    maximum: UnsafeMutablePointer<Float>,
    sum: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawPointer
) {
    run(
        Call(
            slice: Slice(
                key: key,
                value: value,
                headDimension: headDimension,
                valueDimension: valueDimension,
                cap: softCap * log2e,
                slope: slope * log2e,
                keyEnd: 0
            ),
            query: query,
            visibleStart: visibleStart,
            visibleEnd: visibleEnd,
            rangeOffsets: rangeOffsets,
            ranges: ranges,
            visibility: visibility,
            rows: rows,
            firstPosition: firstPosition,
            keyLength: keyLength,
            keys: span &* spanKeys..<min((span &+ 1) &* spanKeys, keyLength),
            scale: scale,
            output: output,
            partialMaximum: maximum,
            partialSum: sum,
            work: Workspace(workspace)
        )
    )
}

/// Joins the running softmax of the next span to that of the spans before it, in place.
@inline(never)
public func mergeSpans(
    rows: Int,
    valueDimension: Int,
    maximum: UnsafeMutablePointer<Float>,
    sum: UnsafeMutablePointer<Float>,
    output: UnsafeMutablePointer<Float>,
    nextMaximum: UnsafePointer<Float>,
    nextSum: UnsafePointer<Float>,
    nextOutput: UnsafePointer<Float>
) {
    for row in 0..<rows {
        let decays = mergeDecays(splat(maximum[row]), splat(nextMaximum[row]))
        maximum[row] = decays.maximum[0]
        sum[row] = fma(splat(sum[row]), decays.left, splat(nextSum[row]) * decays.right)[0]
        let old = output + row &* valueDimension
        let new = nextOutput + row &* valueDimension
        var e = 0
        while e &+ lanes <= valueDimension {
            old.put(e, fma(old.vec(e), decays.left, new.vec(e) * decays.right))
            e &+= lanes
        }
        while e < valueDimension {
            old[e] = fma(splat(old[e]), decays.left, splat(new[e]) * decays.right)[0]
            e &+= 1
        }
    }
}

/// Turns the running softmax of all spans into the output, in place.
@inline(never)
public func finishSpans(
    rows: Int,
    valueDimension: Int,
    sum: UnsafePointer<Float>,
    output: UnsafeMutablePointer<Float>
) {
    for row in 0..<rows {
        let hidden = sum[row] == 0 && sum[row].sign == .minus
        let factor = 1 / splat(sum[row])
        let target = output + row &* valueDimension
        for e in 0..<valueDimension {
            target[e] = hidden ? 0 : canonical(splat(target[e]) * factor)[0]
        }
    }
}

/// The attention weights of `rows` query rows, `[rows, keyLength]`: what `forward` multiplies the
/// values by, divided by its sum.
///
/// Weights of keys that a row does not see are zeros, or not written where no row near it sees them.
@inline(never)
public func weights(
    query: UnsafePointer<Float>,
    key: UnsafePointer<Float>,
    visibleStart: UnsafePointer<Int32>,
    visibleEnd: UnsafePointer<Int32>,
    rangeOffsets: UnsafePointer<Int32>?,
    ranges: UnsafePointer<Int32>?,
    visibility: UnsafePointer<UInt8>?,
    rows: Int,
    keyLength: Int,
    headDimension: Int,
    scale: Float,
    softCap: Float,
    slope: Float,
    firstPosition: Int,
    weights: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawPointer
) {
    runWeights(
        Call(
            slice: Slice(
                key: key,
                // Of its zero columns none is read.
                value: key,
                headDimension: headDimension,
                valueDimension: 0,
                cap: softCap * log2e,
                slope: slope * log2e,
                keyEnd: 0
            ),
            query: query,
            visibleStart: visibleStart,
            visibleEnd: visibleEnd,
            rangeOffsets: rangeOffsets,
            ranges: ranges,
            visibility: visibility,
            rows: rows,
            firstPosition: firstPosition,
            keyLength: keyLength,
            keys: 0..<keyLength,
            scale: scale,
            output: weights,
            partialMaximum: nil,
            partialSum: nil,
            work: Workspace(workspace)
        )
    )
}

// MARK: - Few rows against many keys

// A step of decoding has one query row, or a few, for a long cache of keys and values: with a lane
// for every row most lanes would idle, while memory decides the time. So here **a lane is a column
// of the head**, and scores have a lane for every key. The rows of one call share their keys and
// values (they are the heads of a group), and each is read from memory once for all of them.
//
// For each span that some row sees keys of:
//   a. bits     for each block of `keyBlock` keys, what each row sees
//   b. scores   key after key; the lanes of the products are added up by a fixed tree, so that
//               `lanes` keys fill one vector
//   c. weights  2^(score - m) with the span's maximum m, a lane for every key
//   d. values   o ← o + weight·v, value after value
//
// **Memory is read in long, even streams.** The processor fetches ahead of a stream that it follows,
// and brings more than twice what a program can ask for: every prefetch instruction tried made
// things slower. It follows as long as whole rows are read for the first time in the order in which
// they lie, evenly, with few other reads between. So b and d run over a whole span each; all rows
// take their turn at the same `turnKeys` keys, of which the first tile of rows reads every number
// once, from end to end, and the others find them in the cache; and `opaque` keeps these
// reads in their order: rearranged by the compiler, they cost up to three quarters of the speed.
//
// A row's arithmetic has nothing to do with the rows beside it: keys stand at absolute places of
// blocks and vectors, hidden ones add exact zeros, and hidden values are not multiplied at all.

/// The most rows of a call.
public let decodeRows = 32

/// Keys that all rows work on before the next ones are read: few enough to stay in the first-level
/// cache with the rows' outputs, and whole vectors of every instruction set.
private let turnKeys = 16
/// Rows whose queries of four vectors fit into the registers beside the rest.
#if ISA_AVX512
private let registerRows = 4
#else
private let registerRows = 2
#endif
/// The blocks of a span.
private let spanBlocks = spanKeys / keyBlock
/// From a row's query or output to the next row's, and from its scores; powers of two would put all
/// rows into the same few sets of the cache.
private let rowStride = maximumDimension + 16
private let scoreStride = spanKeys + 16

/// The vector for the columns from `offset(slot)` on.
///
/// The last vector of a row that does not fill it begins earlier and holds some columns twice.
@inline(__always)
private func offset(_ slot: Int, _ dimension: Int) -> Int {
    max(0, min(slot &* lanes, dimension &- lanes))
}

@inline(__always)
private func slotCount(_ dimension: Int) -> Int { (dimension &+ lanes &- 1) / lanes }

/// Columns of a row from `offset(slot)` on; zeros beyond a row shorter than a vector.
@inline(__always)
private func columnsOf(_ row: UnsafePointer<Float>, _ slot: Int, _ dimension: Int) -> Vec {
    dimension < lanes ? shortRow(row, dimension) : row.vec(offset(slot, dimension))
}

@inline(never)
private func shortRow(_ row: UnsafePointer<Float>, _ dimension: Int) -> Vec {
    var x = splat(0)
    for e in 0..<dimension { x[e] = row[e] }
    return x
}

/// The running softmax of the rows of a call: o is `[rows, rowStride]`.
private struct DecodeState {
    let maximum: UnsafeMutablePointer<Float>
    let sum: UnsafeMutablePointer<Float>
    let output: UnsafeMutablePointer<Float>

    static let floats = (2 + rowStride) * decodeRows

    init(_ base: UnsafeMutablePointer<Float>) {
        maximum = base
        sum = base + decodeRows
        output = base + 2 * decodeRows
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
private struct DecodeWorkspace {
    /// [rows, rowStride], times scale·log₂e; the lanes that a last vector repeats are 0.
    let query: UnsafeMutablePointer<Float>
    let total: DecodeState
    let span: DecodeState
    /// [rows, scoreStride]: scores, then weights.
    let scores: UnsafeMutablePointer<Float>
    /// [lanes, rows of a tile] vectors: products of a few keys, lane by lane.
    let products: UnsafeMutablePointer<Float>
    /// The span's blocks that some row sees.
    let blocks: UnsafeMutablePointer<DecodeBlock>
    /// [blocks, rows]: the keys of the block that the row sees.
    let keys: UnsafeMutablePointer<KeySet>
    let cursors: UnsafeMutablePointer<Int32>
    let seen: UnsafeMutablePointer<Int32>
    /// 0, 1, 2, … and 1, 2, 4, …: the lanes' numbers and bits.
    let ramp: UnsafeMutablePointer<Int32>
    let laneBits: UnsafeMutablePointer<Int32>

    static let bytes =
        4 * (rowStride + scoreStride + 2) * decodeRows + 16 * lanes * lanes + 8
        * DecodeState.floats
        + MemoryLayout<DecodeBlock>.stride * spanBlocks
        + MemoryLayout<KeySet>.stride * spanBlocks * decodeRows + 8 * lanes

    init(_ base: UnsafeMutableRawPointer) {
        query = base.assumingMemoryBound(to: Float.self)
        total = DecodeState(query + rowStride * decodeRows)
        span = DecodeState(total.maximum + DecodeState.floats)
        scores = span.maximum + DecodeState.floats
        products = scores + scoreStride * decodeRows
        blocks = UnsafeMutableRawPointer(products + 4 * lanes * lanes)
            .assumingMemoryBound(to: DecodeBlock.self)
        keys = UnsafeMutableRawPointer(blocks + spanBlocks).assumingMemoryBound(to: KeySet.self)
        cursors = UnsafeMutableRawPointer(keys + spanBlocks * decodeRows)
            .assumingMemoryBound(to: Int32.self)
        seen = cursors + decodeRows
        ramp = seen + decodeRows
        laneBits = ramp + lanes
        for lane in 0..<lanes {
            ramp[lane] = Int32(truncatingIfNeeded: lane)
            laneBits[lane] = 1 &<< Int32(truncatingIfNeeded: lane)
        }
    }

    /// A row's scores of a block, the first one that of the block's origin.
    @inline(__always)
    func scores(_ row: Int, _ block: DecodeBlock) -> UnsafeMutablePointer<Float> {
        scores + (row &* scoreStride &+ block.place)
    }
}

/// A call with few rows.
///
/// Its rows are those of the group's heads, one head after the other.
private struct DecodeCall {
    var call: Call
    /// Each row's slope and position.
    let slopes: UnsafePointer<Float>
    let positions: UnsafePointer<Int32>
    /// Row i has visibility bytes i mod this.
    let maskRows: Int
    let work: DecodeWorkspace
}

/// Some keys of a block, of which some row of the call sees some.
private struct DecodeBlock {
    let lower: Int
    let upper: Int
    /// The block's first key, and where its score stands.
    let origin: Int
    let place: Int
    /// Whether every row sees all of the keys.
    let isFull: Bool
}

/// Pass a: returns the number of blocks.
@inline(never)
private func readKeys(_ span: Range<Int>, _ decode: DecodeCall) -> Int {
    let (call, work) = (decode.call, decode.work)
    var count = 0
    var origin = span.lowerBound / keyBlock &* keyBlock
    while origin < span.upperBound {
        let lower = max(origin, span.lowerBound)
        let upper = min(origin &+ keyBlock, span.upperBound)
        let all = KeySet(lower &- origin, upper &- origin)
        var isFull = true
        var isSeen = false
        // Where the next keys may be.
        var next = call.ranges == nil ? origin &+ keyBlock : Int.max
        for row in 0..<call.rows {
            let keys = rowKeys(
                start: Int(call.visibleStart[row]),
                end: Int(call.visibleEnd[row]),
                offsets: call.rangeOffsets.map { $0 + row },
                ranges: call.ranges,
                cursor: work.cursors + row,
                mask: call.visibility.map { $0 + row % decode.maskRows &* call.keyLength },
                lower: lower,
                upper: upper,
                origin: origin,
                next: &next
            )
            work.keys[count &* decodeRows &+ row] = keys
            if !keys.isEmpty {
                work.seen[row] = 1
                isSeen = true
            }
            if !keys.contains(all) { isFull = false }
        }
        if isSeen {
            work.blocks[count] = DecodeBlock(
                lower: lower,
                upper: upper,
                origin: origin,
                place: origin % spanKeys,
                isFull: isFull
            )
            count &+= 1
        }
        origin = max(next / keyBlock &* keyBlock, origin &+ keyBlock)
    }
    return count
}

/// In every four lanes the sums of neighbours, those of `a` before those of `b`.
///
/// Opaque, since of two steps the compiler would make shuffles of four vectors, which take as long
/// as the products.
@inline(__always)
private func neighbourSums(_ a: Vec, _ b: Vec) -> Vec { opaque(evens(a, b) + odds(a, b)) }

/// The sums of neighbouring quads of lanes, those of `a` before those of `b`.
@inline(__always)
private func quadSums(_ a: Vec, _ b: Vec) -> Vec {
    #if ISA_AVX512
    opaque(headwise_even_quads16(a, b) + headwise_odd_quads16(a, b))
    #elseif ISA_AVX2
    Vec(lowHalf: a.lowHalf, highHalf: b.lowHalf) + Vec(lowHalf: a.highHalf, highHalf: b.highHalf)
    #else
    a
    #endif
}

@inline(__always)
private func each<let R: Int>(
    _ a: Width<R>,
    _ b: Width<R>,
    _ sums: (Vec, Vec) -> Vec
) -> Width<R> {
    var x = a
    for r in 0..<R { x[r] = sums(a[r], b[r]) }
    return x
}

/// The sums of the lanes of as many vectors as there are lanes, for R rows: that of vector i in
/// lane i.
///
/// The vectors are asked for one after the other, and added up as soon as two are there, so that
/// few have to be kept.
@inline(__always)
private func laneSums<let R: Int>(_ vector: (_ index: Int) -> Width<R>) -> Width<R> {
    @inline(__always)
    func quad(_ index: Int) -> Width<R> {
        let ab = each(vector(4 &* index), vector(4 &* index &+ 1), neighbourSums)
        let cd = each(vector(4 &* index &+ 2), vector(4 &* index &+ 3), neighbourSums)
        return each(ab, cd, neighbourSums)
    }
    #if ISA_AVX512
    let low = each(quad(0), quad(1), quadSums)
    return each(low, each(quad(2), quad(3), quadSums), quadSums)
    #elseif ISA_AVX2
    return each(quad(0), quad(1), quadSums)
    #else
    return quad(0)
    #endif
}

/// The sum of the lanes, in the order in which the lanes of a product are added.
@inline(__always)
private func laneSum(_ x: Vec) -> Float { laneSums { _ in Width<1>(repeating: x) }[0][0] }

/// The products of a key with R rows, lane by lane; all have S vectors.
@inline(__always)
private func products<let R: Int, let S: Int>(
    _ query: Tile<R, S>,
    _ key: UnsafePointer<Float>
) -> Width<R> {
    var sums = Width<R>(repeating: splat(0))
    for slot in 0..<S {
        let x = opaque(key.vec(slot &* lanes))
        for r in 0..<R { sums[r] = fma(query[r][slot], x, sums[r]) }
    }
    return sums
}

/// The products of a key with R rows, from `row` on, lane by lane.
@inline(__always)
private func products<let R: Int>(
    _: Width<R>.Type,
    _ key: UnsafePointer<Float>,
    _ row: Int,
    _ dimension: Int,
    _ work: DecodeWorkspace
) -> Width<R> {
    var sums = Width<R>(repeating: splat(0))
    let query = work.query + row &* rowStride
    let whole = dimension / lanes
    for slot in 0..<whole {
        let x = opaque(key.vec(slot &* lanes))
        for r in 0..<R {
            sums[r] = fma(query.vec(r &* rowStride &+ slot &* lanes), x, sums[r])
        }
    }
    if dimension % lanes != 0 {
        var x = columnsOf(key, whole, dimension)
        // Columns that the vector repeats: a product with a zero could still be NaN.
        let repeated = dimension < lanes ? 0 : lanes &- dimension % lanes
        let isRepeated =
            work.ramp.vec(0) .< IntVec(repeating: Int32(truncatingIfNeeded: repeated))
        x.replace(with: splat(0), where: isRepeated)
        for r in 0..<R {
            sums[r] = fma(query.vec(r &* rowStride &+ whole &* lanes), x, sums[r])
        }
    }
    return sums
}

/// Pass b for R rows, from `row` on, and a whole turn of keys that have S vectors of columns.
@inline(__always)
private func decodeScores<let R: Int, let S: Int>(
    _: Tile<R, S>.Type,
    _ row: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ decode: DecodeCall
) {
    let work = decode.work
    let scores = work.scores(row, block) + (keys.lowerBound &- block.origin)
    var query = Tile<R, S>(repeating: Width<S>(repeating: splat(0)))
    for r in 0..<R {
        for slot in 0..<S {
            query[r][slot] = opaque(work.query.vec((row &+ r) &* rowStride &+ slot &* lanes))
        }
    }
    for vector in stride(from: 0, to: turnKeys, by: lanes) {
        let first = decode.call.slice.key + (keys.lowerBound &+ vector) &* (S &* lanes)
        let sums = laneSums { products(query, first + $0 &* (S &* lanes)) }
        for r in 0..<R { scores.put(r &* scoreStride &+ vector, sums[r]) }
    }
}

/// Pass b for R rows, from `row` on, and some keys of a turn, however many columns they have.
@inline(__always)
private func decodeScores<let R: Int>(
    _: Width<R>.Type,
    _ row: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ decode: DecodeCall
) {
    let (slice, work) = (decode.call.slice, decode.work)
    var first = keys.lowerBound / lanes &* lanes
    while first < keys.upperBound {
        for lane in 0..<lanes {
            // What is not asked for is hidden; a key that is one is read in its place.
            let key = min(max(first &+ lane, keys.lowerBound), keys.upperBound &- 1)
            let numbers = slice.key + key &* slice.headDimension
            let x = products(Width<R>.self, numbers, row, slice.headDimension, work)
            for r in 0..<R { work.products.put((lane &* R &+ r) &* lanes, x[r]) }
        }
        let sums = laneSums { lane in
            var x = Width<R>(repeating: splat(0))
            for r in 0..<R { x[r] = work.products.vec((lane &* R &+ r) &* lanes) }
            return x
        }
        let scores = work.scores(row, block) + (first &- block.origin)
        for r in 0..<R { scores.put(r &* scoreStride, sums[r]) }
        first &+= lanes
    }
}

/// Pass b for all rows and the first `count` of the span's blocks.
///
/// Where they fit, the queries of a tile are kept in registers: then nothing but keys is read.
@inline(never)
private func decodeScores(_ count: Int, _ decode: DecodeCall) {
    let rows = 0..<decode.call.rows
    for index in 0..<count {
        let block = decode.work.blocks[index]
        forEachTurn(block, of: turnKeys) { keys in
            let isWhole = keys.count == turnKeys
            switch decode.call.slice.headDimension {
            #if ISA_AVX512
            case 8 &* lanes where isWhole:
                forEachTile(of: 2, rows) { row, count in
                    switch count {
                    case 2: decodeScores(Tile<2, 8>.self, row, keys, block, decode)
                    default: decodeScores(Tile<1, 8>.self, row, keys, block, decode)
                    }
                }
            #endif
            case 4 &* lanes where isWhole:
                forEachTile(of: registerRows, rows) { row, count in
                    switch count {
                    case 4: decodeScores(Tile<4, 4>.self, row, keys, block, decode)
                    case 2: decodeScores(Tile<2, 4>.self, row, keys, block, decode)
                    default: decodeScores(Tile<1, 4>.self, row, keys, block, decode)
                    }
                }
            default:
                forEachTile(of: 4, rows) { row, count in
                    switch count {
                    case 4: decodeScores(Width<4>.self, row, keys, block, decode)
                    case 2: decodeScores(Width<2>.self, row, keys, block, decode)
                    default: decodeScores(Width<1>.self, row, keys, block, decode)
                    }
                }
            }
        }
    }
}

/// Pass b, second part, and pass c for one row and the first `count` of the span's blocks.
@inline(never)
private func decodeWeights(
    _ row: Int,
    _ count: Int,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let (slice, work) = (decode.call.slice, decode.work)
    let caps = slice.cap != 0
    let inverse = splat(1 / slice.cap)
    let slope = decode.slopes[row] * log2e
    var largest = splat(-.infinity)
    for index in 0..<count {
        let block = work.blocks[index]
        let keys = work.keys[index &* decodeRows &+ row]
        let scores = work.scores(row, block)
        for place in places(block) {
            var x = scores.vec(place)
            if caps { x = tanh(x * inverse) * splat(slice.cap) }
            if slope != 0 {
                let key =
                    work.ramp.vec(0)
                    &+ IntVec(repeating: Int32(truncatingIfNeeded: block.origin &+ place))
                let ahead = IntVec(repeating: decode.positions[row]) &- key
                let zero = IntVec(repeating: 0)
                let distance = ahead.replacing(with: zero &- ahead, where: ahead .< zero)
                x = fma(floats(distance), splat(-slope), x)
            }
            let bits = IntVec(repeating: keys.bits(from: place)) & work.laneBits.vec(0)
            let isSeen = bits .!= IntVec(repeating: 0)
            x = splat(-.infinity).replacing(with: x, where: isSeen)
            scores.put(place, x)
            largest = larger(largest, x)
        }
    }
    var maximum = -Float.infinity
    for lane in 0..<lanes {
        // As `larger`: a NaN gives way to what comes after it, and the weights are NaN anyway.
        let x = largest[lane]
        maximum = maximum > x ? maximum : x
    }
    let safe = subtrahend(splat(maximum))
    var sums = splat(0)
    for index in 0..<count {
        let block = work.blocks[index]
        let scores = work.scores(row, block)
        for place in places(block) {
            let weight = exp2(scores.vec(place) - safe)
            scores.put(place, weight)
            sums += weight
        }
    }
    state.maximum[row] = maximum
    state.sum[row] = laneSum(sums)
}

/// Where a block's vectors of keys begin, counted from its origin.
@inline(__always)
private func places(_ block: DecodeBlock) -> StrideTo<Int> {
    let first = (block.lower &- block.origin) / lanes &* lanes
    return stride(from: first, to: block.upper &- block.origin, by: lanes)
}

/// Pass d for R rows, C vectors of columns from `slot` on, and some keys.
@inline(__always)
private func decodeValues<let R: Int, let C: Int>(
    _: Tile<R, C>.Type,
    _ row: Int,
    _ slot: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let slice = decode.call.slice
    let weights = decode.work.scores(row, block)
    let step = slice.valueDimension
    var values = slice.value + (keys.lowerBound &* step &+ slot &* lanes)
    var sums = Tile<R, C>(repeating: Width<C>(repeating: splat(0)))
    for r in 0..<R {
        for c in 0..<C { sums[r][c] = state.vec(row &+ r, slot &+ c) }
    }
    for key in keys {
        var right = Width<C>(repeating: splat(0))
        for c in 0..<C { right[c] = opaque(values.vec(c &* lanes)) }
        for r in 0..<R {
            let weight = splat(weights[r &* scoreStride &+ key &- block.origin])
            for c in 0..<C { sums[r][c] = fma(weight, right[c], sums[r][c]) }
        }
        values += step
    }
    for r in 0..<R {
        for c in 0..<C { state.put(row &+ r, slot &+ c, sums[r][c]) }
    }
}

/// Pass d for R rows and some keys.
@inline(__always)
private func decodeValues<let R: Int>(
    _: Width<R>.Type,
    _ row: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let dimension = decode.call.slice.valueDimension
    let whole = dimension / lanes
    var slot = 0
    #if ISA_AVX512
    while slot &+ 8 <= whole {
        decodeValues(Tile<R, 8>.self, row, slot, keys, block, state, decode)
        slot &+= 8
    }
    #endif
    while slot &+ 4 <= whole {
        decodeValues(Tile<R, 4>.self, row, slot, keys, block, state, decode)
        slot &+= 4
    }
    while slot < whole {
        decodeValues(Tile<R, 1>.self, row, slot, keys, block, state, decode)
        slot &+= 1
    }
    if dimension % lanes != 0 {
        for r in 0..<R { decodeLastValues(row &+ r, keys, block, state, decode) }
    }
}

/// Pass d for one row and one key: the value is read from end to end, however wide it is.
@inline(__always)
private func addValue(
    _ key: Int,
    _ weight: Float,
    _ sums: UnsafeMutablePointer<Float>,
    _ slice: Slice
) {
    let dimension = slice.valueDimension
    let value = slice.value + key &* dimension
    let weight = splat(weight)
    let whole = dimension / lanes
    for slot in 0..<whole {
        let right = opaque(value.vec(slot &* lanes))
        sums.put(slot &* lanes, fma(weight, right, sums.vec(slot &* lanes)))
    }
    if dimension % lanes != 0 {
        let right = columnsOf(value, whole, dimension)
        sums.put(whole &* lanes, fma(weight, right, sums.vec(whole &* lanes)))
    }
}

/// Pass d for the last vector of columns, which the row does not fill.
@inline(never)
private func decodeLastValues(
    _ row: Int,
    _ keys: Range<Int>,
    _ block: DecodeBlock,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let slice = decode.call.slice
    let weights = decode.work.scores(row, block)
    let slot = slice.valueDimension / lanes
    var sum = state.vec(row, slot)
    for key in keys {
        let value = slice.value + key &* slice.valueDimension
        let right = columnsOf(value, slot, slice.valueDimension)
        sum = fma(splat(weights[key &- block.origin]), right, sum)
    }
    state.put(row, slot, sum)
}

/// Pass d for one row that does not see the whole block: what it does not see is not read.
@inline(never)
private func decodeSeenValues(
    _ row: Int,
    _ keys: KeySet,
    _ block: DecodeBlock,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let weights = decode.work.scores(row, block)
    let sums = state.output + row &* rowStride
    var index = keys.first(from: block.lower &- block.origin)
    while index < keyBlock {
        addValue(block.origin &+ index, weights[index], sums, decode.call.slice)
        index = keys.first(from: index &+ 1)
    }
}

/// Pass d for all rows and the first `count` of the span's blocks.
@inline(never)
private func decodeValues(_ count: Int, _ state: DecodeState, _ decode: DecodeCall) {
    let (call, work) = (decode.call, decode.work)
    #if ISA_AVX512
    let columns = call.slice.valueDimension
    let isTile = columns == 4 &* lanes || columns == 8 &* lanes
    #else
    let isTile = call.slice.valueDimension == 4 &* lanes
    #endif
    // One tile reads everything once, whatever the length of its turn.
    let length = isTile && call.rows <= 2 ? keyBlock : turnKeys
    for index in 0..<count {
        let block = work.blocks[index]
        if !block.isFull {
            for row in 0..<call.rows {
                let keys = work.keys[index &* decodeRows &+ row]
                decodeSeenValues(row, keys, block, state, decode)
            }
            continue
        }
        forEachTurn(block, of: length) { keys in
            var rows = 0..<call.rows
            if !isTile {
                // Tiles would read pieces of rows: these are in the cache by then.
                let weights = work.scores(0, block)
                for key in keys {
                    addValue(key, weights[key &- block.origin], state.output, call.slice)
                }
                rows = 1..<call.rows
            }
            forEachTile(of: 2, rows) { row, count in
                switch count {
                case 2: decodeValues(Width<2>.self, row, keys, block, state, decode)
                default: decodeValues(Width<1>.self, row, keys, block, state, decode)
                }
            }
        }
    }
}

/// Passes a to d over the keys of one span; false when no row sees any of them.
@inline(never)
private func decodeSpan(_ keys: Range<Int>, _ state: DecodeState, _ decode: DecodeCall) -> Bool {
    let count = readKeys(keys, decode)
    if count == 0 { return false }
    state.clear(rows: decode.call.rows, slots: slotCount(decode.call.slice.valueDimension))
    decodeScores(count, decode)
    for row in 0..<decode.call.rows { decodeWeights(row, count, state, decode) }
    decodeValues(count, state, decode)
    return true
}

/// Calls `body` with the block's keys of every turn.
@inline(__always)
private func forEachTurn(_ block: DecodeBlock, of length: Int, _ body: (_ keys: Range<Int>) -> Void)
{
    var first = block.lower
    while first < block.upper {
        let next = min((first / length &+ 1) &* length, block.upper)
        body(first..<next)
        first = next
    }
}

/// Calls `body` with the first row and the number of rows of every tile, a power of two.
@inline(__always)
private func forEachTile(
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

/// All spans of a call.
@inline(never)
private func run(_ decode: DecodeCall) {
    let (call, work) = (decode.call, decode.work)
    let (dimension, columns) = (call.slice.headDimension, call.slice.valueDimension)
    let factor = splat(call.scale * log2e)
    let lead = Int32(truncatingIfNeeded: lanes &- dimension % lanes)
    let count = slotCount(dimension)
    var start = call.keys.upperBound
    var end = call.keys.lowerBound
    for row in 0..<call.rows {
        for slot in 0..<count {
            var x = columnsOf(call.query + row &* dimension, slot, dimension) * factor
            if dimension >= lanes && dimension % lanes != 0 && slot == count &- 1 {
                x.replace(with: splat(0), where: work.ramp.vec(0) .< IntVec(repeating: lead))
            }
            work.query.put(row &* rowStride &+ slot &* lanes, x)
        }
        work.seen[row] = 0
        if let offsets = call.rangeOffsets { work.cursors[row] = offsets[row] }
        let (first, last) = (Int(call.visibleStart[row]), Int(call.visibleEnd[row]))
        if first < last {
            start = min(start, max(first, call.keys.lowerBound))
            end = max(end, min(last, call.keys.upperBound))
        }
    }
    var decode = decode
    decode.call.slice.keyEnd = end
    var hasTotal = false
    var span = start / spanKeys &* spanKeys
    while span < end {
        let keys = max(span, start)..<min(span &+ spanKeys, end)
        if !hasTotal {
            hasTotal = decodeSpan(keys, work.total, decode)
        } else if decodeSpan(keys, work.span, decode) {
            merge(decode)
        }
        span &+= spanKeys
    }
    if !hasTotal { work.total.clear(rows: call.rows, slots: slotCount(columns)) }
    finish(decode)
}

/// The span's running softmax joins that of the spans before it.
@inline(never)
private func merge(_ decode: DecodeCall) {
    let (total, span) = (decode.work.total, decode.work.span)
    for row in 0..<decode.call.rows {
        let decays = mergeDecays(splat(total.maximum[row]), splat(span.maximum[row]))
        total.maximum[row] = decays.maximum[0]
        let right = splat(span.sum[row]) * decays.right
        total.sum[row] = fma(splat(total.sum[row]), decays.left, right)[0]
        for slot in 0..<slotCount(decode.call.slice.valueDimension) {
            let right = span.vec(row, slot) * decays.right
            total.put(row, slot, fma(total.vec(row, slot), decays.left, right))
        }
    }
}

/// Writes the rows, or m, l and o where these are asked for.
@inline(never)
private func finish(_ decode: DecodeCall) {
    let (call, total) = (decode.call, decode.work.total)
    let dimension = call.slice.valueDimension
    for row in 0..<call.rows {
        let isHidden = decode.work.seen[row] == 0
        var factor = splat(1)
        if let maximum = call.partialMaximum, let sum = call.partialSum {
            maximum[row] = isHidden ? -.infinity : canonical(splat(total.maximum[row]))[0]
            sum[row] = isHidden ? -0.0 : canonical(splat(total.sum[row]))[0]
        } else {
            factor = 1 / splat(total.sum[row])
        }
        let output = call.output + row &* dimension
        for slot in 0..<slotCount(dimension) {
            var x = canonical(total.vec(row, slot) * factor)
            if isHidden { x = splat(0) }
            if dimension >= lanes {
                output.put(offset(slot, dimension), x)
            } else {
                for e in 0..<dimension { output[e] = x[e] }
            }
        }
    }
}

/// Attention of `rows` query rows, at most `decodeRows`, that share their keys and values; `slope`
/// and `position` of a row stand in `slopes` and `positions`, its visibility bytes in row
/// i mod `maskRows`.
///
/// With `span` ≥ 0, the running softmax over the keys of that span, as `forwardSpan` gives it.
@inline(never)
public func decode(
    query: UnsafePointer<Float>,
    key: UnsafePointer<Float>,
    value: UnsafePointer<Float>,
    visibleStart: UnsafePointer<Int32>,
    visibleEnd: UnsafePointer<Int32>,
    rangeOffsets: UnsafePointer<Int32>?,
    ranges: UnsafePointer<Int32>?,
    visibility: UnsafePointer<UInt8>?,
    maskRows: Int,
    rows: Int,
    keyLength: Int,
    headDimension: Int,
    valueDimension: Int,
    scale: Float,
    softCap: Float,
    slopes: UnsafePointer<Float>,
    positions: UnsafePointer<Int32>,
    span: Int,
    maximum: UnsafeMutablePointer<Float>?,
    sum: UnsafeMutablePointer<Float>?,
    output: UnsafeMutablePointer<Float>,
    workspace: UnsafeMutableRawPointer
) {
    let all = 0..<keyLength
    let call = Call(
        slice: Slice(
            key: key,
            value: value,
            headDimension: headDimension,
            valueDimension: valueDimension,
            cap: softCap * log2e,
            slope: 0,
            keyEnd: 0
        ),
        query: query,
        visibleStart: visibleStart,
        visibleEnd: visibleEnd,
        rangeOffsets: rangeOffsets,
        ranges: ranges,
        visibility: visibility,
        rows: rows,
        firstPosition: 0,
        keyLength: keyLength,
        keys: span < 0 ? all : span &* spanKeys..<min((span &+ 1) &* spanKeys, keyLength),
        scale: scale,
        output: output,
        partialMaximum: maximum,
        partialSum: sum,
        work: Workspace(workspace)
    )
    run(
        DecodeCall(
            call: call,
            slopes: slopes,
            positions: positions,
            maskRows: maskRows,
            work: DecodeWorkspace(workspace)
        )
    )
}

// MARK: - Roofs

/// Independent chains of multiply-adds in registers: the most this instruction set does.
///
/// Returns the floating-point operations done.
@inline(never)
public func fmaChains(iterations: Int, seed: Float, sink: UnsafeMutablePointer<Float>) -> Double {
    let a = splat(seed)
    let b = splat(seed * 1e-7)
    var sums = InlineArray<12, Vec>(repeating: a)
    for i in 0..<12 { sums[i][0] = Float(i) }
    for _ in 0..<iterations {
        for i in 0..<12 { sums[i] = fma(a, b, sums[i]) }
    }
    for i in 0..<12 { sink.pointee += sums[i].sum() }
    return Double(iterations) * Double(12 * 2 * lanes)
}

/// The sum of an array, in eight vectors: as fast as memory can be read.
@inline(never)
public func sumFloats(_ numbers: UnsafePointer<Float>, count: Int) -> Float {
    var sums = InlineArray<8, Vec>(repeating: splat(0))
    var i = 0
    while i &+ 8 &* lanes <= count {
        for s in 0..<8 { sums[s] += numbers.vec(i &+ s &* lanes) }
        i &+= 8 &* lanes
    }
    var total: Float = 0
    while i < count {
        total += numbers[i]
        i &+= 1
    }
    for s in 0..<8 { total += sums[s].sum() }
    return total
}

#endif
