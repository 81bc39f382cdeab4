// Rows over one span of keys, and several spans into rows.

import CSystem

extension AttentionKernel {
    /// Computes the running softmax of `rows` of one slice over the keys of span `span`.
    ///
    /// Merging the spans of a row from left to right and finishing them gives the bits of
    /// `forward`.
    @unsafe
    package func forwardSpan(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slice: Int,
        rows: Range<Int>,
        span: Int,
        into target: RunningSoftmaxView,
        workspace: borrowing KernelWorkspace
    ) {
        workspace.scores.forget()
        unsafe forwardSpanPart(
            problem,
            inputs,
            slice: slice,
            rows: rows,
            span: span,
            into: target,
            workspace: workspace
        )
    }

    /// `forwardSpan` of a part of the work on the same inputs: it uses the keys that an earlier part
    /// prepared.
    @unsafe
    func forwardSpanPart(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slice: Int,
        rows: Range<Int>,
        span: Int,
        into target: RunningSoftmaxView,
        workspace: borrowing KernelWorkspace
    ) {
        unsafe check(problem, inputs, slices: slice..<(slice + 1), rows: rows)
        precondition(
            (0..<Self.spanCount(keyLength: problem.shape.keyLength)).contains(span),
            "a span must be one of the keys' spans"
        )
        if rows.count <= AttentionProblem.fewRows {
            let run = slice..<slice + 1
            unsafe decodeSpan(
                problem,
                inputs,
                run,
                rows,
                span: span,
                into: target,
                workspace: workspace
            )
            return
        }
        for piece in pieces(of: rows) {
            let offset = piece.lowerBound - rows.lowerBound
            var call = unsafe prepare(
                problem,
                inputs,
                slices: slice..<slice + 1,
                rows: piece,
                output: target.output + offset * problem.shape.valueDimension,
                workspace: workspace
            )
            unsafe call.span = span
            unsafe call.maximum = target.maximum + offset
            unsafe call.sum = target.sum + offset
            unsafe prepareScores(problem, inputs, slice: slice, &call, workspace: workspace)
            unsafe table.forward(&call)
        }
    }

    /// Joins the running softmax of the next span to that of the spans before it, in place.
    @unsafe
    package func mergeSpans(
        rowCount: Int,
        valueDimension: Int,
        into total: RunningSoftmaxView,
        next: RunningSoftmaxView
    ) {
        unsafe table.mergeSpans(rowCount, valueDimension, total, next)
    }

    /// Turns the merged running softmax of all spans into output rows, in place.
    @unsafe
    package func finishSpans(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slice: Int,
        rows: Range<Int>,
        total: RunningSoftmaxView,
        workspace: borrowing KernelWorkspace
    ) {
        unsafe check(problem, inputs, slices: slice..<(slice + 1), rows: rows)
        let columns = problem.shape.valueDimension
        var hasMean = false
        for piece in pieces(of: rows) {
            let offset = piece.lowerBound - rows.lowerBound
            let part = unsafe RunningSoftmaxView(
                maximum: total.maximum + offset,
                sum: total.sum + offset,
                output: total.output + offset * columns
            )
            let call = unsafe prepare(
                problem,
                inputs,
                slices: slice..<slice + 1,
                rows: piece,
                output: part.output,
                workspace: workspace
            )
            unsafe table.finishSpans(piece.count, columns, part, call.sinks)
            unsafe fillHiddenRows(problem, call, workspace: workspace, hasMean: &hasMean)
        }
    }
}
