// Decoding, pass a: which rows see which keys.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Pass a: returns the number of blocks.
@inline(never)
func readKeys(_ span: Range<Int>, _ decode: DecodeCall) -> Int {
    let (call, work) = (decode.call, decode.work)
    var count = 0
    var origin = span.lowerBound / keyBlock &* keyBlock
    while origin < span.upperBound {
        let lower = max(origin, span.lowerBound)
        let upper = min(origin &+ keyBlock, span.upperBound)
        let all = KeySet(lower &- origin, upper &- origin)
        var isFull = true
        var isSeen = false
        // The first key that may be visible after this block.
        var next = call.ranges == nil ? origin &+ keyBlock : Int.max
        for row in 0..<call.rows {
            let keys = rowKeys(
                start: Int(call.visibleStart[row]),
                end: Int(call.visibleEnd[row]),
                offsets: call.rangeOffsets.map { $0 + row },
                ranges: call.ranges,
                cursor: work.cursors + row,
                mask: call.visibility.map { $0 + row % call.maskRows &* call.keyLength },
                lower: lower,
                upper: upper,
                origin: origin,
                next: &next
            )
            work.keys[count &* fewRows &+ row] = keys
            if !keys.isEmpty {
                work.seen[row] = 1
                isSeen = true
            }
            if !keys.contains(all) { isFull = false }
        }
        if isSeen {
            work.blocks[count] = DecodeBlock(
                lower: lower,
                upper: upper,
                origin: origin,
                place: count &* keyBlock,
                isFull: isFull
            )
            count &+= 1
        }
        origin = max(next / keyBlock &* keyBlock, origin &+ keyBlock)
    }
    return count
}

#endif
