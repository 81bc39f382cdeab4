import Attention
import Files
import Platform
import Tensors

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

    /// Writes the output of a problem to a file, `shape` being that of an input file.
    func write(
        _ problem: AttentionProblem,
        to file: inout TensorOutput,
        shape: [Int]?,
        layout: TensorLayout
    ) throws(RunError) {
        let elements = unsafe UnsafeBufferPointer(
            start: UnsafePointer(floats),
            count: problem.byteCount(of: .output) / 4
        )
        try RunError.environment { () throws(ExperimentError) in
            try unsafe file.write(elements, shape: shape ?? problem.outputSizes, layout: layout)
        }
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
