// Rows that see many more keys than their neighbours, such as the global tokens of a Longformer.
//
// A vector of rows computes every key that one of its rows sees. Beside a row that sees all keys,
// the other lanes would compute most of them for nothing. `decode` has a lane for every key and
// gives the same bits, so it computes such rows.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The most long rows of a vector; for more, a vector is as fast.
let mostLongRows = lanes / 4

/// The long rows of a query block: bit i is row `first + i`.
///
/// The first range of a row tells whether it is long. A row that sees many keys in other ranges is
/// not found, which costs time only. Rows with visibility bytes are never found.
@inline(never)
func longRows(_ call: headwise_call, first: Int, rows: Int) -> UInt64 {
    guard let offsets = call.rangeOffsets, let ranges = call.ranges, call.visibility == nil else {
        return 0
    }
    @inline(__always)
    func length(_ row: Int) -> Int {
        let n = Int(offsets[first &+ row])
        if n == Int(offsets[first &+ row &+ 1]) { return 0 }
        return Int(ranges[2 &* n &+ 1]) &- Int(ranges[2 &* n])
    }
    var long: UInt64 = 0
    for lower in stride(from: 0, to: rows, by: lanes) {
        let upper = min(lower &+ lanes, rows)
        var shortest = Int.max
        for row in lower..<upper { shortest = min(shortest, length(row)) }
        // A few keys more are not worth a call.
        let limit = 4 &* (shortest &+ keyBlock)
        var bits: UInt64 = 0
        for row in lower..<upper where length(row) > limit { bits |= 1 &<< UInt64(row) }
        if bits.nonzeroBitCount <= mostLongRows { long |= bits }
    }
    return long
}

/// Hides the long rows of a query block from its passes.
@inline(never)
func hide(_ long: UInt64, _ call: headwise_call, first: Int, _ work: Workspace) {
    for row in 0..<queryBlock where long &>> UInt64(row) & 1 == 1 {
        work.starts[row] = Int32(truncatingIfNeeded: call.keys.upperBound)
        work.ends[row] = Int32(truncatingIfNeeded: call.keys.lowerBound)
        if let offsets = call.rangeOffsets { work.cursors[row] = offsets[first &+ row &+ 1] }
    }
}

/// Computes the long rows of a query block; neighbours share their keys.
@inline(never)
func decodeLongRows(_ long: UInt64, _ call: headwise_call, first: Int) {
    var rest = long
    while rest != 0 {
        let row = first &+ rest.trailingZeroBitCount
        var count = (~(rest &>> UInt64(rest.trailingZeroBitCount))).trailingZeroBitCount
        var part = call
        if let bias = call.bias {
            // Rows of another head begin again at the bias's first row.
            let own = row % call.biasRows
            count = min(count, call.biasRows &- own)
            part.bias = bias + own &* call.keyLength
            part.biasRows = count
        }
        part.sinks = call.sinks.map { $0 + row }
        part.query += row &* call.headDimension
        part.output += row &* call.valueDimension
        part.maximum = call.maximum.map { $0 + row }
        part.sum = call.sum.map { $0 + row }
        part.visibleStart += row
        part.visibleEnd += row
        part.rangeOffsets = call.rangeOffsets.map { $0 + row }
        part.slopes = call.slopes.map { $0 + row }
        part.positions = call.positions.map { $0 + row }
        part.nearest = call.nearest.map { $0 + row }
        part.rows = count
        decode(part)
        rest &= ~(((1 &<< UInt64(count)) &- 1) &<< UInt64(row &- first))
    }
}

#endif
