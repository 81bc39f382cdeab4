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
