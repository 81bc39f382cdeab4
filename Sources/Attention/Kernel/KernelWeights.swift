extension AttentionKernel {
    /// Computes the attention weights of `rows` of one slice, `[rows, S]`, on the calling thread.
    ///
    /// It makes the same passes over keys as `forward`, without values, and neither reads nor
    /// changes the output. The bits of a row's weights depend on that row alone, as its output's
    /// bits do. Where a row does not see a key, `target` holds 0 or its previous content.
    @unsafe
    package func weights(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slice: Int,
        rows: Range<Int>,
        into target: UnsafeMutablePointer<Float>,
        workspace: borrowing KernelWorkspace
    ) {
        workspace.scores.forget()
        unsafe check(problem, inputs, slices: slice..<slice + 1, rows: rows)
        let keyLength = problem.shape.keyLength
        let fillsHiddenRows = problem.maskedRows == .uniform && problem.mask != .none
        for piece in pieces(of: rows) {
            let part = unsafe target + (piece.lowerBound - rows.lowerBound) * keyLength
            var call = unsafe prepare(
                problem,
                inputs,
                slices: slice..<slice + 1,
                rows: piece,
                output: part,
                workspace: workspace
            )
            unsafe prepareScores(problem, inputs, slice: slice, &call, workspace: workspace)
            unsafe table.weights(&call)
            guard fillsHiddenRows else { continue }
            for row in 0..<piece.count where unsafe call.seesNothing(row) {
                let mean = 1 / Float(keyLength)
                unsafe (part + row * keyLength).update(repeating: mean, count: keyLength)
            }
        }
    }
}
