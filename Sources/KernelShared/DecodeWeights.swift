// Decoding, pass c: the weights of the rows.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Pass c for one row and the first `count` of the span's blocks.
///
/// The maximum and the sum of a block are made with **a lane for every block**: so the weights of
/// all blocks are added at once, each block's in the order of its keys.
@inline(never)
func decodeWeights(
    _ row: Int,
    _ count: Int,
    _ state: DecodeState,
    _ decode: DecodeCall
) {
    let work = decode.work
    let decays = work.decays + row &* spanBlocks
    let (maxima, safe, sums) = (work.blockMaxima, work.blockSafe, work.blockSums)
    finishDecodeScores(row, count, decode)
    for first in stride(from: 0, to: count, by: lanes) {
        var m = splat(-.infinity)
        transpose(row: { work.largest.vec((first &+ $0) &* lanes) }) { m = larger(m, $1) }
        maxima.put(first, m)
    }
    var m = -Float.infinity
    for index in 0..<count {
        decays[index] = m
        // The same rule as `larger`.
        m = m > maxima[index] ? m : maxima[index]
        maxima[index] = m
    }
    state.maximum[row] = m
    for first in stride(from: 0, to: count, by: lanes) {
        let subtracted = subtrahend(maxima.vec(first))
        safe.put(first, subtracted)
        decays.put(first, exp2(decays.vec(first) - subtracted))
    }
    let scores = work.scores + row &* scoreStride
    for index in 0..<count {
        let subtracted = splat(safe[index])
        for place in stride(from: index &* keyBlock, to: (index &+ 1) &* keyBlock, by: lanes) {
            scores.put(place, exp2(scores.vec(place) - subtracted))
        }
    }
    for first in stride(from: 0, to: count, by: lanes) {
        var sum = splat(0)
        let weights = scores + first &* keyBlock
        for key in stride(from: 0, to: keyBlock, by: lanes) {
            transpose(row: { weights.vec($0 &* keyBlock &+ key) }) { sum += $1 }
        }
        sums.put(first, sum)
    }
    var sum = splat(0)
    for index in 0..<count { sum = fma(sum, splat(decays[index]), splat(sums[index])) }
    state.sum[row] = sum[0]
}

/// Pass b, second part, for one row: soft cap, distance, bias and hidden keys; the largest scores of
/// each block, lane by lane.
///
/// Keys of a block that the call does not ask for are hidden, too.
@inline(never)
func finishDecodeScores(_ row: Int, _ count: Int, _ decode: DecodeCall) {
    let (slice, work) = (decode.slice, decode.work)
    let caps = slice.cap != 0
    let inverse = splat(1 / slice.cap)
    let slope = decode.call.slopes.map { -($0[row] * log2e) }
    let position = IntVec(repeating: decode.call.positions.map { $0[row] } ?? 0)
    let nearest = IntVec(repeating: decode.call.nearest.map { $0[row] } ?? 0)
    let bias = slice.bias + row % max(1, decode.call.biasRows) &* slice.keyLength
    for index in 0..<count {
        let block = work.blocks[index]
        let keys = work.keys[index &* fewRows &+ row]
        let scores = work.scores(row, block)
        var largest = splat(-.infinity)
        for place in stride(from: 0, to: keyBlock, by: lanes) {
            let bits = IntVec(repeating: keys.bits(from: place)) & work.laneBits.vec(0)
            let isSeen = bits .!= IntVec(repeating: 0)
            var x = scores.vec(place)
            if caps { x = tanh(x * inverse) * splat(slice.cap) }
            if let slope {
                let first = Int32(truncatingIfNeeded: block.origin &+ place)
                let ahead = position &- (work.ramp.vec(0) &+ IntVec(repeating: first))
                let zero = IntVec(repeating: 0)
                let distance = ahead.replacing(with: zero &- ahead, where: ahead .< zero)
                x = fma(floats(distance &- nearest), splat(slope), x)
            }
            if slice.hasBias {
                let first = block.origin &+ place
                let count = slice.keyLength &- first
                let numbers = bias + first
                // Memory after the last key may not exist.
                let added =
                    count >= lanes ? numbers.vec(0) : shortRow(numbers, max(0, count))
                x = fma(added, splat(log2e), x)
            }
            x = splat(-.infinity).replacing(with: x, where: isSeen)
            scores.put(place, x)
            largest = larger(largest, x)
        }
        work.largest.put(index &* lanes, largest)
    }
}

#endif
