import Attention
import Platform
import Wire

/// The worker's end of memory that all workers share and only read: inputs, or the outputs of earlier
/// stages.
@safe
struct TensorsToRead: ~Copyable {
    /// Nil where these tensors come in messages.
    private let slab: Slab?
    @unsafe private let base: UnsafeMutableRawPointer?
    private let tensors: [(tensor: TensorName, offset: Int)]

    /// No memory: everything comes in messages.
    init() {
        slab = nil
        unsafe base = nil
        tensors = []
    }

    /// The inputs that `workload` has in shared memory; `memory` is what the worker inherited.
    static func inputs(
        _ workload: Workload,
        memory: Int32?
    ) throws(RunError) -> TensorsToRead {
        guard let offset = workload.inputOffset else { return TensorsToRead() }
        let layout = InputLayout(workload.problem)
        return try TensorsToRead(layout.tensors, layout.byteCount, offset, memory, "inputs")
    }

    /// The outputs of earlier stages that `workload` has in shared memory.
    static func earlierOutputs(
        _ workload: Workload,
        memory: Int32?
    ) throws(RunError) -> TensorsToRead {
        let layout = StageLayout(workload.problem)
        guard let offset = workload.gatheredOffset, layout.earlierByteCount > 0 else {
            return TensorsToRead()
        }
        return try TensorsToRead(
            layout.earlierTensors,
            layout.earlierByteCount,
            offset,
            memory,
            "outputs of earlier stages"
        )
    }

    private init(
        _ tensors: [(tensor: TensorName, offset: Int)],
        _ byteCount: Int,
        _ offset: Int,
        _ memory: Int32?,
        _ content: String
    ) throws(RunError) {
        let end = offset + byteCount
        guard byteCount > 0, let memory, System.byteCount(of: memory).map({ $0 >= end }) == true,
            // The coordinator has touched the pages, so mapping them all takes no time.
            let slab = Slab(
                sharing: memory,
                at: offset,
                byteCount: byteCount,
                isFaultedIn: true,
                isWritable: false
            )
        else {
            throw RunError(
                .environment,
                "this worker has no shared memory of \(end) bytes for the \(content)"
            )
        }
        unsafe base = slab.base
        self.slab = consume slab
        self.tensors = tensors
    }

    /// The inputs with these tensors in their place.
    @unsafe
    func view(over inputs: InputView) -> InputView {
        guard let base = unsafe base else { return unsafe inputs }
        var view = unsafe inputs
        for (tensor, offset) in tensors {
            unsafe view[tensor] = UnsafeRawPointer(base + offset)
        }
        return unsafe view
    }
}
