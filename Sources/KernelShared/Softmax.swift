// The softmax of scores that are given, over the keys that each row sees.
//
// A lane is a key here, since a row's scores lie side by side, and each is read once. The largest
// score, the powers with their sum, and the quotients are three passes over a row, which is in the
// caches for the last two. A row's bits depend on that row alone: lanes are fixed by the number of
// the key, and what a row does not see adds an exact zero to its lane.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The weights of a call's rows, `[L, S]`, whose `query` is the scores, `[L, S]`.
@inline(never)
func softmax(_ call: headwise_call) {
    for row in 0..<call.rows { softmax(row, call) }
}

/// One row.
@inline(never)
func softmax(_ row: Int, _ call: headwise_call) {
    let count = call.keyLength
    let scores = call.query + row &* count
    let weights = call.output + row &* count
    var maxima = splat(-.infinity)
    forEachSeenVector(row, call) { key, lanesSeen in
        let seen = lanesSeen .!= IntVec(repeating: 0)
        let x = someOf(scores, key, count)
        maxima = larger(maxima, splat(-.infinity).replacing(with: x, where: seen))
    }
    var maximum = -Float.infinity
    for lane in 0..<lanes { maximum = maximum > maxima[lane] ? maximum : maxima[lane] }
    // The difference first: of large scores, the rounding of a product would be a large exponent.
    let subtracted = subtrahend(splat(maximum))
    for key in stride(from: 0, to: count, by: lanes) { putSome(splat(0), weights, key, count) }
    var sums = splat(0)
    forEachSeenVector(row, call) { key, lanesSeen in
        let seen = lanesSeen .!= IntVec(repeating: 0)
        let x = (someOf(scores, key, count) - subtracted) * splat(log2e)
        let weight = exp2(splat(-.infinity).replacing(with: x, where: seen))
        sums += weight
        // Lanes of another range have their weights already, and get an exact zero.
        putSome(someOf(weights, key, count) + weight, weights, key, count)
    }
    var sum = splat(0)
    for lane in 0..<lanes { sum += splat(sums[lane]) }
    let factor = 1 / sum
    forEachSeenVector(row, call) { key, lanesSeen in
        let seen = lanesSeen .!= IntVec(repeating: 0)
        let weight = someOf(weights, key, count)
        let quotient = canonicalProduct(weight, factor)
        putSome(weight.replacing(with: quotient, where: seen), weights, key, count)
    }
}

/// Numbers of a row from `key` on; zeros beyond its end.
@inline(__always)
func someOf(_ row: UnsafePointer<Float>, _ key: Int, _ count: Int) -> Vec {
    key &+ lanes <= count ? row.vec(key) : shortRow(row + key, count &- key)
}

@inline(__always)
func putSome(_ x: Vec, _ row: UnsafeMutablePointer<Float>, _ key: Int, _ count: Int) {
    if key &+ lanes <= count {
        row.put(key, x)
    } else {
        for lane in 0..<(count &- key) { row[key &+ lane] = x[lane] }
    }
}

/// Calls `body` with the first key of each aligned vector of keys of which the row sees some.
///
/// The lanes that it sees are not zero. Where two ranges share a vector, `body` is called for each.
@inline(__always)
func forEachSeenVector(
    _ row: Int,
    _ call: headwise_call,
    _ body: (_ key: Int, _ seen: IntVec) -> Void
) {
    let mask = call.visibility.map { $0 + row % call.maskRows &* call.keyLength }
    if let offsets = call.rangeOffsets, let ranges = call.ranges {
        for n in Int(offsets[row])..<Int(offsets[row &+ 1]) {
            forEachSeenVector(
                Int(ranges[2 &* n]),
                Int(ranges[2 &* n &+ 1]),
                mask,
                call.keyLength,
                body
            )
        }
    } else {
        forEachSeenVector(
            Int(call.visibleStart[row]),
            Int(call.visibleEnd[row]),
            mask,
            call.keyLength,
            body
        )
    }
}

@inline(__always)
func forEachSeenVector(
    _ start: Int,
    _ end: Int,
    _ mask: UnsafePointer<UInt8>?,
    _ count: Int,
    _ body: (_ key: Int, _ seen: IntVec) -> Void
) {
    // An empty range may lie beyond the keys.
    if start >= end { return }
    var key = start / lanes &* lanes
    if let mask {
        while key < end {
            let shown = seenLanes(key, mask, count).replacing(
                with: IntVec(repeating: 0),
                where: seenLanes(key, start, end) .== IntVec(repeating: 0)
            )
            body(key, shown)
            key &+= lanes
        }
        return
    }
    if key < start {
        body(key, seenLanes(key, start, end))
        key &+= lanes
    }
    while key &+ lanes <= end {
        body(key, IntVec(repeating: -1))
        key &+= lanes
    }
    if key < end { body(key, seenLanes(key, start, end)) }
}

/// Not zero in the lanes of the vector at `key` that are keys of `start ..< end`.
@inline(__always)
func seenLanes(_ key: Int, _ start: Int, _ end: Int) -> IntVec {
    var seen = IntVec(repeating: 0)
    for lane in 0..<lanes where key &+ lane >= start && key &+ lane < end { seen[lane] = -1 }
    return seen
}

/// Not zero in the lanes of the vector at `key` whose bytes are not zero; zero beyond the row.
@inline(__always)
func seenLanes(_ key: Int, _ mask: UnsafePointer<UInt8>, _ count: Int) -> IntVec {
    var seen = IntVec(repeating: 0)
    for lane in 0..<min(lanes, count &- key) { seen[lane] = Int32(mask[key &+ lane]) }
    return seen
}

#endif
