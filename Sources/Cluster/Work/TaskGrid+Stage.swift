import Attention
import Scheduling

extension TaskGrid {
    package init(_ stage: Stage) {
        self.init(
            sliceCount: stage.sliceCount,
            slicesPerBatch: stage.slicesPerBatch,
            rowCount: stage.rowCount
        )
    }
}
