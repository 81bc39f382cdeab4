// The seam of scoring functions: what one column of query and key adds to a score.
//
// A score is a sum over the D columns. Its tiles, its order and its prefetching are the same for
// every scoring function; only the term differs. A new function is a new `ScoreTerm`, a line in
// each `switch` below, and a number at the kernel door.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The term that one column adds to scores.
///
/// Columns of zeros must add nothing: they fill up vectors.
protocol ScoreTerm {
    /// The factor by which queries are multiplied when they are packed.
    ///
    /// Scores are in units of log₂e, so that exp becomes exp2.
    static func queryFactor(_ call: headwise_call) -> Float

    /// `sum` plus the term of a column.
    static func add(_ key: Vec, _ query: Vec, to sum: Vec) -> Vec
}

/// scale · q·k, with the scale in the packed query.
enum DotTerm: ScoreTerm {
    @inline(__always)
    static func queryFactor(_ call: headwise_call) -> Float { call.scale * log2e }

    @inline(__always)
    static func add(_ key: Vec, _ query: Vec, to sum: Vec) -> Vec { fma(key, query, sum) }
}

/// The factor by which the queries of a call are multiplied.
@inline(__always)
func queryFactor(_ call: headwise_call) -> Float {
    switch Int(call.score) {
    default: DotTerm.queryFactor(call)
    }
}

/// Pass 2b with the call's scoring function.
@inline(__always)
func score(_ stretch: Stretch, _ slice: Slice, _ work: Workspace) {
    switch slice.score {
    default: score(DotTerm.self, stretch, slice, work)
    }
}

/// Pass b of decoding with the call's scoring function.
@inline(__always)
func decodeScores(_ count: Int, _ decode: DecodeCall) {
    switch decode.slice.score {
    default: decodeScores(DotTerm.self, count, decode)
    }
}

#endif
