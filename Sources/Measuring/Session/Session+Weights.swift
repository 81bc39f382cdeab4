import Attention
import Files
import Platform
import Record
import Tensors

/// The attention weights, which no cluster sends: they are S / Dv times as large as the output.
///
/// This process computes them once, from the same inputs and with the same kernel as the output.
/// Only the file ever holds all of them.
extension Session {
    /// Writes all weights to a file, and compares those of the rows that are checked.
    ///
    /// `shape` is that of the output; the last size becomes the keys'.
    package func writeWeights(
        to file: inout WeightsOutput,
        outputShape: [Int],
        progress: (_ fraction: Double) -> Void
    ) throws(ClusterError) -> WeightsSummary {
        let problem = inputs.problem
        let shape = outputShape.dropLast() + [problem.shape.keyLength]
        let visible = visibleWeights(of: problem)
        let isCompressed = file.canCompress && problem.mask.pattern != .none
        try ClusterError.environment { () throws(ExperimentError) in
            if isCompressed {
                try file.beginCompressed(shape: Array(shape), count: visible)
            } else {
                try file.beginDense(shape: Array(shape))
            }
        }
        guard let workspace = KernelWorkspace() else {
            throw ClusterError(.environment, "no memory for the weights' workspace; free some")
        }
        var strip = WeightsStrip(problem, kernel, isCompressed: isCompressed)
        var verifier = unsafe WeightsVerifier(
            problem,
            inputs.view,
            mode: plan.verify,
            seed: plan.seed,
            queryBlock: kernel.queryBlock
        )
        var keys = unsafe WeightKeys(problem, inputs.view)
        for slice in 0..<problem.shape.sliceCount {
            progress(Double(slice) / Double(problem.shape.sliceCount))
            var row = 0
            while row < problem.shape.queryLength {
                try interruption.check()
                let rows = row..<min(row + kernel.queryBlock, problem.shape.queryLength)
                unsafe strip.compute(inputs.view, slice: slice, rows, &keys, workspace)
                strip.show(&verifier)
                try ClusterError.environment { () throws(ExperimentError) in
                    try strip.write(to: &file)
                }
                row = rows.upperBound
            }
        }
        try ClusterError.environment { () throws(ExperimentError) in try file.finish() }
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

    private func visibleWeights(of problem: AttentionProblem) -> Int {
        let shape = problem.shape
        // With `uniform`, a row that sees no key becomes a mean, so it has a weight for every key.
        guard problem.maskedRows == .uniform else {
            return unsafe problem.visiblePairs(
                lengths: inputs.view.lengths,
                visibility: inputs.view.visibility
            )
        }
        var keys = unsafe WeightKeys(problem, inputs.view)
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
