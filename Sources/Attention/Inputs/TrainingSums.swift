/// What training has found so far: `[epoch][slice][span][column]`.
@unsafe
package struct TrainingSums {
    private let problem: AttentionProblem
    private let training: Training
    private let sums: UnsafePointer<Float>

    /// Nil where nothing is trained.
    package init?(_ problem: AttentionProblem, _ inputs: InputView) {
        guard let training = problem.operation.pooling?.training,
            let sums = unsafe inputs.floats(.training)
        else { return nil }
        unsafe self.problem = problem
        unsafe self.training = training
        unsafe self.sums = sums
    }

    /// w of a slice in an epoch, or after the last one.
    ///
    /// Sums of spans are added in their order, in f64.
    package func width(epoch: Int, slice: Int) -> Float {
        guard epoch > 0 else { return 1 }
        var gradient = 0.0
        for span in 0..<(unsafe problem.trainingSpans) {
            gradient += Double(unsafe number(2, epoch: epoch - 1, slice: slice, span: span))
        }
        let width = unsafe number(0, epoch: epoch - 1, slice: slice, span: 0)
        return Float(Double(width) - Double(unsafe training.rate) * gradient)
    }

    /// One of the numbers of a span.
    package func number(_ column: Int, epoch: Int, slice: Int, span: Int) -> Float {
        let part = unsafe problem.trainingPart(epoch: epoch, slice: slice)
        return unsafe sums[(part * problem.trainingSpans + span) * Training.sumColumns + column]
    }

    /// w of each slice in an epoch, or after the last one.
    package func widths(epoch: Int) -> [Float] {
        (0..<(unsafe problem.shape.sliceCount)).map { unsafe width(epoch: epoch, slice: $0) }
    }

    /// The squared errors of all predictions of an epoch, added.
    package func loss(epoch: Int) -> Double {
        var sum = 0.0
        for slice in 0..<(unsafe problem.shape.sliceCount) {
            for span in 0..<(unsafe problem.trainingSpans) {
                sum += Double(unsafe number(1, epoch: epoch, slice: slice, span: span))
            }
        }
        return sum
    }
}

extension AttentionProblem {
    /// w of each slice of kernel regression, and none of other operations.
    ///
    /// `inputs` has what training found.
    @unsafe
    package func widths(_ inputs: InputView) -> [Float] {
        guard let pooling = operation.pooling else { return [] }
        guard let training = pooling.training, let sums = unsafe TrainingSums(self, inputs) else {
            return [Float](repeating: pooling.firstWidth, count: shape.sliceCount)
        }
        return unsafe sums.widths(epoch: training.epochs)
    }
}
