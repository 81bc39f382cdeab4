import Attention
import Plan
import Tensors

/// The source of a session's numbers: a generator, or files from elsewhere.
package enum SessionInputs {
    /// Makes or reads the inputs of the largest problem of `plan`.
    ///
    /// `files` are those that the plan names; of their lengths and mask it uses what the plan asks for.
    /// `nonFiniteCount` becomes how many elements of tensors of floats from files are NaN or infinite.
    package static func make(
        _ plan: RunPlan,
        _ files: InputFiles?,
        nonFiniteCount: inout Int
    ) throws -> AttentionInputs {
        nonFiniteCount = 0
        let problem = plan.largest.problem.attentionProblem(
            input: try plan.problem.inputMask(files?.tensors)
        )
        let (external, layer) = (files?.tensors, files?.layer)
        let inputs = try external == nil ? generated(plan, problem) : AttentionInputs(problem)
        let tensors = TensorName.floats.filter {
            problem.partCount(of: $0) > 0 && (external != nil || layer?.holds($0) == true)
        }
        for tensor in tensors {
            let bytes = unsafe inputs.bytes(of: tensor)
            if let layer, layer.holds(tensor) {
                let heads = problem.shape.heads
                nonFiniteCount += try unsafe layer.load(tensor, heads: heads, into: bytes).total
            } else if let external {
                nonFiniteCount += try unsafe external.load(tensor, into: bytes).total
            }
        }
        if nonFiniteCount > 0 {
            for tensor in tensors {
                unsafe OutputSentinel.remove(
                    from: inputs.bytes(of: tensor).assumingMemoryBound(to: Float.self)
                )
            }
        }
        guard let external else { return inputs }
        if problem.mask.visibility != .none {
            _ = try unsafe external.load(.visibility, into: inputs.bytes(of: .visibility))
        }
        if problem.mask.lengths != .none { try fillLengths(inputs, plan, external) }
        return inputs
    }

    private static func generated(
        _ plan: RunPlan,
        _ problem: AttentionProblem
    ) throws -> AttentionInputs {
        let generator = try InputGenerator(problem, kind: plan.values, seed: plan.seed)
        return try AttentionInputs(generator, lengths: plan.problem.statedLengths)
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
