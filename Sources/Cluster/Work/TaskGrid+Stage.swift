import Attention
import Scheduling

extension AttentionProblem {
    /// The grids of its stages.
    package var grids: [TaskGrid] {
        stages.map { stage in
            var grid = TaskGrid(stage)
            grid.rowParts = rowParts(of: stage)
            return grid
        }
    }
}

extension TaskGrid {
    package init(_ stage: Stage) { self.init(stage, rows: 0..<stage.rowCount) }

    /// The grid of some rows of the stage, which count from the first of them.
    package init(_ stage: Stage, rows: Range<Int>) {
        self.init(
            sliceCount: stage.sliceCount,
            slicesPerBatch: stage.slicesPerBatch,
            rowCount: rows.count
        )
    }
}
