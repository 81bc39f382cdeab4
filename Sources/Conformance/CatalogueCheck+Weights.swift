import Attention
import Measuring
import Platform

/// The attention weights of a case: against float64, and with its rows cut elsewhere.
extension CatalogueCheck {
    /// The faults of the weights, a sentence each.
    func weightsFaults(
        _ inputs: CatalogueInputs,
        _ kernel: AttentionKernel,
        seed: UInt64
    ) throws(RunError) -> [String] {
        guard let workspace = KernelWorkspace() else {
            throw RunError(
                .environment,
                "there is no memory to compute attention weights in; end other programs"
            )
        }
        // Projected keys are those from which the output was computed, which is checked itself.
        let problem = inputs.problem.attended
        let attended = unsafe AttendedInputs(inputs.problem, inputs.view)
        let isTrained = inputs.problem.operation.pooling != nil
        var verifier = unsafe WeightsVerifier(
            isTrained ? inputs.problem : problem,
            isTrained ? inputs.view : attended.view(slice: 0),
            mode: .sampled,
            seed: seed,
            queryBlock: kernel.queryBlock
        )
        var strip = WeightsStrip(
            problem,
            kernel,
            isCompressed: problem.mask.pattern != .none
        )
        var keys = unsafe WeightKeys(problem, inputs.view)
        var slicesCutElsewhere = 0
        for slice in 0..<problem.shape.sliceCount {
            var whole: [UInt32] = []
            var cut: [UInt32] = []
            let view = unsafe attended.view(slice: slice)
            for rows in blocks(problem, first: kernel.queryBlock, kernel.queryBlock) {
                unsafe strip.compute(view, slice: slice, rows, &keys, workspace)
                strip.show(&verifier)
                whole += strip.visible.map(\.bitPattern)
            }
            for rows in blocks(problem, first: kernel.queryBlock / 2 + 1, kernel.queryBlock) {
                unsafe strip.compute(view, slice: slice, rows, &keys, workspace)
                cut += strip.visible.map(\.bitPattern)
            }
            if whole != cut { slicesCutElsewhere += 1 }
        }
        withExtendedLifetime(attended) {}
        let report = verifier.report()
        var faults = report.status == .disagrees ? report.reasons : []
        if slicesCutElsewhere > 0 {
            faults.append(
                "weights: in \(slicesCutElsewhere) of \(problem.shape.sliceCount) slices the bits "
                    + "depend on where the rows are cut"
            )
        }
        return faults
    }

    /// All rows, the first `first` together and then as many as `size`.
    private func blocks(
        _ problem: AttentionProblem,
        first: Int,
        _ size: Int
    ) -> [Range<Int>] {
        var blocks: [Range<Int>] = []
        var row = 0
        while row < problem.shape.queryLength {
            let end = min(row + (row == 0 ? first : size), problem.shape.queryLength)
            blocks.append(row..<end)
            row = end
        }
        return blocks
    }
}
