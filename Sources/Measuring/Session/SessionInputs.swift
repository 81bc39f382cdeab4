import Attention
import Plan
import Tensors

/// The source of a session's numbers: a generator, or files from elsewhere.
package enum SessionInputs {
    /// Makes or reads the inputs of the largest problem of `plan`.
    ///
    /// `external` are the files that the plan names; of their lengths and mask it uses what the plan
    /// asks for. `nonFiniteCount` becomes how many elements of query, key and value are NaN or
    /// infinite.
    package static func make(
        _ plan: RunPlan,
        _ external: ExternalTensors?,
        nonFiniteCount: inout Int
    ) throws -> AttentionInputs {
        nonFiniteCount = 0
        let problem = plan.largest.problem.attentionProblem(
            input: try plan.problem.inputMask(external)
        )
        guard let external else {
            let kind = plan.values
            let generator = try InputGenerator(problem, kind: kind, seed: plan.seed)
            return try AttentionInputs(generator, lengths: plan.problem.statedLengths)
        }
        let inputs = try AttentionInputs(problem)
        let tensors = TensorName.floats.filter { problem.partCount(of: $0) > 0 }
        for tensor in tensors {
            nonFiniteCount += try unsafe external.load(tensor, into: inputs.bytes(of: tensor)).total
        }
        if nonFiniteCount > 0 {
            for tensor in tensors {
                unsafe OutputSentinel.remove(
                    from: inputs.bytes(of: tensor).assumingMemoryBound(to: Float.self)
                )
            }
        }
        if problem.mask.visibility != .none {
            _ = try unsafe external.load(.visibility, into: inputs.bytes(of: .visibility))
        }
        if problem.mask.lengths != .none { try fillLengths(inputs, plan, external) }
        return inputs
    }

    /// Fills the lengths from the plan if it states some, else from the file.
    private static func fillLengths(
        _ inputs: borrowing AttentionInputs,
        _ plan: RunPlan,
        _ external: ExternalTensors
    ) throws {
        let destination = unsafe inputs.bytes(of: .lengths)
        let stated: [Int32]?
        switch plan.mask.lengths {
        case .given: stated = plan.problem.statedLengths
        case .random:
            stated = try InputGenerator(inputs.problem, kind: .uniform, seed: plan.seed).lengths()
        case .none: stated = nil
        }
        guard let stated else {
            _ = try unsafe external.load(.lengths, into: destination)
            return
        }
        let lengths = unsafe destination.assumingMemoryBound(to: Int32.self)
        for (index, length) in stated.enumerated() { unsafe lengths[index] = length }
    }
}
