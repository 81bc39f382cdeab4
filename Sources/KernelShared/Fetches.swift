// Prefetching of what passes 1 and 4 read and write.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// Rows that are still to be fetched: those that pass 1 of the next query block reads, and those that
/// pass 4 of this one writes.
struct Fetches {
    var query: UnsafePointer<Float>
    var queryEnd: UnsafePointer<Float>
    var output: UnsafeMutablePointer<Float>
    var outputEnd: UnsafeMutablePointer<Float>
    /// The lines to fetch at a time.
    var lines: Int
}

@inline(__always)
func fetchRows(_ call: headwise_call, first: Int, rows: Int, _ work: Workspace) {
    let next = min(first &+ queryBlock, call.rows)
    let query = call.query + next &* call.headDimension
    let output = call.output + first &* call.valueDimension
    work.fetches.pointee = Fetches(
        query: query,
        queryEnd: query + min(queryBlock, call.rows &- next) &* call.headDimension,
        output: output,
        outputEnd: output + rows &* call.valueDimension,
        // A window of four query blocks has some thirty turns.
        lines: max(16, (call.headDimension &+ call.valueDimension) / 8)
    )
}

@inline(__always)
func fetchNothing(_ call: headwise_call, _ work: Workspace) {
    work.fetches.pointee = Fetches(
        query: call.query,
        queryEnd: call.query,
        output: call.output,
        outputEnd: call.output,
        lines: 0
    )
}

/// Prefetches some lines, between two passes.
///
/// A processor has few places to wait for lines. Asking for all rows at once fills them, and what is
/// lost comes late: with a window of 257 keys, that cost 5 % of the time.
@inline(never)
func fetchSome(_ work: Workspace) {
    let fetches = work.fetches.pointee
    var (query, output, left) = (fetches.query, fetches.output, fetches.lines)
    while left > 0 && query < fetches.queryEnd {
        headwise_prefetch(query)
        query += 16
        left &-= 1
    }
    while left > 0 && output < fetches.outputEnd {
        headwise_prefetch_to_write(output)
        output += 16
        left &-= 1
    }
    work.fetches.pointee.query = query
    work.fetches.pointee.output = output
}

#endif
