// Forward attention for one slice, on one thread, in the vectors of one instruction set.
//
//     query [rows, D]   key [S, D]   value [S, Dv]   output [rows, Dv]
//     visibleStart, visibleEnd [rows]: row i sees keys visibleStart[i] ..< visibleEnd[i]
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
//      a. classify the block: nothing seen (skip), all seen (full), or partly seen
//      b. scores   tile of 4 keys × all lanes; a hidden score becomes -Inf; running maximum m
//      c. weights  2^(score - m), in place; their sum; what came before is worth α = 2^(m' - m)
//      d. values   o ← α·o + Vᵀ·weights, tile of 4 columns × all lanes
//   3. merge the spans from left to right
//   4. unpack   o / Σ weights → [rows, Dv]; a row that sees nothing is zeros
//
// **A row's bits depend on that row alone.** They do not change with the rows beside it, although
// those decide which blocks are skipped, full or partly seen: block and span boundaries are
// absolute multiples; a hidden key adds an exact zero to a sum and multiplies by exactly
// α = 2^0 = 1; what is left, the sign of a zero and the payload of a NaN, is made canonical when a
// row is written. That is why a problem can be cut anywhere between rows, and between spans.
//
// The module holds pointers, integers and vectors only. Anything generic from the standard library
// (arrays, dictionaries, public structs) would emit weak symbols full of this module's
// instructions, and the linker may give those to the rest of the program.

#if ISA_BASELINE || arch(x86_64)

import CSystem

// MARK: - Vectors

#if ISA_AVX512
private typealias Vec = SIMD16<Float>
private typealias IntVec = SIMD16<Int32>
private typealias ByteVec = SIMD16<UInt8>
private typealias Square = InlineArray<16, Vec>
/// Vectors of query rows that a tile is wide; tile rows are 4, so 16 sums are in registers.
private let columns = 4
private let transposeSteps = 4
#elseif ISA_AVX2
private typealias Vec = SIMD8<Float>
private typealias IntVec = SIMD8<Int32>
private typealias ByteVec = SIMD8<UInt8>
private typealias Square = InlineArray<8, Vec>
private let columns = 3
private let transposeSteps = 3
#else
private typealias Vec = SIMD4<Float>
private typealias IntVec = SIMD4<Int32>
private typealias ByteVec = SIMD4<UInt8>
private typealias Square = InlineArray<4, Vec>
private let columns = 2
private let transposeSteps = 2
#endif

private let lanes = Vec.scalarCount
/// Query rows computed together; row ranges are cut at multiples of it.
public let queryBlock = columns * lanes
/// Keys per softmax step: scores and packed query have to stay in the first-level cache.
public let keyBlock = 128
/// Keys per span; the same in every build, so that a plan does not depend on the processor.
public let spanKeys = 2048
/// The largest D and Dv.
public let maximumDimension = 512
/// Query rows in a square of mask bytes.
private let maskStride = (queryBlock + 15) / 16 * 16

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

/// The bytes as integers.
@inline(__always)
private func widen(_ bytes: ByteVec) -> IntVec {
    #if ISA_AVX512
    headwise_widen16(bytes)
    #elseif ISA_AVX2
    headwise_widen8(bytes)
    #else
    headwise_widen4(bytes)
    #endif
}

@inline(__always)
private func isZero(_ bytes: SIMD16<UInt8>) -> Bool {
    let words = unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
    return words[0] | words[1] == 0
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
}

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

    @inline(__always)
    func clearOutput(_ valueDimension: Int) {
        for i in stride(from: 0, to: valueDimension &* queryBlock, by: lanes) {
            output.put(i, splat(0))
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
    /// [queryBlock]: not zero when the row saw a key.
    let seen: UnsafeMutablePointer<Int32>
    /// [keyBlock, maskStride]: the visibility of a partly seen block, transposed.
    let mask: UnsafeMutablePointer<UInt8>

    static let bytes =
        4 * (maximumDimension + keyBlock + 6) * queryBlock + 8 * RunningSoftmax.floats
        + keyBlock * maskStride

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
        seen = ends + queryBlock
        mask = UnsafeMutableRawPointer(seen + queryBlock).assumingMemoryBound(to: UInt8.self)
    }
}

