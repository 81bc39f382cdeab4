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
        output.poison(problem)
        for slice in 0..<shape.sliceCount {
            var first = 0
            var turn = slice
            while first < shape.queryLength {
                let count = Self.rowCounts[turn % Self.rowCounts.count]
                let rows = first..<min(first + count, shape.queryLength)
                let place = (slice * shape.queryLength + first) * shape.valueDimension
                unsafe kernel.forward(
                    problem,
                    attended.view(slice: slice),
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
        withExtendedLifetime(attended) {}
        return difference(output, reference, problem).map { "asked for few rows at a time, \($0)" }
    }
}
