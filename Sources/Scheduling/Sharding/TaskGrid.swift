/// The slices and rows of a stage: what a split cuts, and what a task may ask for.
package struct TaskGrid: Hashable, Sendable {
    package var sliceCount: Int
    /// The slices of one batch element.
    package var slicesPerBatch: Int
    package var rowCount: Int

    package init(sliceCount: Int, slicesPerBatch: Int, rowCount: Int) {
        self.sliceCount = sliceCount
        self.slicesPerBatch = slicesPerBatch
        self.rowCount = rowCount
    }
}
