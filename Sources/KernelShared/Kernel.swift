// Forward attention for one slice, on one thread, in the vectors of one instruction set.
//
//     query [L, D]   key [S, D]   value [S, Dv]   output [L, Dv]
//
// `headwise_call` defines a call, and `headwise_kernel` what a kernel offers; only `table` below
// leaves the module.
//
// Everything is computed transposed, Sᵀ = K·Qᵀ and Oᵀ = Vᵀ·Pᵀ: **a lane is a query row**. Keys and
// values are then read in place, one number broadcast to all lanes, and the softmax runs down the
// rows of the tile without a single horizontal reduction. Only the query block and the finished
// output are transposed.
//
// For each block of `queryBlock` rows:
//   1. pack     query block → [D, queryBlock], times scale·log₂e, so that exp becomes exp2
//   2. for each span of `spanKeys` keys, for each block of `keyBlock` keys that some row sees:
//      a. look     which vector of rows sees which keys; cut the block into stretches, runs of keys
//                  with the vectors that see something there. Keys that no row sees are skipped
//      b. scores   tile of 4 keys × the stretch's vectors; soft cap, distance and bias, if the
//                  call has them; a hidden score becomes -Inf; running maximum m
//      c. weights  2^(score - m), in place; their sum; earlier sums are scaled by α = 2^(m' - m)
//      d. values   o ← α·o + Vᵀ·weights, tile of 4 columns × the stretch's vectors
//   3. merge the spans from left to right
//   4. unpack   o / Σ weights → [L, Dv], the sink's weight in the sum; a row that sees no key is
//               zeros
//
// **One mechanism serves every mask and pattern.** For each vector of rows, step a makes two sets
// of keys: the keys that some row of the vector sees, and the keys that every row sees. Keys
// outside of the first set are not computed. Keys in the second set need no check. For the other
// keys, every row has a bit per key.
//
// **A row's bits depend on that row alone.** They do not depend on the neighbouring rows, although
// these decide which blocks are skipped, full or partly seen. There are three reasons. Block and
// span boundaries are absolute multiples. A hidden key adds an exact zero to a sum and multiplies
// by exactly α = 2^0 = 1. The remaining differences, the sign of a zero and the payload of a NaN,
// are made canonical when a row is written. So a problem can be cut between any two rows, and
// between spans.
//
// Read the files in the order of the passes: Vectors and Workspace; Transposition (1 and 4),
// Visibility with KeySet, Ranges, LongRows and Stretches (2a), Passes with Tiles (2b to 2d), Fetches,
// Spans (3). Weights and Decode are separate kernels, for the weights themselves and for few rows against many keys; the
// latter gives the same bits. Product is the matrix product of projections, and Softmax is a softmax
// alone.
//
// The module uses pointers, integers and vectors only. Other generics of the standard library
// (arrays, dictionaries, `SIMD.sum()`) and public structs would emit weak functions compiled with
// this module's instructions, and the linker might use those in the rest of the program.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The only symbol of this module that the rest of the program uses.
public var table: headwise_kernel {
    @inline(never) get {
        headwise_kernel(
            queryBlock: queryBlock,
            keyBlock: keyBlock,
            spanKeys: spanKeys,
            decodeRows: decodeRows,
            maximumDimension: maximumDimension,
            workspaceBytes: max(Workspace.bytes, DecodeWorkspace.bytes),
            productBytes: Product.bytes,
            forward: { forward($0.pointee) },
            decode: { decode($0.pointee) },
            weights: { weights($0.pointee) },
            softmax: { softmax($0.pointee) },
            mergeSpans: { mergeSpans(rows: $0, valueDimension: $1, $2, next: $3) },
            finishSpans: { finishSpans(rows: $0, valueDimension: $1, $2, sinks: $3) },
            train: { train($0.pointee) },
            multiply: { multiply($0.pointee) },
            normalise: { normalise(rows: $0, columns: $1, $2, $3) },
            tanh: { apply({ x in tanh(x) }, $0, $1, count: $2) },
            exp2: { apply({ x in exp2(x) }, $0, $1, count: $2) },
            fmaChains: { fmaChains(iterations: $0, seed: $1, sink: $2) },
            sumFloats: { sumFloats($0, count: $1) }
        )
    }
}

