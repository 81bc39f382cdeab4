import Attention
import Wire

/// Workers hold the inputs before the clock starts.
///
/// They make the inputs from the seed, or receive them.
struct ResidentInputs: InputPlane {
    func load(
        _ inputs: LoadedInputs,
        _ problem: AttentionProblem,
        _ message: inout Workload
    ) -> [TensorName] {
        // The mask decides what the generator makes, so it goes first.
        switch inputs.source {
        case .generated(let kind, let seed):
            message.generated = .init(seed: seed, values: kind)
            return [.lengths, .visibility]
        case .external:
            return TensorName.inputs
        }
    }

    func tensorsWithTasks(replaced: Set<TensorName>) -> Set<TensorName> { replaced }
}
