import CSystem

extension AttentionKernel {
    /// Writes the mean of all values to the rows that see no key, if the problem asks for it.
    @unsafe
    func fillHiddenRows(
        _ problem: AttentionProblem,
        _ call: headwise_call,
        workspace: borrowing KernelWorkspace,
        hasMean: inout Bool
    ) {
        guard problem.maskedRows == .uniform, problem.mask != .none else { return }
        let columns = unsafe call.valueDimension
        for row in 0..<(unsafe call.rows) where unsafe call.seesNothing(row) {
            if !hasMean {
                unsafe writeMean(call, to: workspace.mean)
                hasMean = true
            }
            for e in 0..<columns {
                unsafe call.output[row * columns + e] = Float(workspace.mean[e])
            }
        }
    }

    /// The mean of every value column.
    ///
    /// Values are added in the order of the keys, so the bits are the same everywhere.
    @unsafe
    private func writeMean(_ call: headwise_call, to mean: UnsafeMutablePointer<Double>) {
        let columns = unsafe call.valueDimension
        let keys = unsafe call.keyLength
        for e in 0..<columns { unsafe mean[e] = 0 }
        for j in 0..<keys {
            for e in 0..<columns { unsafe mean[e] += Double(call.value[j * columns + e]) }
        }
        for e in 0..<columns { unsafe mean[e] /= Double(keys) }
    }
}

extension headwise_call {
    func seesNothing(_ row: Int) -> Bool {
        let start = unsafe Int(visibleStart[row])
        let end = unsafe Int(visibleEnd[row])
        // With ranges, the bounds begin and end at keys that the ranges show.
        guard let visibility = unsafe visibility else { return start >= end }
        var j = start
        while j < end {
            if unsafe visibility[row % maskRows * keyLength + j] != 0, unsafe isInRange(row, key: j)
            {
                return false
            }
            j += 1
        }
        return true
    }

    private func isInRange(_ row: Int, key: Int) -> Bool {
        guard let offsets = unsafe rangeOffsets, let ranges = unsafe ranges else { return true }
        for n in unsafe Int(offsets[row])..<Int(offsets[row + 1]) {
            let start = unsafe Int(ranges[2 * n])
            let end = unsafe Int(ranges[2 * n + 1])
            if start <= key && key < end { return true }
        }
        return false
    }
}
