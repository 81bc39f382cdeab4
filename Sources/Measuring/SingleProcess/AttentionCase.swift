import Attention
import Plan
import Platform
import Record

/// Attention of one problem, as a row of the table.
package struct AttentionCase: KernelCase {
    private let problem: AttentionProblem
    private let mask: MaskSpecification
    private let name: String?
    private let alibi: AlibiSpecification?
    /// The valid lengths, where the mask states them.
    private let lengths: [Int32]?

    /// The case that a plan describes.
    ///
    /// `input` is the mask that its files give, `name` that of a case in the suite.
    package init(_ plan: RunPlan, input: Mask = .none, name: String? = nil) {
        problem = plan.problem.attentionProblem(input: input)
        mask = plan.mask
        alibi = plan.alibi
        lengths = plan.problem.statedLengths
        self.name = name
    }

    package var title: String {
        name ?? "N \(problem.shape.queryLength), D \(problem.shape.headDimension), \(mask)"
            + (unusualScore.map { ", \($0.scoring.rawValue)" } ?? "")
    }

    private var unusualScore: Score? {
        problem.score == .usual(headDimension: problem.shape.headDimension) ? nil : problem.score
    }

    package var tensorBytes: Int {
        // Masks and lengths that are generated are not there yet.
        guard problem.mask.visibility == .none, problem.mask.lengths == .none || lengths != nil
        else { return problem.tensorBytes }
        return unsafe (lengths ?? []).withUnsafeBufferPointer {
            unsafe problem.tensorBytes(lengths: $0.baseAddress, visibility: nil)
        }
    }

    package func prepare(
        _ kernel: AttentionKernel,
        _ team: ThreadTeam,
        seed: UInt64
    ) throws(RunError) -> any PreparedCase {
        try RunError.environment { () throws(AttentionError) in
            try PreparedAttention(problem, lengths: lengths, kernel, team, seed: seed)
        }
    }

    package func describe(_ row: inout KernelRow) {
        row.name = name
        row.shape = problem.shape
        row.mask = mask
        row.softCap = problem.softCap
        row.score = unusualScore
        row.alibi = alibi
    }
}

/// A class, since it owns tensors.
@safe
private final class PreparedAttention: PreparedCase {
    private let kernel: AttentionKernel
    private let team: ThreadTeam
    private let seed: UInt64
    private let inputs: AttentionInputs
    /// The view of `inputs`; made once, since making it would be measured.
    @unsafe private let view: InputView
    private let output: Slab

    init(
        _ problem: AttentionProblem,
        lengths: [Int32]?,
        _ kernel: AttentionKernel,
        _ team: ThreadTeam,
        seed: UInt64
    ) throws(AttentionError) {
        inputs = try AttentionInputs(
            InputGenerator(problem, kind: .uniform, seed: seed),
            lengths: lengths
        )
        unsafe view = inputs.view
        output = try AttentionInputs.slab(.output, byteCount: problem.byteCount(of: .output))
        self.kernel = kernel
        self.team = team
        self.seed = seed
    }

    var operations: Double {
        unsafe inputs.problem.visibleFloatingPointOperations(view)
    }

    var tanhs: Double {
        guard case .additive(let hidden) = inputs.problem.score.function else { return 0 }
        return unsafe Double(inputs.problem.visiblePairs(view)) * Double(hidden)
    }

    func run() {
        unsafe team.forwardWhole(kernel, inputs.problem, view, output: output.floats)
    }

    func verify() -> VerificationReport {
        do throws(AttentionError) {
            return try unsafe Verifier(
                inputs.problem,
                view,
                valueKind: .uniform,
                seed: seed,
                mode: .sampled,
                queryBlock: kernel.queryBlock
            ).verify(output: output.floats, singleProcessOutput: nil)
        } catch {
            preconditionFailure("the inputs must be generated for this problem: \(error)")
        }
    }
}

extension AttentionProblem {
    @unsafe
    func visiblePairs(_ inputs: InputView) -> Int {
        unsafe visiblePairs(lengths: inputs.lengths, visibility: inputs.visibility)
    }

    /// Floating-point operations of the visible (query, key) pairs.
    @unsafe
    package func visibleFloatingPointOperations(_ inputs: InputView) -> Double {
        unsafe Double(visiblePairs(inputs)) * Double(flopsPerPair)
            + Double(
                preparationFlops(lengths: inputs.lengths, visibility: inputs.visibility)
            )
    }
}
