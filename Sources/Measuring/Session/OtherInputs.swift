import Attention
import Platform

/// Inputs that differ from those of a session, and the right output for them.
///
/// They detect a worker that answers with an output it kept.
///
/// The queries are negated, which changes every score. If that leaves a row as it was, the values
/// are negated too: such a row sees a single key, or keys that are all alike. The keys stay the
/// same, so that a long cache of them need not travel. The given scores of a softmax are negated. The
/// values of kernel regression are halved, too: negated ones would train alike. With both changes, only
/// rows that are zero, NaN, or the same under both changes keep their output, whatever the values are.
///
/// A class, since the bytes that are sent must stay at their address.
@safe
package final class OtherInputs {
    /// The query, or the scores of a softmax.
    private let tensor: TensorName
    private let query: Slab
    /// Empty when the session's values are used.
    private let value: Slab
    private let output: Slab
    private let hasOwnValues: Bool

    /// Computes the right output with all cores.
    ///
    /// `inputs` are the session's, and `former` is the right output for them, `[slice][row][Dv]`.
    /// `cancellation` cuts it short, and the output with it.
    @unsafe
    package init(
        of inputs: borrowing AttentionInputs,
        _ kernel: AttentionKernel,
        former: UnsafePointer<Float>,
        cancellation: Cancellation
    ) throws(AttentionError) {
        let problem = inputs.problem
        let output = try AttentionInputs.slab(.output, byteCount: problem.byteCount(of: .output))
        let tensor = problem.operation == .maskedSoftmax ? TensorName.scores : .query
        // Of a softmax and of a layer there are no values that can be changed alone.
        let hasValues = problem.partCount(of: .value) > 0 && !problem.operation.isLayer
        let query = try unsafe Self.multiplied(tensor, of: inputs, by: -1)
        let team = ThreadTeam(
            threadCount: Affinity.allowedProcessors.count,
            cancellation: cancellation
        )
        var view = unsafe inputs.view
        unsafe view[tensor] = UnsafeRawPointer(query.floats)
        // Under most masks some row sees a single key.
        let isRegression = problem.operation.pooling != nil
        var hasOwnValues = (problem.mask != .none || isRegression) && hasValues
        var value = try AttentionInputs.slab(.value, byteCount: 0)
        while true {
            if hasOwnValues {
                value = try unsafe Self.multiplied(
                    .value,
                    of: inputs,
                    by: isRegression ? -0.5 : -1
                )
                unsafe view[.value] = UnsafeRawPointer(value.floats)
            }
            unsafe team.forwardWhole(kernel, problem, view, output: output.floats)
            if hasOwnValues || !hasValues { break }
            let rows = 0..<problem.outputShape.sliceCount * problem.outputShape.queryLength
            let right = unsafe UnsafePointer(output.floats)
            guard rows.contains(where: { unsafe right.hasRow($0, of: former, problem.shape) })
            else { break }
            hasOwnValues = true
        }
        self.output = output
        self.tensor = tensor
        self.query = query
        self.value = value
        self.hasOwnValues = hasOwnValues
    }

    /// The inputs that a trial sends in place of the session's.
    @unsafe
    package var tensors: [TensorName: UnsafeRawBufferPointer] {
        func bytes(_ slab: borrowing Slab) -> UnsafeRawBufferPointer {
            unsafe UnsafeRawBufferPointer(start: slab.base, count: slab.byteCount)
        }
        let queries: [TensorName: UnsafeRawBufferPointer] = unsafe [tensor: bytes(query)]
        guard hasOwnValues else { return unsafe queries }
        return unsafe queries.merging([.value: bytes(value)]) { first, _ in unsafe first }
    }

    /// The right output for these inputs, `[slice][row][Dv]`.
    @unsafe
    package var expected: UnsafePointer<Float> { unsafe UnsafePointer(output.floats) }

    @unsafe
    private static func multiplied(
        _ tensor: TensorName,
        of inputs: borrowing AttentionInputs,
        by factor: Float
    ) throws(AttentionError) -> Slab {
        let source = unsafe inputs.bytes(of: tensor)
        let slab = try AttentionInputs.slab(tensor, byteCount: source.count)
        let floats = unsafe source.assumingMemoryBound(to: Float.self)
        for index in floats.indices { unsafe slab.floats[index] = factor * floats[index] }
        return slab
    }
}
