// Pass 2a for rows with ranges, where each row sees at most one run of a block's keys.
//
// That is so in most blocks of a Longformer or a block pattern. All rows of a vector are then looked at
// together, as with bounds.

#if ISA_BASELINE || arch(x86_64)

/// The start of a range that a row does not have; subtracting a key does not overflow.
let noKey = Int32.max

/// Pass 2a of a block; false if a row has two ranges there, or if the rows of a vector do not see one
/// run.
@inline(never)
func lookAtRanges(
    lower: Int,
    upper: Int,
    _ block: inout Block,
    _ visibility: Visibility,
    _ work: Workspace
) -> Bool {
    advance(to: lower, visibility, work)
    let low = Int32(truncatingIfNeeded: lower)
    let high = Int32(truncatingIfNeeded: upper)
    let (lows, highs) = (IntVec(repeating: low), IntVec(repeating: high))
    let origin = block.origin
    var next = IntVec(repeating: noKey)
    var isWhole = true
    for c in 0..<visibility.vectors {
        let starts = work.rangeStarts.vec(c &* lanes)
        let ends = work.rangeEnds.vec(c &* lanes)
        let following = work.nextRanges.vec(c &* lanes)
        if least(following) < high { return false }
        // A range may begin after the block, or reach beyond it.
        let isLater = starts .>= highs
        let places = following.replacing(with: highs, where: ends .> highs)
        next = smaller(next, places.replacing(with: starts, where: isLater))
        let seenEnds = smaller(ends, highs)
        let firstEnd = least(seenEnds.replacing(with: highs, where: isLater))
        let lastStart = greatest(larger(starts, lows).replacing(with: lows, where: isLater))
        // From the end of the block on if no row sees a key in it.
        let start = max(low, least(starts))
        if start >= high { continue }
        if lastStart > firstEnd { return false }
        let end = greatest(seenEnds.replacing(with: lows, where: isLater))
        block.some[c] = KeySet(Int(start) &- origin, Int(end) &- origin)
        if greatest(starts) < high {
            block.every[c] = KeySet(Int(lastStart) &- origin, Int(firstEnd) &- origin)
        }
        if !block.every[c].contains(block.some[c]) { isWhole = false }
    }
    for c in 0..<visibility.vectors {
        let isSeen = work.rangeStarts.vec(c &* lanes) .< highs
        let seen = work.seen.vec(c &* lanes)
        work.seen.put(c &* lanes, seen.replacing(with: IntVec(repeating: 1), where: isSeen))
    }
    if !isWhole || hasGap(block, visibility) {
        writeBits(origin: origin, work.rangeStarts, work.rangeEnds, work)
    }
    block.next = max(block.next, Int(least(next)))
    return true
}

/// Goes on to the first range of each row that reaches beyond `lower`.
///
/// Most blocks need none: a window's rows stay in one range from block to block.
@inline(__always)
func advance(to lower: Int, _ visibility: Visibility, _ work: Workspace) {
    guard let offsets = visibility.rangeOffsets, let ranges = visibility.ranges else { return }
    for c in 0..<visibility.vectors where Int(least(work.rangeEnds.vec(c &* lanes))) <= lower {
        let first = c &* lanes
        let last = min(first &+ lanes, visibility.rows)
        for row in first..<last where Int(work.rangeEnds[row]) <= lower {
            advance(row, to: lower, offsets, ranges, work)
        }
        for row in last..<first &+ lanes {
            work.rangeStarts[row] = work.rangeStarts[last &- 1]
            work.rangeEnds[row] = work.rangeEnds[last &- 1]
            work.nextRanges[row] = work.nextRanges[last &- 1]
        }
    }
}

/// The same for one row.
@inline(__always)
func advance(
    _ row: Int,
    to lower: Int,
    _ offsets: UnsafePointer<Int32>,
    _ ranges: UnsafePointer<Int32>,
    _ work: Workspace
) {
    let (start, end) = (work.starts[row], work.ends[row])
    let floor = max(Int32(truncatingIfNeeded: lower), start)
    let last = Int(offsets[row &+ 1])
    var n = Int(work.cursors[row])
    while n < last && ranges[2 &* n &+ 1] <= floor { n &+= 1 }
    work.cursors[row] = Int32(truncatingIfNeeded: n)
    let isSeen = n < last && floor < end && ranges[2 &* n] < end
    work.rangeStarts[row] = isSeen ? max(start, ranges[2 &* n]) : noKey
    work.rangeEnds[row] = isSeen ? min(end, ranges[2 &* n &+ 1]) : noKey
    let hasNext = isSeen && n &+ 1 < last && ranges[2 &* n &+ 2] < end
    work.nextRanges[row] = hasNext ? ranges[2 &* n &+ 2] : noKey
}

@inline(__always)
func smaller(_ a: IntVec, _ b: IntVec) -> IntVec { b.replacing(with: a, where: a .< b) }

@inline(__always)
func larger(_ a: IntVec, _ b: IntVec) -> IntVec { b.replacing(with: a, where: a .> b) }

#endif
