// The weights themselves, which no pass keeps.
//
// Where they are asked for, passes 1 to 3 run without values and leave m and l of every row: its
// log-sum-exp, m + log₂ l, in two parts, so that no logarithm has to be rounded. Then passes 2a to 2c
// run once more, and what they make of the last m is divided by l.

#if ISA_BASELINE || arch(x86_64)

/// The query blocks of a call for weights: its slice has no columns of values, and its output is
/// `[rows, keyLength]`.
@inline(never)
func runWeights(_ call: Call) {
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
func unpackWeights(_ stretch: Stretch, _ call: Call, first: Int, rows: Int) {
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
    nearest: UnsafePointer<Int32>?,
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
            nearest: nearest,
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

#endif
