import Attention
import Wire

/// All inputs travel inside the trial, with the tasks that need them.
struct InlineInputs: InputPlane {
    func load(
        _ inputs: LoadedInputs,
        _ problem: AttentionProblem,
        _ message: inout Workload
    ) -> [TensorName] {
        []
    }

    func tensorsWithTasks(replaced: Set<TensorName>) -> Set<TensorName> {
        Set(TensorName.inputs)
    }
}
