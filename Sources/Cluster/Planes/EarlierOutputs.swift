import Attention
import Platform
import Wire

/// The worker's end of the memory in which the outputs of earlier stages are gathered: it only reads.
@safe
struct EarlierOutputs: ~Copyable {
    /// Nil where these outputs are sent.
    private let slab: Slab?
    @unsafe private let base: UnsafeMutableRawPointer?

    /// The end that `workload` asks for; `memory` is what the worker inherited.
    init(_ workload: Workload, memory: Int32?) throws(RunError) {
        guard let offset = workload.gatheredOffset else {
            slab = nil
            unsafe base = nil
            return
        }
        let byteCount = StageLayout(workload.problem).earlierByteCount
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
                "this worker has no shared memory of \(end) bytes for the outputs of earlier stages"
            )
        }
        unsafe base = slab.base
        self.slab = consume slab
    }

    /// The inputs with the outputs of earlier stages in their place.
    @unsafe
    func view(over inputs: InputView, _ layout: StageLayout) -> InputView {
        guard let base = unsafe base else { return unsafe inputs }
        var view = unsafe inputs
        for (tensor, offset) in layout.earlierTensors {
            unsafe view[tensor] = UnsafeRawPointer(base + offset)
        }
        return unsafe view
    }
}
