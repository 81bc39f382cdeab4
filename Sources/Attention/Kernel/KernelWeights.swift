extension AttentionKernel {
    /// Computes the attention weights of `rows` of one slice, `[rows, S]`, on the calling thread.
    ///
    /// They come from the passes over keys that `forward` makes, without its values: nothing of the
    /// output is read or changed, and their bits depend on their row alone, as its bits do. (A
    /// problem of few rows has its output from another kernel, which adds in another order.) Where a
    /// row does not see a key, `target` holds 0 or what was there before.
    @unsafe
    package func weights(
        _ problem: AttentionProblem,
        _ inputs: InputView,
        slice: Int,
        rows: Range<Int>,
        into target: UnsafeMutablePointer<Float>,
        workspace: borrowing KernelWorkspace
    ) {
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
            unsafe table.weights(&call)
            guard fillsHiddenRows else { continue }
            for row in 0..<piece.count where unsafe call.seesNothing(row) {
                let mean = 1 / Float(keyLength)
                unsafe (part + row * keyLength).update(repeating: mean, count: keyLength)
            }
        }
    }
}
