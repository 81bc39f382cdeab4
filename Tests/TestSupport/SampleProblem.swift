import Attention

extension AttentionShape {
    /// A small shape in which no two sizes are equal.
    package static func sample(
        batch: Int = 2,
        heads: Int = 4,
        keyValueHeads: Int? = nil,
        queryLength: Int = 6,
        keyLength: Int = 5,
        headDimension: Int = 3,
        valueDimension: Int = 2
    ) -> AttentionShape {
        AttentionShape(
            batch: batch,
            heads: heads,
            keyValueHeads: keyValueHeads ?? heads,
            queryLength: queryLength,
            keyLength: keyLength,
            headDimension: headDimension,
            valueDimension: valueDimension
        )
    }
}

/// What one process with one thread makes of `inputs`.
package func singleProcessOutput(
    _ inputs: borrowing AttentionInputs,
    _ kernel: AttentionKernel = .best
) -> [UInt32] {
    let count = inputs.problem.byteCount(of: .output) / 4
    let team = ThreadTeam(threadCount: 1)
    var floats = [Float](repeating: 0, count: count)
    floats.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress, !buffer.isEmpty {
            team.forwardWhole(kernel, inputs.problem, inputs.view, output: base)
        }
    }
    // Tests are not optimized: to map millions of elements takes seconds.
    return floats.withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
}
