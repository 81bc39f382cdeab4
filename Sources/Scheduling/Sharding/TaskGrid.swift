/// How many slices and rows a stage has.
///
/// A split divides them among shards; a task must lie within them.
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
