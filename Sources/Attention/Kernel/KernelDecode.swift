// A step of decoding: few query rows against a long cache of keys and values.

extension AttentionProblem {
    /// Whether a slice has so few rows that they would not fill the lanes of a kernel with a lane
    /// for every row.
    ///
    /// It decides which kernel computes the whole problem, since their bits differ; so it looks at
    /// the problem only, and never at the rows of a shard.
    var hasFewRows: Bool { shape.queryLength <= 16 }

    /// Neighbouring slices that one call computes, reading the keys and values they share only once.
    package var slicesTogether: Int { hasFewRows ? shape.heads / shape.keyValueHeads : 1 }
}

extension AttentionKernel {
    /// Slices cut in runs that share their keys and whose rows one call takes.
    ///
    /// Rows of several heads lie side by side only when all of them are asked for.
    func decodeRuns(
        _ problem: AttentionProblem,
        slices: Range<Int>,
        rows: Range<Int>
    ) -> [Range<Int>] {
        let shape = problem.shape
        let most = rows.count == shape.queryLength ? max(1, Self.decodeRows / rows.count) : 1
        var runs: [Range<Int>] = []
        for slice in slices {
            if let last = runs.last, last.count < most,
                shape.keyValueSlice(of: last.lowerBound) == shape.keyValueSlice(of: slice)
            {
                runs[runs.count - 1] = last.lowerBound..<slice + 1
            } else {
                runs.append(slice..<slice + 1)
            }
        }
        return runs
    }

    /// `forward` for a problem with few rows.
    @unsafe
    func decode(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slices: Range<Int>,
        rows: Range<Int>,
        output: UnsafeMutablePointer<Float>,
        outputSliceStride: Int,
        workspace: borrowing KernelWorkspace
    ) {
        // Outputs that do not lie side by side are written one by one.
        let isPacked = outputSliceStride == rows.count * problem.shape.valueDimension
        let runs =
            isPacked
            ? decodeRuns(problem, slices: slices, rows: rows) : slices.map { $0..<$0 + 1 }
        for run in runs {
            let call = unsafe prepareDecode(problem, inputs, run, rows, workspace: workspace)
            let target = unsafe output + (run.lowerBound - slices.lowerBound) * outputSliceStride
            let view = unsafe RunningSoftmaxView(maximum: target, sum: target, output: target)
            unsafe entries.decode(call, nil, view, workspace.kernel)
            var hasMean = false
            unsafe fillHiddenRows(
                problem,
                call.rows,
                output: target,
                workspace: workspace,
                hasMean: &hasMean
            )
        }
    }

    /// The running softmax of all rows of a run over one span.
    @unsafe
    func decodeSpan(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        _ run: Range<Int>,
        _ rows: Range<Int>,
        span: Int,
        into target: RunningSoftmaxView,
        workspace: borrowing KernelWorkspace
    ) {
        let call = unsafe prepareDecode(problem, inputs, run, rows, workspace: workspace)
        unsafe entries.decode(call, span, target, workspace.kernel)
    }

    /// Writes what the rows of a run see to the workspace and points at everything they need.
    @unsafe
    private func prepareDecode(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        _ run: Range<Int>,
        _ rows: Range<Int>,
        workspace: borrowing KernelWorkspace
    ) -> DecodeRows {
        let shape = problem.shape
        let call = unsafe prepare(problem, inputs, slices: run, rows: rows, workspace: workspace)
        for index in 0..<run.count * rows.count {
            let head = (run.lowerBound + index / rows.count) % shape.heads
            let position = problem.position(ofRow: rows.lowerBound + index % rows.count)
            unsafe workspace.slopes[index] = problem.alibi.isEmpty ? 0 : problem.alibi[head]
            unsafe workspace.positions[index] = Int32(position)
        }
        return unsafe DecodeRows(
            rows: call,
            slopes: workspace.slopes,
            positions: workspace.positions
        )
    }
}
