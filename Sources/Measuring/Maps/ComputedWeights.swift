import Attention
import Plan
import Platform
import Record
import Tensors

/// The attention weights of a problem, computed slice by slice in this process.
///
/// The kernel is the one of `run`, so the bits are those of its workers. No more than one block of
/// rows is in memory. A class, since it owns inputs that views point into.
@safe
final class ComputedWeights {
    private let inputs: AttentionInputs
    private let kernel: AttentionKernel
    private let team: ThreadTeam
    private let workspace: KernelWorkspace
    private let interruption: Interruption
    /// The check of the output, where weights follow from earlier stages.
    let outputCheck: VerificationReport?

    init(
        _ plan: RunPlan,
        _ inputs: consuming AttentionInputs,
        isExternal: Bool,
        interruption: Interruption
    ) throws(RunError) {
        kernel = try AttentionKernel(of: plan)
        guard let workspace = KernelWorkspace() else {
            throw RunError(
                .environment,
                "there is no memory to compute attention weights in; end other programs"
            )
        }
        self.workspace = workspace
        self.interruption = interruption
        team = ThreadTeam(
            threadCount: Affinity.allowedProcessors.count,
            cancellation: interruption.cancellation
        )
        outputCheck =
            inputs.problem.stages.count == 1
            ? nil
            : try Self.checkedOutput(plan, inputs, isExternal, kernel, team)
        try interruption.check()
        self.inputs = inputs
    }

    var instructionSet: InstructionSet { kernel.instructionSet }

    /// The whole problem.
    var problem: AttentionProblem { inputs.problem }

    /// The attention inside it, whose keys and rows the weights have.
    var attended: AttentionProblem { problem.attended }

    /// Computes all stages and compares the output with float64: weights that follow from an earlier
    /// stage are right only if that is.
    private static func checkedOutput(
        _ plan: RunPlan,
        _ inputs: borrowing AttentionInputs,
        _ isExternal: Bool,
        _ kernel: AttentionKernel,
        _ team: ThreadTeam
    ) throws(RunError) -> VerificationReport {
        let output = try TrialOutput(inputs.problem)
        unsafe team.forwardWhole(kernel, inputs.problem, inputs.view, output: output.floats)
        let (problem, view) = unsafe (inputs.problem, inputs.view)
        return try RunError.environment { () throws(AttentionError) in
            try unsafe Verifier(
                problem,
                view,
                valueKind: isExternal ? nil : plan.values,
                seed: plan.seed,
                mode: .sampled,
                queryBlock: kernel.queryBlock
            ).verify(output: output.floats, singleProcessOutput: nil)
        }
    }

    /// A row, whether it sees no key and has equal weights of all, and what has a weight in it.
    typealias RowOfWeights = (
        _ row: Int, _ isFilled: Bool, _ keys: ArraySlice<Int32>, _ weights: ArraySlice<Float>
    ) -> Void

    /// Calls `body` with every row of `rows`, its keys and their weights; returns the check of some of
    /// these rows.
    func visit(
        slice: Int,
        rows: Range<Int>,
        _ body: RowOfWeights
    ) throws -> WeightsReport {
        let view = unsafe inputs.view
        if let layer = problem.layer {
            return try unsafe team.withProjected(kernel, layer, view.layer, slice: slice) { view in
                try unsafe visit(layer.attention, view, view, slice, rows, body)
            }
        }
        let attended = unsafe AttendedInputs(problem, view)
        defer { withExtendedLifetime(attended) {} }
        return try unsafe visit(
            problem.attended,
            attended.view(slice: slice),
            view,
            slice,
            rows,
            body
        )
    }

    @unsafe
    private func visit(
        _ attended: AttentionProblem,
        _ view: InputView,
        _ whole: InputView,
        _ slice: Int,
        _ rows: Range<Int>,
        _ body: RowOfWeights
    ) throws -> WeightsReport {
        let isTrained = problem.operation.pooling != nil
        var verifier = unsafe WeightsVerifier(
            isTrained ? problem : attended,
            isTrained ? whole : view,
            rows: checkedRows(rows).map { slice * attended.shape.queryLength + $0 }
        )
        var strip = WeightsStrip(attended, kernel, isCompressed: true)
        var keys = unsafe WeightKeys(attended, view)
        // The strip's keys do not say which rows see none.
        var seen = unsafe WeightKeys(attended, view)
        let fillsRows = attended.maskedRows == .uniform && attended.mask != .none
        var row = rows.lowerBound
        while row < rows.upperBound {
            try interruption.check()
            let block = row..<min(row + kernel.queryBlock, rows.upperBound)
            unsafe strip.compute(view, slice: slice, block, &keys, workspace)
            strip.show(&verifier)
            strip.forEachWeights { row, keys, weights in
                var isFilled = fillsRows
                if fillsRows {
                    unsafe seen.forEachVisible(slice: slice, row: row) { _ in isFilled = false }
                }
                body(row, isFilled, keys, weights)
            }
            row = block.upperBound
        }
        return verifier.report()
    }

    /// Few enough that the check takes no longer than the weights: the first and the last row, and
    /// others at even distances.
    private func checkedRows(_ rows: Range<Int>) -> [Int] {
        let most = 32
        guard rows.count > most else { return Array(rows) }
        return (0..<most).map { rows.lowerBound + $0 * (rows.count - 1) / (most - 1) }
    }
}
