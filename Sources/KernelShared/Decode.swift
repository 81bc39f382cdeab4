// A step of decoding has one query row, or a few, and a long cache of keys and values. With a lane
// for every row, most lanes would idle, and memory limits the speed. So here scores have **a lane
// for every key**, and outputs a lane for every column. The rows of one call share their keys and
// values (they are the heads of a group), and each key and value is read from memory once for all
// rows.
//
// For each span of which some row sees keys:
//   a. bits     for each block of `keyBlock` keys, what each row sees
//   b. scores   squares of `lanes` keys are transposed in registers, so that a column of all these
//               keys is one vector
//   c. weights  for each block, the running maximum m, α and 2^(score - m); their sum has a lane
//               for every block
//   d. values   o ← α·o before each block, then o ← o + weight·v, value after value
//
// **The bits are those of `forward`**, since every number comes from the same operations in the
// same order: a score is one chain over the columns; blocks and spans have the same bounds; a
// block's weights are added in the order of its keys; an output is one chain over the keys of a
// block. A maximum is compared in another order, which shows only where a score is NaN: then the
// row's weights, sum and outputs are NaN in both, and its m is made NaN. What a row does not see
// adds an exact zero in `forward`, and nothing here.
//
// **Memory is read in long, even streams.** The processor detects such a stream and fetches ahead
// of it. This brings more than twice what a program can request. The processor follows a stream as
// long as new rows are read whole, in memory order, evenly, and with few other reads between. So
// passes b and d each run over a whole span. All rows take their turn at the same keys: the first
// tile of rows reads every number once, from end to end, and the other tiles find the numbers in
// the cache. `opaque` keeps these reads in their order: reordering by the compiler cost up to three
// quarters of the speed.
//
// Squares are not read in memory order, which halved the speed. So while one vector of keys is
// transposed, the lines of the next one are read in memory order and dropped: `KeyVector`.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Attention of a call of at most `decodeRows` rows, span after span.
@inline(never)
func decode(_ call: headwise_call) {
    if call.rows >= manyRows {
        forward(call)
        return
    }
    let decode = DecodeCall(call)
    let (keys, work) = (call.keys, decode.work)
    let (dimension, columns) = (call.headDimension, call.valueDimension)
    let factor = queryFactor(call)
    var start = keys.upperBound
    var end = keys.lowerBound
    for row in 0..<call.rows {
        for column in 0..<dimension {
            work.query[row &* rowStride &+ column] = call.query[row &* dimension &+ column] * factor
        }
        work.seen[row] = 0
        if let offsets = call.rangeOffsets { work.cursors[row] = offsets[row] }
        let (first, last) = (Int(call.visibleStart[row]), Int(call.visibleEnd[row]))
        if first < last {
            start = min(start, max(first, keys.lowerBound))
            end = max(end, min(last, keys.upperBound))
        }
    }
    var hasTotal = false
    var span = start / spanKeys &* spanKeys
    while span < end {
        let part = max(span, start)..<min(span &+ spanKeys, end)
        if !hasTotal {
            hasTotal = decodeSpan(part, work.total, decode)
        } else if decodeSpan(part, work.span, decode) {
            merge(decode)
        }
        span &+= spanKeys
    }
    if !hasTotal { work.total.clear(rows: call.rows, slots: slotCount(columns)) }
    finish(decode)
}

/// A call of `decode`: its rows are the rows of a group's heads, one head after the other.
struct DecodeCall {
    let call: headwise_call
    let slice: Slice
    let work: DecodeWorkspace

    init(_ call: headwise_call) {
        self.call = call
        slice = Slice(call)
        work = DecodeWorkspace(call.workspace)
    }
}

/// Passes a to d over the keys of one span; false when no row sees any of them.
@inline(never)
func decodeSpan(_ keys: Range<Int>, _ state: DecodeState, _ decode: DecodeCall) -> Bool {
    let count = readKeys(keys, decode)
    if count == 0 { return false }
    state.clear(rows: decode.call.rows, slots: slotCount(decode.slice.valueDimension))
    decodeScores(count, decode)
    for row in 0..<decode.call.rows { decodeWeights(row, count, state, decode) }
    decodeValues(count, state, decode)
    return true
}

/// Merges the span's running softmax into that of the spans before it.
@inline(never)
func merge(_ decode: DecodeCall) {
    let (total, span) = (decode.work.total, decode.work.span)
    for row in 0..<decode.call.rows {
        let decays = mergeDecays(splat(total.maximum[row]), splat(span.maximum[row]))
        total.maximum[row] = decays.maximum[0]
        let right = splat(span.sum[row]) * decays.right
        total.sum[row] = fma(splat(total.sum[row]), decays.left, right)[0]
        for slot in 0..<slotCount(decode.slice.valueDimension) {
            let right = span.vec(row, slot) * decays.right
            total.put(row, slot, fma(total.vec(row, slot), decays.left, right))
        }
    }
}

/// Writes the rows, or m, l and o if the call asks for them.
@inline(never)
func finish(_ decode: DecodeCall) {
    let (call, total) = (decode.call, decode.work.total)
    let dimension = call.valueDimension
    for row in 0..<call.rows {
        let isHidden = decode.work.seen[row] == 0
        var factor = splat(1)
        if let maximum = call.maximum, let sum = call.sum {
            let (m, l) = canonical(splat(total.maximum[row]), splat(total.sum[row]))
            maximum[row] = isHidden ? -.infinity : m[0]
            sum[row] = isHidden ? -0.0 : l[0]
        } else {
            let (m, l) = (splat(total.maximum[row]), splat(total.sum[row]))
            factor = outputFactor(m, l, sink: call.sinks.map { $0[row] })
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

#endif
