import Attention
import Experiment

/// The audit: every round has a seed of its own, so that an output kept from an earlier trial, by
/// a worker or anything between, cannot pass for a computed one.
extension Session {
    /// Makes all inputs anew, here and at the workers, and computes what is now right.
    func changeSeed() throws(ClusterError) {
        guard case .generated(let kind, let seed) = source else {
            preconditionFailure("the plan of an audit has generated inputs")
        }
        let next = seed &+ 1
        let byteCount = reference.byteCount
        unsafe formerReference.base.copyMemory(from: reference.base, byteCount: byteCount)
        hasFormerReference = true
        do throws(AttentionError) {
            let generator = try InputGenerator(inputs.problem, kind: kind, seed: next)
            try inputs.generate(generator, lengths: plan.statedLengths)
        } catch {
            throw ClusterError(.environment, "the inputs of seed \(next) cannot be made: \(error)")
        }
        source = .generated(kind: kind, seed: next)
        try computeReference()
        let isUnchanged = unsafe BitwiseComparison(
            reference.floats,
            formerReference.floats,
            shape: inputs.problem.shape
        ).isEqual
        if isUnchanged { equalSeeds += 1 }
        for point in points {
            if let cluster = point.cluster { try load(point.problem, into: cluster) }
        }
    }

    /// Whether every element that is wrong is what the seed before had there.
    func isOutputStale(_ problem: AttentionProblem) -> Bool {
        for index in 0..<problem.byteCount(of: .output) / 4 {
            let bits = unsafe output.floats[index].bitPattern
            guard unsafe bits != reference.floats[index].bitPattern else { continue }
            guard unsafe bits == formerReference.floats[index].bitPattern else { return false }
        }
        return true
    }
}
