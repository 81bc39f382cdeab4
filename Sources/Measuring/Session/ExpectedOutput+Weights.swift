import Attention
import Files
import Plan
import Platform
import Record
import Tensors

extension ExpectedOutput {
    /// Writes all weights to a file, and compares those of the rows that are checked.
    ///
    /// No cluster sends them: they are S / Dv times as large as the output. This process computes
    /// them once, with the same kernel, and only the file ever holds all of them. `outputShape` is
    /// that of the output; the last size becomes the keys'.
    package func writeWeights(
        to file: inout WeightsOutput,
        outputShape: [Int],
        progress: (_ fraction: Double) -> Void
    ) throws(RunError) -> WeightsSummary {
        // A proof by other inputs leaves their projected keys, if there are any.
        if problem.operation != .attention { try compute() }
        let (whole, inputs) = (problem, unsafe view)
        let attended = unsafe AttendedInputs(whole, inputs)
        let problem = whole.attended
        let shape = outputShape.dropLast() + [problem.shape.keyLength]
        let visible = unsafe visibleWeights(problem, inputs)
        let isCompressed = file.canCompress && problem.mask.pattern != .none
        try RunError.environment { () throws(ExperimentError) in
            if isCompressed {
                try file.beginCompressed(shape: Array(shape), count: visible)
            } else {
                try file.beginDense(shape: Array(shape))
            }
        }
        guard let workspace = KernelWorkspace() else {
            throw RunError(
                .environment,
                "there is no memory to compute attention weights in; end other programs"
            )
        }
        var strip = WeightsStrip(problem, kernel, isCompressed: isCompressed)
        // Projected keys are those from which the output was computed, which is checked itself.
        let isTrained = whole.operation.pooling != nil
        var verifier = unsafe WeightsVerifier(
            isTrained ? whole : problem,
            isTrained ? inputs : attended.view(slice: 0),
            mode: plan.verify,
            seed: plan.seed,
            queryBlock: kernel.queryBlock
        )
        var keys = unsafe WeightKeys(problem, inputs)
        for slice in 0..<problem.shape.sliceCount {
            progress(Double(slice) / Double(problem.shape.sliceCount))
            var row = 0
            while row < problem.shape.queryLength {
                try interruption.check()
                let rows = row..<min(row + kernel.queryBlock, problem.shape.queryLength)
                unsafe strip.compute(
                    attended.view(slice: slice),
                    slice: slice,
                    rows,
                    &keys,
                    workspace
                )
                strip.show(&verifier)
                try RunError.environment { () throws(ExperimentError) in
                    try strip.write(to: &file)
                }
                row = rows.upperBound
            }
        }
        withExtendedLifetime(attended) {}
        try RunError.environment { () throws(ExperimentError) in try file.finish() }
        let report = verifier.report()
        let isChecked = report.rowsChecked > 0
        return WeightsSummary(
            path: file.path,
            form: isCompressed ? .compressed : .dense,
            shape: Array(shape),
            visible: visible,
            status: report.status,
            maxRelativeError: isChecked ? report.maxRelativeError : nil,
            boundRelative: isChecked ? report.boundRelative : nil,
            rowsChecked: report.rowsChecked,
            rowsTotal: report.rowsTotal,
            reasons: report.reasons
        )
    }

    private func visibleWeights(_ problem: AttentionProblem, _ view: InputView) -> Int {
        let shape = problem.shape
        // With `uniform`, a row that sees no key becomes a mean, so it has a weight for every key.
        guard problem.maskedRows == .uniform else {
            return unsafe problem.visiblePairs(
                lengths: view.lengths,
                visibility: view.visibility
            )
        }
        var keys = unsafe WeightKeys(problem, view)
        var count = 0
        var found: [Int32] = []
        for slice in 0..<shape.sliceCount {
            for row in 0..<shape.queryLength {
                found.removeAll(keepingCapacity: true)
                unsafe keys.append(slice: slice, row: row, to: &found)
                count += found.count
            }
        }
        return count
    }
}
