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
// Read on in the order of the passes: Vectors and Workspace; Transposition (1 and 4), Visibility
// with KeySet (2a), Passes with Tiles (2b to 2d), Spans (3). Weights and Decode are kernels of their
// own, for the weights themselves and for few rows against many keys.
//
// The module holds pointers, integers and vectors only. Anything else generic from the standard
// library (arrays, dictionaries, `SIMD.sum()`) and public structs would emit weak functions full of
// this module's instructions, and the linker may give those to the rest of the program.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Passes 2a to 2d over the keys of one span; false when no row sees any of them, and `state` holds
/// nothing.
@inline(never)
func attend(
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
func step(
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
func settle(
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

/// The arguments of both entry points, checked by the caller.
struct Call {
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
    /// [rows]: what is taken off each row's distances; nil for nothing.
    let nearest: UnsafePointer<Int32>?
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

/// Asks for numbers that are read later.
@inline(__always)
func fetch(_ numbers: UnsafePointer<Float>, _ count: Int) {
    var i = 0
    while i < count {
        headwise_prefetch(numbers + i)
        i &+= 16
    }
}

/// Asks for the rows that pass 4 of this query block writes and pass 1 of the next one reads.
@inline(__always)
func fetchRows(_ call: Call, first: Int, rows: Int) {
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
func attendSpans(_ visibility: Visibility, _ slice: Slice, _ work: Workspace) -> Bool {
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
func run(_ call: Call) {
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
func finish(_ call: Call, first: Int, rows: Int) {
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

/// Attention of `rows` query rows over all keys of their slice.
///
/// Query, output, bounds and visibility point at the first row asked for, key and value at the
/// first key. A score is `scale`·q·k, then `softCap`·tanh(score / `softCap`) unless `softCap` is 0,
/// then `slope`·(|position of the row - key| - `nearest`) less; row i stands at `firstPosition` + i.
///
/// `nearest` `[rows]` is the distance of the nearest key that the row sees, whatever keys are asked
/// for. It changes no weight, and keeps far rows exact: taken off as an integer, it leaves the
/// scores that matter small.
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
    nearest: UnsafePointer<Int32>?,
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
            nearest: nearest,
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

#endif
