import Attention
import Glibc
import Platform

/// A part of an output, and with which instruction sets it was computed.
struct OutputPart {
    var slices: Range<Int>
    var rows: Range<Int>
    /// First that of the worker whose result counted; others are there if the part was given out again.
    var instructionSets: [InstructionSet]
}

/// The right output of workers with different instruction sets.
///
/// The bits depend on the instruction set. So every part must have those that one process computes with
/// the set of the part's worker. Where a part was given out again, elements of either worker may stand in
/// the output, and each must be right.
///
/// A class, since points share it.
@safe
final class MixedOutput {
    private let problem: AttentionProblem
    /// The whole output by instruction set, computed when first needed.
    private var wholes: [InstructionSet: TrialOutput] = [:]
    private let composed: TrialOutput

    init(_ problem: AttentionProblem) throws(RunError) {
        self.problem = problem
        composed = try TrialOutput(problem)
    }

    /// Forgets what belongs to former inputs.
    func changeInputs() { wholes.removeAll() }

    /// The whole output of one process with an instruction set.
    ///
    /// `compute` makes it, if it is not there yet.
    @unsafe
    func whole(
        _ set: InstructionSet,
        _ compute: (AttentionKernel, UnsafeMutablePointer<Float>) throws(RunError) -> Void
    ) throws(RunError) -> UnsafePointer<Float> {
        if let known = wholes[set] { return unsafe UnsafePointer(known.floats) }
        guard let kernel = AttentionKernel(set) else {
            preconditionFailure("workers use what this machine has")
        }
        let made = try TrialOutput(problem)
        unsafe try compute(kernel, made.floats)
        wholes[set] = made
        return unsafe UnsafePointer(made.floats)
    }

    /// The right output of workers that computed these parts.
    ///
    /// - Parameters:
    ///   - parts: All parts of the output.
    ///   - found: What they made; nil for what the workers whose results counted should have made.
    ///   - whole: The whole output of one process with an instruction set.
    /// - Returns: `[slice][row][Dv]`, until the next call.
    /// - Throws: What `whole` throws.
    @unsafe
    func right(
        _ parts: [OutputPart],
        found: UnsafePointer<Float>?,
        whole: (InstructionSet) throws(RunError) -> UnsafePointer<Float>
    ) throws(RunError) -> UnsafePointer<Float> {
        let shape = problem.outputShape
        let result = unsafe composed.floats
        for part in parts {
            let sets = part.instructionSets
            guard let first = sets.first else { continue }
            let other = sets.dropFirst().filter { $0 != first }
            let own = unsafe try whole(first)
            let others = unsafe try other.map { (set) throws(RunError) in unsafe try whole(set) }
            for slice in part.slices {
                let start =
                    (slice * shape.queryLength + part.rows.lowerBound) * shape.valueDimension
                let count = part.rows.count * shape.valueDimension
                unsafe memcpy(result + start, own + start, count * 4)
                guard unsafe !others.isEmpty, let found = unsafe found else { continue }
                for index in start..<start + count {
                    let bits = unsafe found[index].bitPattern
                    if unsafe others.contains(where: { unsafe $0[index].bitPattern == bits }) {
                        unsafe result[index] = found[index]
                    }
                }
            }
        }
        return unsafe UnsafePointer(result)
    }
}
