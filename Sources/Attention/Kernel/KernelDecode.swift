// A step of decoding: few query rows against a long cache of keys and values.

import CSystem

extension AttentionProblem {
    /// Up to this number of rows, the slices of a group are faster in one call.
    static let fewRows = 16

    /// Whether a slice has too few rows to fill the lanes of a kernel with one lane per row.
    var hasFewRows: Bool { rowsOfStep <= Self.fewRows }

    /// The number of neighbouring slices per call; the call reads their shared keys and values
    /// once.
    package var slicesTogether: Int { hasFewRows ? shape.heads / shape.keyValueHeads : 1 }
}

extension AttentionKernel {
    /// Cuts slices into runs that share their keys and whose rows fit in one call.
    ///
    /// A call takes the rows of several heads if these are all rows, which are contiguous, or those of a
    /// step, which are gathered.
    func decodeRuns(
        _ problem: AttentionProblem,
        slices: Range<Int>,
        rows: Range<Int>
    ) -> [Range<Int>] {
        let shape = problem.shape
        let isWhole = rows.count == problem.rowsOfStep
        let most = isWhole ? max(1, Self.decodeRows / rows.count) : 1
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

    /// `forward` for few rows.
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
        let rowNumbers = rows.count * problem.shape.valueDimension
        for run in decodeRuns(problem, slices: slices, rows: rows) {
            let target = unsafe output + (run.lowerBound - slices.lowerBound) * outputSliceStride
            let isContiguous = run.count == 1 || outputSliceStride == rowNumbers
            var call = unsafe prepare(
                problem,
                inputs,
                slices: run,
                rows: rows,
                output: isContiguous ? target : workspace.gatheredOutputs,
                workspace: workspace
            )
            unsafe prepareScores(
                problem,
                inputs,
                slice: run.lowerBound,
                &call,
                workspace: workspace
            )
            unsafe table.decode(&call)
            var hasMean = false
            unsafe fillHiddenRows(problem, call, workspace: workspace, hasMean: &hasMean)
            guard !isContiguous else { continue }
            for index in 0..<run.count {
                unsafe (target + index * outputSliceStride).update(
                    from: workspace.gatheredOutputs + index * rowNumbers,
                    count: rowNumbers
                )
            }
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
        var call = unsafe prepare(
            problem,
            inputs,
            slices: run,
            rows: rows,
            output: target.output,
            workspace: workspace
        )
        unsafe call.span = span
        unsafe call.maximum = target.maximum
        unsafe call.sum = target.sum
        unsafe prepareScores(
            problem,
            inputs,
            slice: run.lowerBound,
            &call,
            workspace: workspace
        )
        unsafe table.decode(&call)
    }
}