/// Attention of a call's rows, query block after query block.
@inline(never)
func forward(_ call: headwise_call) {
    let work = Workspace(call.workspace)
    var slice = Slice(call)
    for first in stride(from: 0, to: call.rows, by: queryBlock) {
        let rows = min(queryBlock, call.rows &- first)
        pack(call, first: first, rows: rows, work)
        let long = longRows(call, first: first, rows: rows)
        let visibility = survey(call, first: first, rows: rows, hiding: long, work)
        slice.keyEnd = visibility.maximumEnd
        // With fewer keys, the computation ends before the fetched rows could arrive.
        if visibility.maximumEnd &- visibility.minimumStart >= 2 &* keyBlock {
            fetchRows(call, first: first, rows: rows, work)
        } else {
            fetchNothing(call, work)
        }
        if !attendSpans(visibility, slice, work) { work.total.clear() }
        finish(call, first: first, rows: rows, work)
        unpack(call, first: first, rows: rows, work)
        // This uses the same scratch memory.
        if long != 0 { decodeLongRows(long, call, first: first) }
    }
}

/// Passes 2 and 3 for one query block.
///
/// Returns false when no row of the block sees a key; the total then holds nothing.
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

/// Passes 2a to 2d over the keys of one span.
///
/// Returns false when no row sees any of the keys; `state` then holds nothing.
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
    for n in 0..<count {
        score(stretches[n], slice, work)
        fetchSome(work)
    }
    for c in 0..<columns {
        let old = state.maximum.vec(c &* lanes)
        let new = work.maximum.vec(c &* lanes)
        let safe = subtrahend(new)
        state.maximum.put(c &* lanes, new)
        work.maximum.put(c &* lanes, safe)
        work.decay.put(c &* lanes, exp2(old - safe))
    }
    for n in 0..<count {
        weigh(stretches[n], work)
        fetchSome(work)
    }
    for c in 0..<columns {
        let old = state.sum.vec(c &* lanes)
        state.sum.put(c &* lanes, fma(old, work.decay.vec(c &* lanes), work.sum.vec(c &* lanes)))
    }
    /// Bit c: the output of vector c must still be multiplied by α; without a stretch for it, α is
    /// 1.
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
        fetchSome(work)
        fresh &= ~members
        undecayed &= ~members
    }
}

/// Writes the start values of the tiles of the vectors in `members`.
///
/// These are zeros for the vectors in `fresh`, and α times the present output for the others.
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

/// Leaves in `work.sum` the factor for pass 4, and writes m and l if the call asks for them.
@inline(never)
func finish(_ call: headwise_call, first: Int, rows: Int, _ work: Workspace) {
    guard let maxima = call.maximum, let sums = call.sum else {
        for c in 0..<columns {
            let i = c &* lanes
            let (maximum, sum) = (work.total.maximum.vec(i), work.total.sum.vec(i))
            let hasSink = call.sinks != nil
            work.sum.put(
                i,
                hasSink ? sinkFactor(maximum, sum, work.sinks.vec(i)) : 1 / sum
            )
        }
        return
    }
    for c in 0..<columns {
        let i = c &* lanes
        let hidden = work.seen.vec(i) .== 0
        let (maximum, sum) = canonical(work.total.maximum.vec(i), work.total.sum.vec(i))
        let m = maximum.replacing(with: -.infinity, where: hidden)
        let l = sum.replacing(with: -0.0, where: hidden)
        for r in 0..<max(0, min(lanes, rows &- i)) {
            maxima[first &+ i &+ r] = m[r]
            sums[first &+ i &+ r] = l[r]
        }
        work.sum.put(i, splat(1))
    }
}

#endif
