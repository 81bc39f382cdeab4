/// How many slices and rows a stage has.
///
/// A split divides them among shards; a task must lie within them.
package struct TaskGrid: Hashable, Sendable {
    package var sliceCount: Int
    /// The slices of one batch element.
    package var slicesPerBatch: Int
    package var rowCount: Int
    /// Ascending ranges of rows, such as those of a step: the rows of a task are in one of them.
    package var rowParts: [Range<Int>]

    /// All rows are one part unless `rowParts` says otherwise.
    package init(
        sliceCount: Int,
        slicesPerBatch: Int,
        rowCount: Int,
        rowParts: [Range<Int>]? = nil
    ) {
        self.sliceCount = sliceCount
        self.slicesPerBatch = slicesPerBatch
        self.rowCount = rowCount
        self.rowParts = rowParts ?? [0..<max(rowCount, 0)]
    }

    /// Whether some rows are in one part.
    func isInOnePart(_ rows: Range<Int>) -> Bool {
        var (low, high) = (0, rowParts.count)
        while low < high {
            let middle = low + (high - low) / 2
            if rowParts[middle].lowerBound <= rows.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low > 0 && rows.upperBound <= rowParts[low - 1].upperBound
    }
}
