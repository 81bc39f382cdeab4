import Attention
import Platform

/// The memory that receives the output of a trial, `[slice][row][Dv]`.
///
/// A class, since configurations share it.
@safe
package final class TrialOutput {
    private let slab: Slab

    package init(_ problem: AttentionProblem) throws(RunError) {
        slab = try RunError.environment { () throws(AttentionError) in
            try AttentionInputs.slab(.output, byteCount: problem.byteCount(of: .output))
        }
    }

    @unsafe
    package var floats: UnsafeMutablePointer<Float> { unsafe slab.floats }

    /// Fills the output of a problem with the sentinel, so that elements nobody writes are noticed.
    package func poison(_ problem: AttentionProblem) {
        unsafe OutputSentinel.fill(floats, count: problem.byteCount(of: .output) / 4)
    }
}

extension AttentionProblem {
    /// `[B,H,L,Dv]`, or `[B,L,E]` of a layer.
    var outputSizes: [Int] {
        var sizes = outputShape.outputShape
        if operation.isLayer { sizes.remove(at: 1) }
        return sizes
    }
}
