// The seam of scoring functions: what one column of query and key adds to a score.
//
// A score is a factor times a sum over the D columns. Its tiles, its order and its prefetching are
// the same for every scoring function; only the term differs. A new function is a new `ScoreTerm`,
// a line in each `switch` below, and a number at the kernel door.
//
// Queries and keys that must be projected first arrive projected: `multiply` does that.

#if ISA_BASELINE || arch(x86_64)

import CSystem

/// The term that one column adds to scores.
protocol ScoreTerm {
    /// Whether the factor is in the packed query already; else it multiplies the sum.
    static var isScaledInQuery: Bool { get }
    /// Whether each column has a parameter.
    static var hasParameters: Bool { get }

    /// `sum` plus the term of a column; without parameters, `parameter` means nothing.
    static func add(_ key: Vec, _ query: Vec, _ parameter: Vec, to sum: Vec) -> Vec
}

/// Σ q·k.
enum DotTerm: ScoreTerm {
    @inline(__always) static var isScaledInQuery: Bool { true }
    @inline(__always) static var hasParameters: Bool { false }

    @inline(__always)
    static func add(_ key: Vec, _ query: Vec, _ parameter: Vec, to sum: Vec) -> Vec {
        fma(key, query, sum)
    }
}

/// Σ p·tanh(q + k).
enum AdditiveTerm: ScoreTerm {
    @inline(__always) static var isScaledInQuery: Bool { false }
    @inline(__always) static var hasParameters: Bool { true }

    @inline(__always)
    static func add(_ key: Vec, _ query: Vec, _ parameter: Vec, to sum: Vec) -> Vec {
        fma(parameter, tanh(query + key), sum)
    }
}

/// Σ (q − k)².
enum SquareTerm: ScoreTerm {
    @inline(__always) static var isScaledInQuery: Bool { false }
    @inline(__always) static var hasParameters: Bool { false }

    @inline(__always)
    static func add(_ key: Vec, _ query: Vec, _ parameter: Vec, to sum: Vec) -> Vec {
        let difference = query - key
        return fma(difference, difference, sum)
    }
}

/// Σ ((q − k)·p)².
enum WeightedSquareTerm: ScoreTerm {
    @inline(__always) static var isScaledInQuery: Bool { false }
    @inline(__always) static var hasParameters: Bool { true }

    @inline(__always)
    static func add(_ key: Vec, _ query: Vec, _ parameter: Vec, to sum: Vec) -> Vec {
        let difference = (query - key) * parameter
        return fma(difference, difference, sum)
    }
}

extension headwise_call {
    /// The factor of a score, in units of log₂e, so that exp becomes exp2.
    @inline(__always) var scoreFactor: Float { scale * log2e }
}

/// The factor by which the queries of a call are multiplied when they are packed.
@inline(__always)
func queryFactor(_ call: headwise_call) -> Float {
    Int(call.score) == HEADWISE_SCORE_DOT ? call.scoreFactor : 1
}

/// A finished sum as a score.
@inline(__always)
func scaled<Term: ScoreTerm>(_: Term.Type, _ sum: Vec, _ factor: Float) -> Vec {
    Term.isScaledInQuery ? sum : sum * splat(factor)
}

/// Pass 2b with the call's scoring function.
@inline(__always)
func score(_ stretch: Stretch, _ slice: Slice, _ work: Workspace) {
    switch slice.score {
    case HEADWISE_SCORE_ADDITIVE: score(AdditiveTerm.self, stretch, slice, work)
    case HEADWISE_SCORE_SQUARES: score(SquareTerm.self, stretch, slice, work)
    case HEADWISE_SCORE_WEIGHTED_SQUARES: score(WeightedSquareTerm.self, stretch, slice, work)
    default: score(DotTerm.self, stretch, slice, work)
    }
}

/// Pass b of decoding with the call's scoring function.
@inline(__always)
func decodeScores(_ count: Int, _ decode: DecodeCall) {
    switch decode.slice.score {
    case HEADWISE_SCORE_ADDITIVE: decodeScores(AdditiveTerm.self, count, decode)
    case HEADWISE_SCORE_SQUARES: decodeScores(SquareTerm.self, count, decode)
    case HEADWISE_SCORE_WEIGHTED_SQUARES: decodeScores(WeightedSquareTerm.self, count, decode)
    default: decodeScores(DotTerm.self, count, decode)
    }
}

#endif
