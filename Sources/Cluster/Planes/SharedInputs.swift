import Attention
import Platform
import Wire

/// Memory in which all workers read the inputs, and which only the coordinator writes.
///
/// A class, since two planes share it.
@safe
final class SharedInputMemory {
    private var parts: SharedParts
    /// Where the tensors of the newest workload begin in its part.
    private var offsets: [TensorName: Int] = [:]

    init() throws(RunError) {
        parts = try SharedParts(
            name: "headwise-inputs",
            purpose: "inputs",
            remedy: "--plane inline"
        )
    }

    var inherited: InheritedMemory {
        InheritedMemory(flag: "--input-descriptor", descriptor: parts.descriptor)
    }

    /// Makes room for the inputs of a problem, with all its pages, and says in `message` where it is.
    func load(_ problem: AttentionProblem, _ message: inout Workload) throws(RunError) {
        let layout = InputLayout(problem)
        try parts.add(byteCount: layout.byteCount)
        try parts.open()
        offsets = Dictionary(uniqueKeysWithValues: layout.tensors.map { ($0.tensor, $0.offset) })
        message.inputOffset = parts.offset
    }

    var tensors: Set<TensorName> { Set(offsets.keys) }

    /// Copies a piece of an input that it holds to its place.
    func copy(_ piece: InputPiece, of inputs: LoadedInputs) {
        guard let base = unsafe parts.base, let offset = offsets[piece.tensor],
            let tensor = unsafe inputs.bytes[piece.tensor]
        else { preconditionFailure("a tensor that is copied must have a place") }
        let source = unsafe UnsafeRawBufferPointer(rebasing: tensor[piece.byteRange])
        guard let first = source.baseAddress else { return }
        let target = unsafe base + offset + piece.byteRange.lowerBound
        unsafe LargeCopy.copy(first, to: target, byteCount: source.count)
    }
}

/// Workers read the inputs in memory that the coordinator fills before the clock starts.
struct SharedInputs: InputPlane {
    private let shared: SharedInputMemory

    init(_ shared: SharedInputMemory) { self.shared = shared }

    var memory: InheritedMemory? { shared.inherited }

    func load(
        _ inputs: LoadedInputs,
        _ problem: AttentionProblem,
        _ message: inout Workload
    ) throws(RunError) -> [TensorName] {
        try shared.load(problem, &message)
        for tensor in TensorName.inputs {
            guard let piece = InputPiece(whole: tensor, of: problem) else { continue }
            shared.copy(piece, of: inputs)
        }
        return []
    }

    func tensorsWithTasks(replaced: Set<TensorName>) -> Set<TensorName> { replaced }
}

/// The coordinator copies what a task needs into memory that all workers read, and then sends the task.
///
/// What one worker was given, all have: a part that several shards need is copied once in a trial.
struct CopiedInputs: InputPlane {
    private let shared: SharedInputMemory

    init(_ shared: SharedInputMemory) { self.shared = shared }

    func load(
        _ inputs: LoadedInputs,
        _ problem: AttentionProblem,
        _ message: inout Workload
    ) throws(RunError) -> [TensorName] {
        try shared.load(problem, &message)
        return []
    }

    func tensorsWithTasks(replaced: Set<TensorName>) -> Set<TensorName> {
        Set(TensorName.inputs)
    }

    var copiedTensors: Set<TensorName> { shared.tensors }

    func copy(_ piece: InputPiece, of inputs: LoadedInputs) { shared.copy(piece, of: inputs) }
}
