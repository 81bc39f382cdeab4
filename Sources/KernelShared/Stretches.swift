// Pass 2a, second part: what is computed together.

#if ISA_BASELINE || arch(x86_64)

/// A range of keys of one block with the neighbouring vectors of rows that compute them.
struct Stretch {
    /// Key indexes are those of the slice.
    let lower: Int
    let upper: Int
    let origin: Int
    /// The first row, a multiple of the lanes, and the number of vectors from that row on.
    let first: Int
    let vectors: Int
    /// Bit c: some row of the stretch's vector c does not see some of the keys.
    let partial: Int
    /// Only keys in this range can be hidden from a row of such a vector.
    let hiddenLower: Int
    let hiddenUpper: Int

    /// Bit c: vector c of the query block takes part.
    @inline(__always)
    var members: Int { ((1 &<< vectors) &- 1) &<< (first / lanes) }
}

/// Bounds cut a block at two keys per vector; coarse sets cut it at every eighth key.
let maximumStretches = keyBlock / 8

/// Cuts a block into stretches, in ascending order for each vector; returns how many there are.
@inline(__always)
func cut(_ block: Block, _ visibility: Visibility, _ work: Workspace) -> Int {
    let around = cutAroundCore(block, visibility, work)
    return around > 0 ? around : cutWhereSomethingChanges(block, visibility, work)
}

/// Cuts a block into the keys that all vectors see, and what each vector sees before and after them.
///
/// At the ends of a window, each vector has edges of its own. So its sums are loaded and stored once
/// for each end, and not again at the edges of its neighbours. Returns 0 when the vectors do not see one run each, with keys in common.
@inline(never)
func cutAroundCore(_ block: Block, _ visibility: Visibility, _ work: Workspace) -> Int {
    var lower = InlineArray<4, Int>(repeating: keyBlock)
    var upper = InlineArray<4, Int>(repeating: 0)
    var (first, last) = (columns, 0)
    var (coreLower, coreUpper) = (0, keyBlock)
    for c in 0..<visibility.vectors where !block.some[c].isEmpty {
        // A vector without keys in between would be in the core.
        if !block.some[c].isRun || first < columns && last &+ 1 < c { return 0 }
        first = min(first, c)
        last = c
        lower[c] = block.some[c].first(from: 0)
        upper[c] = block.some[c].end
        coreLower = max(coreLower, lower[c])
        coreUpper = min(coreUpper, upper[c])
    }
    guard first <= last && coreLower < coreUpper else { return 0 }
    var count = 0
    var c = first
    while c <= last {
        // Neighbours with the same edge share a stretch.
        var end = c &+ 1
        while end <= last && lower[end] == lower[c] { end &+= 1 }
        if lower[c] < coreLower {
            putStretch(lower[c]..<coreLower, c..<end, &count, block, work)
        }
        c = end
    }
    putStretch(coreLower..<coreUpper, first..<last &+ 1, &count, block, work)
    c = first
    while c <= last {
        var end = c &+ 1
        while end <= last && upper[end] == upper[c] { end &+= 1 }
        if upper[c] > coreUpper {
            putStretch(coreUpper..<upper[c], c..<end, &count, block, work)
        }
        c = end
    }
    return count
}

/// Appends the stretch of some keys of the block and some vectors.
@inline(__always)
func putStretch(
    _ range: Range<Int>,
    _ vectors: Range<Int>,
    _ count: inout Int,
    _ block: Block,
    _ work: Workspace
) {
    let keys = KeySet(range.lowerBound, range.upperBound)
    var partial = 0
    var hidden = KeySet()
    for c in vectors where !block.every[c].contains(keys) {
        partial |= 1 &<< (c &- vectors.lowerBound)
        hidden = hidden.union(keys.intersection(block.every[c].inverted))
    }
    let isWhole = partial == 0
    work.stretches[count] = Stretch(
        lower: block.origin &+ range.lowerBound,
        upper: block.origin &+ range.upperBound,
        origin: block.origin,
        first: vectors.lowerBound &* lanes,
        vectors: vectors.count,
        partial: partial,
        hiddenLower: block.origin &+ (isWhole ? range.upperBound : hidden.first(from: 0)),
        hiddenUpper: block.origin &+ (isWhole ? range.upperBound : hidden.end)
    )
    count &+= 1
}

/// Cuts a block where the vectors that see something change.
@inline(__always)
func cutWhereSomethingChanges(
    _ block: Block,
    _ visibility: Visibility,
    _ work: Workspace
) -> Int {
    var count = 0
    var key = 0
    while true {
        var next = keyBlock
        for c in 0..<visibility.vectors { next = min(next, block.some[c].first(from: key)) }
        if next == keyBlock { return count }
        key = next
        var end = keyBlock
        var firstVector = columns
        var lastVector = 0
        for c in 0..<visibility.vectors {
            let isSeen = block.some[c].contains(key)
            let change = isSeen ? block.some[c].inverted : block.some[c]
            end = min(end, change.first(from: key))
            if isSeen {
                firstVector = min(firstVector, c)
                lastVector = c
            }
        }
        putStretch(key..<end, firstVector..<lastVector &+ 1, &count, block, work)
        key = end
    }
}

#endif
