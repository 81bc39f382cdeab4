import Attention

extension AttentionInputs {
    /// The whole output by the float64 reference, rounded to f32.
    func roundedReference() -> [Float] {
        var reference = DoubleReference(problem, view)
        var output: [Float] = []
        for slice in 0..<problem.shape.sliceCount {
            for row in 0..<problem.shape.queryLength {
                reference.compute(slice: slice, row: row)
                output += reference.output.map { Float($0) }
            }
        }
        return output
    }

    /// The whole output by the plain f32 program.
    func eagerOutput() -> [Float] {
        var reference = EagerReference(problem, view)
        var output: [Float] = []
        for slice in 0..<problem.shape.sliceCount {
            for row in 0..<problem.shape.queryLength {
                reference.compute(slice: slice, row: row)
                output += reference.output
            }
        }
        return output
    }
}
