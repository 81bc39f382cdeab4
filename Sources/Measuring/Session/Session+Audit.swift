import Attention
import Plan
import Platform
import Work

/// The audit: every round has a different seed.
///
/// So an output that a worker, or anything between, kept from an earlier trial cannot pass for a
/// computed one.
extension Session {
    /// Makes new inputs, here and at the workers, and computes the right output for them.
    func changeSeed() throws(ClusterError) {
        guard case .generated(let kind, let seed) = source else {
            preconditionFailure("the plan of an audit must have generated inputs")
        }
        let next = seed &+ 1
        let former = referenceRowChecksums
        formerRowChecksums.append(former)
        do throws(AttentionError) {
            let generator = try InputGenerator(inputs.problem, kind: kind, seed: next)
            try inputs.generate(generator, lengths: plan.problem.statedLengths)
        } catch {
            throw ClusterError(.environment, "the inputs of seed \(next) cannot be made: \(error)")
        }
        source = .generated(kind: kind, seed: next)
        try computeReference()
        if referenceRowChecksums == former { equalSeeds += 1 }
        for base in baseCases {
            try base.process?.load(base.problem, kernel.instructionSet, inputs: inputs)
        }
        for point in points {
            if let cluster = point.cluster { try load(point.problem, into: cluster) }
        }
    }

    private var referenceRowChecksums: [UInt64] {
        let shape = inputs.problem.shape
        return (0..<shape.sliceCount * shape.queryLength).map { row in
            unsafe rowChecksum(reference.base, row: row, of: inputs.problem)
        }
    }

    @unsafe
    private func rowChecksum(
        _ output: UnsafeMutableRawPointer,
        row: Int,
        of problem: AttentionProblem
    ) -> UInt64 {
        let byteCount = problem.shape.valueDimension * 4
        let bytes = unsafe Span<UInt8>(
            _unsafeStart: (output + row * byteCount).assumingMemoryBound(to: UInt8.self),
            count: byteCount
        )
        return Checksum.xxh64(bytes)
    }

    /// Whether every wrong row equals that row of an earlier seed's output.
    @unsafe
    func isOutputStale(_ output: UnsafeMutablePointer<Float>, _ problem: AttentionProblem) -> Bool {
        guard !formerRowChecksums.isEmpty else { return false }
        let shape = problem.shape
        for row in 0..<shape.sliceCount * shape.queryLength {
            let found = unsafe rowChecksum(UnsafeMutableRawPointer(output), row: row, of: problem)
            guard unsafe found != rowChecksum(reference.base, row: row, of: problem) else {
                continue
            }
            guard formerRowChecksums.contains(where: { $0[row] == found }) else { return false }
        }
        return true
    }
}
