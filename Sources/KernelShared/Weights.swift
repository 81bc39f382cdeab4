// The weights themselves, which no pass of `forward` keeps.
//
// If a call asks for weights, passes 1 to 3 first run without values and leave m and l of every
// row. These are its log-sum-exp, m + log₂ l, in two parts, so that no logarithm has to be rounded.
// Then passes 2a to 2c run once more with the final m, and the results are divided by l.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The attention weights of a call's rows, `[L, S]`, query block after query block.
@inline(never)
func weights(_ call: headwise_call) {
    let work = Workspace(call.workspace)
    var call = call
    // The values have zero columns, so this pointer is never read.
    call.value = call.key
    call.valueDimension = 0
    var slice = Slice(call)
    fetchNothing(call, work)
    for first in stride(from: 0, to: call.rows, by: queryBlock) {
        let rows = min(queryBlock, call.rows &- first)
        pack(call, first: first, rows: rows, work)
        let visibility = survey(call, first: first, rows: rows, work)
        slice.keyEnd = visibility.maximumEnd
        guard attendSpans(visibility, slice, work) else { continue }
        for c in 0..<columns {
            let i = c &* lanes
            let (maximum, sum) = (work.total.maximum.vec(i), work.total.sum.vec(i))
            let hasSink = call.sinks != nil
            work.total.sum.put(
                i,
                hasSink ? sinkFactor(maximum, sum, work.sinks.vec(i)) : 1 / sum
            )
            work.total.maximum.put(i, subtrahend(maximum))
        }
        // This resets the cursors, since the ranges are walked once more.
        let again = survey(call, first: first, rows: rows, work)
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
                unpackWeights(stretch, call, first: first, rows: rows, work)
            }
            origin = block.next / keyBlock &* keyBlock
        }
    }
}

/// Writes the weights of one stretch, `lanes` keys of `lanes` rows at a time.
///
/// The weights of hidden keys are zeros.
@inline(never)
func unpackWeights(
    _ stretch: Stretch,
    _ call: headwise_call,
    first: Int,
    rows: Int,
    _ work: Workspace
) {
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

#endif
