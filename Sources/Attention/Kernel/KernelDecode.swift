// A step of decoding: few query rows against a long cache of keys and values.

import CSystem

extension AttentionProblem {
    /// Up to this number of rows, the slices of a group are faster in one call.
    static let fewRows = 16

    /// Whether a slice has too few rows to fill the lanes of a kernel with one lane per row.
    var hasFewRows: Bool { shape.queryLength <= Self.fewRows }

    /// The number of neighbouring slices per call; the call reads their shared keys and values
    /// once.
    package var slicesTogether: Int { hasFewRows ? shape.heads / shape.keyValueHeads : 1 }
}

extension AttentionKernel {
    /// Cuts slices into runs that share their keys and whose rows fit in one call.
    ///
    /// The rows of several heads are contiguous only when the call asks for all rows.
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
        // Outputs that are not contiguous are written slice by slice.
        let isPacked = outputSliceStride == rows.count * problem.shape.valueDimension
        let runs =
            isPacked
            ? decodeRuns(problem, slices: slices, rows: rows) : slices.map { $0..<$0 + 1 }
        for run in runs {
            let target = unsafe output + (run.lowerBound - slices.lowerBound) * outputSliceStride
            var call = unsafe prepare(
                problem,
                inputs,
                slices: run,
                rows: rows,
                output: target,
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
