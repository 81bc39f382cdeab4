// Pass 2a: which rows see which keys.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The visibility of all rows of a query block together.
struct Visibility {
    /// The number of existing rows, and of the vectors that they fill.
    let rows: Int
    let vectors: Int
    /// No row sees keys below `minimumStart` or from `maximumEnd` on; such keys are never read.
    let minimumStart: Int
    let maximumEnd: Int
    /// For each vector of rows: no row of it sees a key outside of these bounds.
    let starts: InlineArray<4, Int>
    let ends: InlineArray<4, Int>
    /// For each vector of rows: the keys between these two are inside the bounds of every row.
    let innerStarts: InlineArray<4, Int>
    let innerEnds: InlineArray<4, Int>
    /// The rows' ranges, when a row can have more than one.
    let rangeOffsets: UnsafePointer<Int32>?
    let ranges: UnsafePointer<Int32>?
    /// The rows' visibility bytes; each row has `maskRowBytes` of them, and row i reads those of
    /// row `firstMaskRow + i` modulo `maskRows`.
    let mask: UnsafePointer<UInt8>?
    let firstMaskRow: Int
    let maskRows: Int
    let maskRowBytes: Int

    /// Whether the bounds alone decide.
    @inline(__always) var isSimple: Bool { ranges == nil && mask == nil }
}

/// Which keys of a block the vectors of rows see.
struct Block {
    /// The first key of the block, a multiple of `keyBlock`.
    let origin: Int
    /// For each vector: the keys that some row of it sees, and those that every row sees.
    var some: InlineArray<4, KeySet>
    var every: InlineArray<4, KeySet>
    /// No key between the end of the block and this key is visible.
    var next: Int
}

/// Reads the bounds of a query block.
///
/// Rows that do not exist and the rows in `long` see nothing, and keys outside of `keys` are not
/// seen.
@inline(never)
func survey(
    _ call: headwise_call,
    first: Int,
    rows: Int,
    hiding long: UInt64 = 0,
    _ work: Workspace
) -> Visibility {
    let starts = call.visibleStart + first
    let ends = call.visibleEnd + first
    let isSimple = call.ranges == nil && call.visibility == nil
    let keys = call.keys
    let lowest = Int32(truncatingIfNeeded: keys.lowerBound)
    let highest = Int32(truncatingIfNeeded: keys.upperBound)
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
    if let slopes = call.slopes, let positions = call.positions, let nearest = call.nearest {
        for row in 0..<rows {
            work.slopes[row] = -(slopes[first &+ row] * log2e)
            work.positions[row] = positions[first &+ row]
            work.nearest[row] = nearest[first &+ row]
        }
    }
    if let sinks = call.sinks {
        for row in 0..<rows { work.sinks[row] = sinks[first &+ row] }
    }
    if call.bias != nil {
        // A row that does not exist reads the last one's numbers, to no effect.
        for row in 0..<queryBlock {
            let index = (first &+ min(row, rows &- 1)) % call.biasRows
            work.biasOffsets[row] = index &* call.keyLength
        }
    }
    if let offsets = call.rangeOffsets {
        for row in 0..<rows { work.cursors[row] = offsets[first &+ row] }
        for c in 0..<columns { work.rangeEnds.put(c &* lanes, IntVec(repeating: -1)) }
    }
    if long != 0 { hide(long, call, first: first, work) }
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
        mask: call.visibility,
        firstMaskRow: first,
        maskRows: call.maskRows,
        maskRowBytes: call.keyLength
    )
}

/// Pass 2a: which vectors see which of the keys `lower ..< upper`.
///
/// Writes the rows' bits where the rows of a vector differ.
@inline(never)
func look(
    lower: Int,
    upper: Int,
    origin: Int,
    _ visibility: Visibility,
    _ work: Workspace
) -> Block {
    let none = InlineArray<4, KeySet>(repeating: KeySet())
    var block = Block(origin: origin, some: none, every: none, next: origin &+ keyBlock)
    if visibility.ranges != nil && visibility.mask == nil
        && lookAtRanges(lower: lower, upper: upper, &block, visibility, work)
    {
        return block
    }
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
    if !isWhole || hasGap(block, visibility) {
        writeBits(origin: origin, work.starts, work.ends, work)
    }
    return block
}

/// Whether a vector does not see a key that vectors on both sides of it see: a stretch then includes it,
/// and needs its bits.
@inline(__always)
func hasGap(_ block: Block, _ visibility: Visibility) -> Bool {
    var before = KeySet()
    for c in 0..<visibility.vectors {
        var after = KeySet()
        for other in c &+ 1..<visibility.vectors { after = after.union(block.some[other]) }
        if !block.some[c].contains(before.intersection(after)) { return true }
        before = before.union(block.some[c])
    }
    return false
}

/// The bits of rows that see all keys from their start to their end.
@inline(__always)
func writeBits(
    origin: Int,
    _ rowStarts: UnsafeMutablePointer<Int32>,
    _ rowEnds: UnsafeMutablePointer<Int32>,
    _ work: Workspace
) {
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
            let starts = rowStarts.vec(c &* lanes) &- base
            let ends = rowEnds.vec(c &* lanes) &- base
            work.words.put(
                word &* queryBlock &+ c &* lanes,
                below(ends) & (below(starts) ^ IntVec(repeating: -1))
            )
        }
    }
}

/// Makes the bits of rows that have ranges or visibility bytes, and the sets of their vectors.
@inline(never)
func readBits(
    lower: Int,
    upper: Int,
    _ block: inout Block,
    _ visibility: Visibility,
    _ work: Workspace
) {
    let origin = block.origin
    // Ranges tell where the next keys are; bytes must be read.
    var next = visibility.ranges == nil ? block.next : Int.max
    for row in 0..<visibility.rows {
        let keys = rowKeys(
            start: Int(work.starts[row]),
            end: Int(work.ends[row]),
            offsets: visibility.rangeOffsets.map { $0 + row },
            ranges: visibility.ranges,
            cursor: work.cursors + row,
            mask: visibility.mask.map {
                $0 + (visibility.firstMaskRow &+ row) % visibility.maskRows
                    &* visibility.maskRowBytes
            },
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
    // A run of keys that every row of its vector sees is cut as rarely as bounds are, and needs no
    // check. Where the rows differ, whole groups of eight are faster.
    var isExact = true
    for c in 0..<visibility.vectors
    where !block.some[c].isRun || !block.every[c].contains(block.some[c]) {
        isExact = false
    }
    if isExact { return }
    let inside = KeySet(lower &- origin, upper &- origin)
    for c in 0..<visibility.vectors {
        block.some[c] = block.some[c].coarsened.intersection(inside)
    }
}

/// The keys from `lower` to `upper` that a row sees: inside its bounds and ranges, byte not zero.
///
/// `cursor` is the first range of the row that may matter; blocks come in ascending order. `next`
/// is lowered to the first place where the row may see more keys.
@inline(__always)
func rowKeys(
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
func shown(
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

#endif