/// The bytes of scratch memory that the entry points want, aligned to 64.
public var workspaceBytes: Int {
    @inline(never) get { Workspace.bytes }
}

/// What the rows of a query block see, all together.
private struct Visibility {
    /// The rows there are, and the vectors they fill.
    let rows: Int
    let vectors: Int
    /// Keys below it and from `maximumEnd` on are seen by no row and never read.
    let minimumStart: Int
    let maximumEnd: Int
    /// Keys from `maximumStart` to `minimumEnd` are inside the bounds of every row.
    let maximumStart: Int
    let minimumEnd: Int
    /// For each vector of rows: where the bounds of it and of all before it have ended.
    ///
    /// From there on they drop out of the tiles, which is what trims a causal diagonal.
    let leadingEnds: InlineArray<4, Int>
    /// The rows' visibility bytes; a row of them is `maskRowBytes` long.
    let mask: UnsafePointer<UInt8>?
    let maskRowBytes: Int
}

/// How a block of keys lies in what the rows see.
private enum Coverage {
    case none
    case full
    /// Partly seen; the bounds of the rows say where.
    case bounds
    /// Partly seen; the transposed mask says where.
    case mask
}

/// Keys of one block against the rows from vector `first` of the query block to the last.
private struct Stretch {
    /// Key indexes are those of the slice.
    var lower: Int
    var upper: Int
    /// The first key of the block, a multiple of `keyBlock`.
    let origin: Int
    let coverage: Coverage
    /// The first row, a multiple of the lanes, and the vectors from there on.
    var first: Int
    var vectors: Int
}

