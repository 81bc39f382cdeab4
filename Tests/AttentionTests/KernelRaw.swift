import Attention
import CSystem

/// A kernel called directly, with bounds that no mask of the package has.
struct KernelRaw {
    var instructionSet: InstructionSet
    /// Which of the two ways to the same bits.
    var decodes = false

    /// All rows of the case's only slice, row i seeing `bounds[i]`; the case's own band and lengths
    /// are ignored, and its boolean tensor is used when it has one.
    func output(_ test: KernelCase, bounds: [Range<Int>]) -> [Float] {
        let shape = test.shape
        guard let kernel = AttentionKernel(instructionSet), let workspace = KernelWorkspace() else {
            fatalError("no kernel, or no memory")
        }
        var output = [Float](repeating: .pi, count: shape.queryLength * shape.valueDimension)
        let starts = bounds.map { Int32($0.lowerBound) }
        let ends = bounds.map { Int32($0.upperBound) }
        test.withView { view in
            output.withUnsafeMutableBufferPointer { output in
                starts.withUnsafeBufferPointer { starts in
                    ends.withUnsafeBufferPointer { ends in
                        var call = kernel.prepare(
                            test.problem,
                            view,
                            slices: 0..<1,
                            rows: 0..<shape.queryLength,
                            output: output.start,
                            workspace: workspace
                        )
                        call.visibleStart = starts.start
                        call.visibleEnd = ends.start
                        if decodes {
                            kernel.table.decode(&call)
                        } else {
                            kernel.table.forward(&call)
                        }
                    }
                }
            }
        }
        return output
    }
}
