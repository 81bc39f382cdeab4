import Attention
import Measuring
import Platform

/// A case whose rows are asked for one, two or a few at a time.
extension CatalogueCheck {
    /// The numbers of rows, by turns: some of every kind of tile.
    private static let rowCounts = [1, 2, 3, 4, 5, 9, 16, 17, 31, 32, 33, 63, 64, 65]

    /// What is wrong with rows that are asked for alone; nil when they have the bits of `reference`,
    /// for which all rows were asked together.
    func fewRowsFault(
        _ inputs: CatalogueInputs,
        _ kernel: AttentionKernel,
        _ output: TrialOutput,
        _ reference: TrialOutput
    ) throws(RunError) -> String? {
        guard let workspace = KernelWorkspace() else {
            throw RunError(
                .environment,
                "there is no memory for the kernel to work in; end other programs"
            )
        }
        // The inputs hold the projected keys: all rows were computed from them.
        let problem = inputs.problem.attended
        let attended = unsafe AttendedInputs(inputs.problem, inputs.view)
        let shape = problem.shape
        // Where slices are few, each turn begins one, so that rows are asked for in all numbers.
        for pass in 0..<max(1, Self.rowCounts.count / shape.sliceCount) {
            output.poison(problem)
            for slice in 0..<shape.sliceCount {
                unsafe computeFewRows(
                    problem,
                    attended.view(slice: slice),
                    kernel,
                    slice,
                    turn: slice + pass * shape.sliceCount,
                    into: output,
                    workspace
                )
            }
            if let found = difference(output, reference, problem) {
                return "asked for few rows at a time, \(found)"
            }
        }
        withExtendedLifetime(attended) {}
        return nil
    }

    /// Computes a slice in calls for some rows each, the first being number `turn` of the numbers.
    @unsafe
    private func computeFewRows(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        _ kernel: AttentionKernel,
        _ slice: Int,
        turn: Int,
        into output: TrialOutput,
        _ workspace: borrowing KernelWorkspace
    ) {
        let shape = problem.shape
        var (first, turn) = (0, turn)
        while first < shape.queryLength {
            let count = Self.rowCounts[turn % Self.rowCounts.count]
            let rows = first..<min(first + count, shape.queryLength)
            let place = (slice * shape.queryLength + first) * shape.valueDimension
            unsafe kernel.forward(
                problem,
                inputs,
                slices: slice..<slice + 1,
                rows: rows,
                output: output.floats + place,
                outputSliceStride: rows.count * shape.valueDimension,
                workspace: workspace
            )
            first = rows.upperBound
            turn += 1
        }
    }
}
