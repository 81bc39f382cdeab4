import CSystem

/// An epoch of training, whose threads take spans of data.
@unsafe
struct TrainingWork: @unsafe ThreadWork {
    private let kernel: AttentionKernel
    private let problem: AttentionProblem
    private let inputs: InputView
    private let epoch: Int
    private let slices: Range<Int>
    private let spans: Range<Int>
    private let output: UnsafeMutablePointer<Float>
    private let outputSliceStride: Int

    init(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: InputView,
        epoch: Int,
        slices: Range<Int>,
        spans: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int
    ) {
        unsafe self.kernel = kernel
        unsafe self.problem = problem
        unsafe self.inputs = inputs
        unsafe self.epoch = epoch
        unsafe self.slices = slices
        unsafe self.spans = spans
        unsafe self.output = output
        unsafe self.outputSliceStride = outputSliceStride
    }

    var pieceCount: Int { unsafe slices.count * spans.count }

    func compute(piece: Int, workspace: borrowing KernelWorkspace) -> Int {
        let (place, index) = unsafe piece.quotientAndRemainder(dividingBy: spans.count)
        let (slice, span) = unsafe (slices.lowerBound + place, spans.lowerBound + index)
        let target = unsafe output + place * outputSliceStride + index * Training.sumColumns
        let count = unsafe problem.shape.keyLength
        let first = span * Training.spanRows
        let rows = min(Training.spanRows, count - first)
        let width = unsafe TrainingSums(problem, inputs)?.width(epoch: epoch, slice: slice) ?? 1
        let found = unsafe kernel.trained(
            inputs: inputs.key + slice * count,
            targets: inputs.value + slice * count,
            count: count,
            rows: first..<first + rows,
            width: width
        )
        unsafe target[0] = width
        unsafe target[1] = found.loss
        unsafe target[2] = found.gradient
        return 1
    }
}

extension AttentionKernel {
    /// The sums of the squared errors of some rows and of their derivatives by the width.
    ///
    /// At most `Training.spanRows` rows, which are added in their order, in f64.
    @unsafe
    package func trained(
        inputs: UnsafePointer<Float>,
        targets: UnsafePointer<Float>,
        count: Int,
        rows: Range<Int>,
        width: Float
    ) -> (loss: Float, gradient: Float) {
        precondition(rows.count <= Training.spanRows, "a call has the rows of one span at most")
        let capacity = 2 * rows.count
        return unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: capacity) { results in
            guard let losses = results.baseAddress else { return (0, 0) }
            let gradients = unsafe losses + rows.count
            var call = unsafe headwise_training(
                inputs: inputs,
                targets: targets,
                losses: losses,
                gradients: gradients,
                count: count,
                first: rows.lowerBound,
                rows: rows.count,
                width: width
            )
            unsafe table.train(&call)
            var (loss, gradient) = (0.0, 0.0)
            for row in 0..<rows.count {
                loss += Double(unsafe losses[row])
                gradient += Double(unsafe gradients[row])
            }
            return (Float(loss), Float(gradient))
        }
    }
}

extension ThreadTeam {
    /// Predicts `rows` of `slices`: attention with Gaussian scores of the width of each slice.
    @unsafe
    func predict(
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ pooling: Pooling,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int
    ) -> TeamTimes {
        let attended = unsafe AttendedInputs(problem, inputs)
        // Slices of one width are computed together.
        let parts = pooling.training == nil ? [slices] : slices.map { $0..<$0 + 1 }
        var times = TeamTimes()
        for part in parts {
            times =
                unsafe times
                + forward(
                    kernel,
                    problem.attended,
                    attended.view(slice: part.lowerBound),
                    slices: part,
                    rows: rows,
                    output: output + (part.lowerBound - slices.lowerBound) * outputSliceStride,
                    outputSliceStride: outputSliceStride
                )
        }
        withExtendedLifetime(attended) {}
        return times
    }
}
