import Attention

/// Inputs that came for one trial alone and replace those that the worker holds.
///
/// These are whole tensors at their absolute place, but only the parts that came are in memory. A
/// class, since a shard that is still computed keeps them after the next trial has begun.
///
/// `@unchecked Sendable`: as for `WorkerTensors`, the handover of a shard orders the thread that
/// writes and the one that reads.
final class TrialInputs: @unchecked Sendable {
    let trial: Int
    private let problem: AttentionProblem
    private var tensors: [TensorName: Memory] = [:]

    private final class Memory {
        let slab: Slab
        init(_ slab: consuming Slab) { self.slab = slab }
    }

    init(_ problem: AttentionProblem, trial: Int) {
        self.problem = problem
        self.trial = trial
    }

    /// Puts received bytes where they belong; false when they reach beyond the tensor or there is no
    /// memory for it.
    func place(_ bytes: Span<UInt8>, tensor: TensorName, byteOffset: Int) -> Bool {
        let byteCount = problem.byteCount(of: tensor)
        guard tensor != .output, byteOffset >= 0, byteOffset <= byteCount - bytes.count
        else { return false }
        if tensors[tensor] == nil {
            guard let slab = Slab(byteCount: byteCount, isTouched: false) else { return false }
            tensors[tensor] = Memory(slab)
        }
        guard let memory = tensors[tensor] else { return false }
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (memory.slab.base + byteOffset).copyMemory(from: start, byteCount: source.count)
        }
        return true
    }

    /// The inputs of this trial: these, and the worker's own for the tensors that did not come.
    @unsafe
    func view(over held: InputView) -> InputView {
        func start<Element>(_ tensor: TensorName, _ type: Element.Type) -> UnsafePointer<Element>? {
            unsafe tensors[tensor].map {
                unsafe UnsafePointer($0.slab.base.assumingMemoryBound(to: Element.self))
            }
        }
        return unsafe InputView(
            query: start(.query, Float.self) ?? held.query,
            key: start(.key, Float.self) ?? held.key,
            value: start(.value, Float.self) ?? held.value,
            lengths: start(.lengths, Int32.self) ?? held.lengths,
            visibility: start(.visibility, UInt8.self) ?? held.visibility
        )
    }
}
