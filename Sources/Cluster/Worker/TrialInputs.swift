import Attention
import Platform

/// Inputs that came for one trial alone and replace those that the worker holds.
///
/// These are whole tensors at their absolute place, but only the parts that came are in memory. A
/// copy that goes with a shard shares the memory and knows which tensors had come by then: those of
/// later shards arrive while it is computed.
///
/// `@unchecked Sendable`: as for `WorkerTensors`, the handover of a shard orders the thread that
/// writes its parts of the memory and the one that reads them.
struct TrialInputs: @unchecked Sendable {
    private let memory: Memory
    private var arrived: Set<TensorName> = []

    /// A class, since a shard that is still computed keeps it after the next trial has begun.
    private final class Memory {
        let inputs: AttentionInputs

        init(_ problem: AttentionProblem) throws(AttentionError) {
            inputs = try AttentionInputs(problem, areTouched: false)
        }
    }

    init(_ problem: AttentionProblem) throws(AttentionError) {
        memory = try Memory(problem)
    }

    /// Puts received bytes where they belong; false when they reach beyond the tensor.
    mutating func place(_ bytes: Span<UInt8>, tensor: TensorName, byteOffset: Int) -> Bool {
        guard memory.inputs.place(bytes, tensor: tensor, byteOffset: byteOffset) else {
            return false
        }
        arrived.insert(tensor)
        return true
    }

    /// The inputs of this trial: these, and the worker's own for the tensors that did not come.
    @unsafe
    func view(over held: InputView) -> InputView {
        let own = unsafe memory.inputs.view
        return unsafe InputView { tensor in
            unsafe arrived.contains(tensor) ? own[tensor] : held[tensor]
        }
    }
}

extension AttentionInputs {
    /// Puts received bytes where they belong; false when they reach beyond the tensor.
    func place(_ bytes: Span<UInt8>, tensor: TensorName, byteOffset: Int) -> Bool {
        guard tensor != .output, byteOffset >= 0,
            byteOffset <= problem.byteCount(of: tensor) - bytes.count
        else { return false }
        unsafe bytes.withUnsafeBytes { source in
            guard let first = source.baseAddress,
                let base = unsafe self.bytes(of: tensor).baseAddress
            else { return }
            unsafe LargeCopy.copy(first, to: base + byteOffset, byteCount: source.count)
        }
        return true
    }
}