/// The keys and values that all rows of a call attend to.
private struct Slice {
    let key: UnsafePointer<Float>
    let value: UnsafePointer<Float>
    let headDimension: Int
    let valueDimension: Int
    /// No key from here on is seen by the query block at hand.
    var keyEnd: Int
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
    if stretch.coverage == .mask {
        let bytes = UnsafeRawPointer(work.mask + ((key &- stretch.origin) &* maskStride &+ row))
            .loadUnaligned(as: ByteVec.self)
        return widen(bytes) .!= 0
    }
    let index = IntVec(repeating: Int32(truncatingIfNeeded: key))
    return (work.starts.vec(row) .<= index) .& (index .< work.ends.vec(row))
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

/// Pass 2b where some rows do not see some keys: the scores of these become -Inf, and what is left
/// raises the maximum.
@inline(__always)
private func hide<let C: Int>(_: Width<C>.Type, _ stretch: Stretch, _ work: Workspace) {
    for c in 0..<C {
        let row = stretch.first &+ c &* lanes
        var m = work.maximum.vec(row)
        for key in stretch.lower..<stretch.upper {
            let place = (key &- stretch.origin) &* queryBlock &+ row
            let shown = visible(key: key, row: row, stretch, work)
            let score = splat(-.infinity).replacing(with: work.scores.vec(place), where: shown)
            work.scores.put(place, score)
            m = larger(m, score)
        }
        work.maximum.put(row, m)
    }
}

/// Pass 2d for R columns of value, from `column` on, × C vectors of rows; what came before is
/// multiplied by α when `decays`.
@inline(__always)
private func valueTile<let R: Int, let C: Int>(
    _: Tile<R, C>.Type,
    _ column: Int,
    _ decays: Bool,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    let target = output + column &* queryBlock + stretch.first
    var sums = Tile<R, C> { r in
        InlineArray { c in target.vec(r &* queryBlock &+ c &* lanes) }
    }
    if decays {
        let decay = work.decay + stretch.first
        for r in 0..<R {
            for c in 0..<C { sums[r][c] *= decay.vec(c &* lanes) }
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
    // The maximum of scores still to be hidden goes where nobody looks.
    let isFull = stretch.coverage == .full
    let maximum = (isFull ? work.maximum : work.decay) + stretch.first
    var key = stretch.lower
    // A tile of one vector needs more rows to keep the multipliers busy.
    while C == 1 && key &+ 8 <= stretch.upper {
        scoreTile(Tile<8, C>.self, key, stretch, slice, maximum, work)
        key &+= 8
    }
    while key &+ 4 <= stretch.upper {
        fetch(slice.value + key &* slice.valueDimension, 4 &* slice.valueDimension)
        if key &+ keyBlock &+ 4 <= slice.keyEnd {
            let ahead = slice.key + (key &+ keyBlock) &* slice.headDimension
            fetch(ahead, 4 &* slice.headDimension)
        }
        scoreTile(Tile<4, C>.self, key, stretch, slice, maximum, work)
        key &+= 4
    }
    while key < stretch.upper {
        scoreTile(Tile<1, C>.self, key, stretch, slice, maximum, work)
        key &+= 1
    }
    if !isFull { hide(Width<C>.self, stretch, work) }
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
    _ decays: Bool,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    switch stretch.vectors {
    case 4 where columns > 3: addValues(Width<4>.self, decays, stretch, slice, output, work)
    case 3 where columns > 2: addValues(Width<3>.self, decays, stretch, slice, output, work)
    case 2: addValues(Width<2>.self, decays, stretch, slice, output, work)
    default: addValues(Width<1>.self, decays, stretch, slice, output, work)
    }
}

@inline(__always)
private func addValues<let C: Int>(
    _: Width<C>.Type,
    _ decays: Bool,
    _ stretch: Stretch,
    _ slice: Slice,
    _ output: UnsafeMutablePointer<Float>,
    _ work: Workspace
) {
    var column = 0
    while C == 1 && column &+ 8 <= slice.valueDimension {
        valueTile(Tile<8, C>.self, column, decays, stretch, slice, output, work)
        column &+= 8
    }
    while column &+ 4 <= slice.valueDimension {
        valueTile(Tile<4, C>.self, column, decays, stretch, slice, output, work)
        column &+= 4
    }
    while column < slice.valueDimension {
        valueTile(Tile<1, C>.self, column, decays, stretch, slice, output, work)
        column &+= 1
    }
}

/// Pass 2d where a value that some rows do not see is NaN or infinite.
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
        let row = c &* lanes
        for column in 0..<slice.valueDimension {
            let target = output + column &* queryBlock
            var sum = target.vec(row) * work.decay.vec(row)
            for j in stretch.lower..<stretch.upper {
                let value = splat(slice.value[j &* slice.valueDimension &+ column])
                let weight = work.scores.vec((j &- stretch.origin) &* queryBlock &+ row)
                let shown = visible(key: j, row: row, stretch, work)
                sum.replace(with: fma(value, weight, sum), where: shown)
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
    let mask = call.visibility.map { $0 + first &* call.keyLength }
    let lowest = Int32(truncatingIfNeeded: call.keys.lowerBound)
    let highest = Int32(truncatingIfNeeded: call.keys.upperBound)
    var minimumStart = highest
    var maximumStart = lowest
    var minimumEnd = highest
    var maximumEnd = lowest
    for row in 0..<queryBlock {
        let start = row < rows ? max(starts[row], lowest) : highest
        let end = row < rows ? min(ends[row], highest) : lowest
        let isEmpty = start >= end
        work.starts[row] = isEmpty ? highest : start
        work.ends[row] = isEmpty ? lowest : end
        work.seen[row] = mask == nil && !isEmpty ? 1 : 0
    }
    for row in 0..<rows {
        minimumStart = min(minimumStart, work.starts[row])
        maximumStart = max(maximumStart, work.starts[row])
        minimumEnd = min(minimumEnd, work.ends[row])
    }
    var leadingEnds = InlineArray<4, Int>(repeating: 0)
    for c in 0..<columns {
        for lane in 0..<lanes { maximumEnd = max(maximumEnd, work.ends[c &* lanes &+ lane]) }
        leadingEnds[c] = Int(maximumEnd)
    }
    return Visibility(
        rows: rows,
        vectors: (rows &+ lanes &- 1) / lanes,
        minimumStart: Int(minimumStart),
        maximumEnd: Int(maximumEnd),
        maximumStart: Int(maximumStart),
        minimumEnd: Int(minimumEnd),
        leadingEnds: leadingEnds,
        mask: mask,
        maskRowBytes: call.keyLength
    )
}

/// Pass 2a; transposes the mask when the block is partly seen through it.
@inline(never)
private func classify(
    lower: Int,
    upper: Int,
    origin: Int,
    _ visibility: Visibility,
    _ work: Workspace
) -> Coverage {
    let insideBounds = visibility.maximumStart <= lower && upper <= visibility.minimumEnd
    if !insideBounds {
        var some = false
        for row in 0..<visibility.rows {
            let start = max(Int(work.starts[row]), lower)
            if start < min(Int(work.ends[row]), upper) { some = true }
        }
        if !some { return .none }
    }
    guard let mask = visibility.mask else { return insideBounds ? .full : .bounds }
    var some = false
    var all = true
    for row in 0..<visibility.rows {
        scan(mask + row &* visibility.maskRowBytes, lower, upper, some: &some, all: &all)
    }
    if !some { return .none }
    if !all {
        transposeMask(mask, lower: lower, upper: upper, origin: origin, visibility, work)
        return .mask
    }
    for row in 0..<visibility.rows {
        let start = max(Int(work.starts[row]), lower)
        if start < min(Int(work.ends[row]), upper) { work.seen[row] = 1 }
    }
    return insideBounds ? .full : .bounds
}

/// Whether some and whether all bytes of a stretch of a mask row are not zero.
@inline(__always)
private func scan(
    _ bytes: UnsafePointer<UInt8>,
    _ lower: Int,
    _ upper: Int,
    some: inout Bool,
    all: inout Bool
) {
    let zero = SIMD16<UInt8>(repeating: 0)
    var shown = zero
    var hidden = zero
    var j = lower
    while j &+ 16 <= upper {
        let x = UnsafeRawPointer(bytes + j).loadUnaligned(as: SIMD16<UInt8>.self)
        shown |= x
        hidden.replace(with: .max, where: x .== zero)
        j &+= 16
    }
    if !isZero(shown) { some = true }
    if !isZero(hidden) { all = false }
    while j < upper {
        if bytes[j] == 0 { all = false } else { some = true }
        j &+= 1
    }
}

/// Writes mask ∧ bounds of a block to `work.mask` as [key, row], by squares of 16 × 16 bytes.
@inline(never)
private func transposeMask(
    _ mask: UnsafePointer<UInt8>,
    lower: Int,
    upper: Int,
    origin: Int,
    _ visibility: Visibility,
    _ work: Workspace
) {
    var square = InlineArray<16, SIMD16<UInt8>>(repeating: SIMD16(repeating: 0))
    var group = 0
    while group < visibility.rows {
        var j = lower
        while j < upper {
            for i in 0..<16 {
                square[i] = SIMD16(repeating: 0)
                let row = group &+ i
                guard row < visibility.rows else { continue }
                let start = max(Int(work.starts[row]), j)
                let end = min(Int(work.ends[row]), min(upper, j &+ 16))
                guard start < end else { continue }
                let bytes = mask + row &* visibility.maskRowBytes
                square[i] = shown(bytes, from: j, start: start, end: end, limit: upper)
                if !isZero(square[i]) { work.seen[row] = 1 }
            }
            transpose(&square)
            let target = work.mask + (j &- origin) &* maskStride + group
            for i in 0..<min(16, upper &- j) {
                UnsafeMutableRawPointer(target + i &* maskStride)
                    .storeBytes(of: square[i], as: SIMD16<UInt8>.self)
            }
            j &+= 16
        }
        group &+= 16
    }
}

/// Sixteen bytes of a mask row from key `from` on, zero outside of `start..<end`.
///
/// Nothing is read from `limit` on.
@inline(__always)
private func shown(
    _ bytes: UnsafePointer<UInt8>,
    from j: Int,
    start: Int,
    end: Int,
    limit: Int
) -> SIMD16<UInt8> {
    var x = SIMD16<UInt8>(repeating: 0)
    if j &+ 16 <= limit {
        x = UnsafeRawPointer(bytes + j).loadUnaligned(as: SIMD16<UInt8>.self)
    } else {
        for i in start..<end { x[i &- j] = bytes[i] }
    }
    let index = SIMD16<UInt8>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    let first = SIMD16<UInt8>(repeating: UInt8(truncatingIfNeeded: start &- j))
    let last = SIMD16<UInt8>(repeating: UInt8(truncatingIfNeeded: end &- j))
    return SIMD16(repeating: 0).replacing(with: x, where: (first .<= index) .& (index .< last))
}

// MARK: - Transposition

/// Transposes a square: as many perfect un-shuffles as its side has bits, each a permutation of
/// two vectors.
@inline(__always)
private func transpose(_ square: inout InlineArray<16, SIMD16<UInt8>>) {
    for _ in 0..<4 {
        let old = square
        for i in 0..<8 {
            let a = old[2 &* i]
            let b = old[2 &* i &+ 1]
            square[i] = SIMD16(lowHalf: a.evenHalf, highHalf: b.evenHalf)
            square[8 &+ i] = SIMD16(lowHalf: a.oddHalf, highHalf: b.oddHalf)
        }
    }
}

@inline(__always)
private func transpose(_ square: inout Square) {
    for _ in 0..<transposeSteps {
        let old = square
        for i in 0..<(lanes / 2) {
            let a = old[2 &* i]
            let b = old[2 &* i &+ 1]
            square[i] = Vec(lowHalf: a.evenHalf, highHalf: b.evenHalf)
            square[lanes / 2 &+ i] = Vec(lowHalf: a.oddHalf, highHalf: b.oddHalf)
        }
    }
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
    let factor = call.scale * 1.442_695_04
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
            var square = Square { r in
                let row = i &+ r
                return row < rows ? query.vec(row &* dimension &+ e) * factor : splat(0)
            }
            transpose(&square)
            for r in 0..<lanes { packed.put((e &+ r) &* queryBlock &+ i, square[r]) }
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
                let x = canonical(packed.vec(e &* queryBlock &+ i) * factor)
                    .replacing(with: 0, where: hidden)
                for r in 0..<min(lanes, rows &- i) { output[(i &+ r) &* dimension &+ e] = x[r] }
            }
            continue
        }
        for column in stride(from: 0, to: dimension, by: lanes) {
            let e = min(column, dimension &- lanes)
            var square = Square { r in
                canonical(packed.vec((e &+ r) &* queryBlock &+ i) * factor)
                    .replacing(with: 0, where: hidden)
            }
            transpose(&square)
            for r in 0..<lanes where i &+ r < rows {
                output.put((i &+ r) &* dimension &+ e, square[r])
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
    var isFirst = true
    var origin = keys.lowerBound / keyBlock &* keyBlock
    while origin < keys.upperBound {
        let lower = max(origin, keys.lowerBound)
        let upper = min(origin &+ keyBlock, keys.upperBound)
        let coverage = classify(lower: lower, upper: upper, origin: origin, visibility, work)
        if coverage != .none {
            if isFirst { state.clear() }
            let block = Stretch(
                lower: lower,
                upper: upper,
                origin: origin,
                coverage: coverage,
                first: 0,
                vectors: visibility.vectors
            )
            step(block, isFirst: isFirst, visibility, slice, state, work)
            isFirst = false
        }
        origin &+= keyBlock
    }
    return !isFirst
}

/// Passes 2b to 2d for one block of keys, in stretches over which the same vectors of rows see
/// something: stretch n leaves out the first n vectors.
@inline(__always)
private func step(
    _ block: Stretch,
    isFirst: Bool,
    _ visibility: Visibility,
    _ slice: Slice,
    _ state: RunningSoftmax,
    _ work: Workspace
) {
    for c in 0..<columns {
        work.maximum.put(c &* lanes, state.maximum.vec(c &* lanes))
        work.sum.put(c &* lanes, splat(0))
    }
    for n in 0..<block.vectors {
        let part = stretch(n, of: block, visibility)
        if part.lower < part.upper { score(part, slice, work) }
    }
    for c in 0..<columns {
        let old = state.maximum.vec(c &* lanes)
        let new = work.maximum.vec(c &* lanes)
        let safe = subtrahend(new)
        state.maximum.put(c &* lanes, new)
        work.maximum.put(c &* lanes, safe)
        work.decay.put(c &* lanes, exp2(old - safe))
    }
    for n in 0..<block.vectors {
        let part = stretch(n, of: block, visibility)
        if part.lower < part.upper { weigh(part, work) }
    }
    for c in 0..<columns {
        let old = state.sum.vec(c &* lanes)
        state.sum.put(c &* lanes, fma(old, work.decay.vec(c &* lanes), work.sum.vec(c &* lanes)))
    }
    if isFirst { state.clearOutput(slice.valueDimension) }
    var decays = !isFirst
    let values = slice.value + block.lower &* slice.valueDimension
    let count = (block.upper &- block.lower) &* slice.valueDimension
    if block.coverage != .full && !areFinite(values, count) {
        addValuesSelectively(block, slice, state.output, work)
        return
    }
    for n in 0..<block.vectors {
        let part = stretch(n, of: block, visibility)
        if part.lower >= part.upper { continue }
        addValues(decays, part, slice, state.output, work)
        decays = false
    }
}

@inline(__always)
private func stretch(_ n: Int, of block: Stretch, _ visibility: Visibility) -> Stretch {
    var part = block
    if n > 0 { part.lower = max(block.lower, visibility.leadingEnds[n &- 1]) }
    part.upper = min(block.upper, visibility.leadingEnds[n])
    part.first = n &* lanes
    part.vectors = block.vectors &- n
    return part
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
    let slice: Slice
    let query: UnsafePointer<Float>
    let visibleStart: UnsafePointer<Int32>
    let visibleEnd: UnsafePointer<Int32>
    let visibility: UnsafePointer<UInt8>?
    let rows: Int
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
        if !hasTotal { work.total.clear() }
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

// MARK: - Entry points

/// Attention of `rows` query rows over all keys of their slice.
///
/// Query, output, bounds and visibility point at the first row asked for, key and value at the
/// first key. `scale` multiplies the scores.
@inline(never)
public func forward(
    query: UnsafePointer<Float>,
    key: UnsafePointer<Float>,
    value: UnsafePointer<Float>,
    visibleStart: UnsafePointer<Int32>,
    visibleEnd: UnsafePointer<Int32>,
    visibility: UnsafePointer<UInt8>?,
    rows: Int,
    keyLength: Int,
    headDimension: Int,
    valueDimension: Int,
    scale: Float,
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
                keyEnd: 0
            ),
            query: query,
            visibleStart: visibleStart,
            visibleEnd: visibleEnd,
            visibility: visibility,
            rows: rows,
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
    visibility: UnsafePointer<UInt8>?,
    rows: Int,
    keyLength: Int,
    headDimension: Int,
    valueDimension: Int,
    scale: Float,
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
                keyEnd: 0
            ),
            query: query,
            visibleStart: visibleStart,
            visibleEnd: visibleEnd,
            visibility: visibility,
            rows: rows,
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
