/// How many slices and rows a stage has.
///
/// A split divides them among shards; a task must lie within them.
package struct TaskGrid: Hashable, Sendable {
    package var sliceCount: Int
    /// The slices of one batch element.
    package var slicesPerBatch: Int
    package var rowCount: Int
    /// The rows of a step, which a task does not leave; all rows without steps.
    package var rowsOfStep: Int

    package init(sliceCount: Int, slicesPerBatch: Int, rowCount: Int, rowsOfStep: Int? = nil) {
        self.sliceCount = sliceCount
        self.slicesPerBatch = slicesPerBatch
        self.rowCount = rowCount
        self.rowsOfStep = rowsOfStep ?? rowCount
    }
}
