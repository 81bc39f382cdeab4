import Attention
import Platform
import Wire

/// The workload of the next trials, and what goes out for it.
@safe
struct LoadedWorkload {
    let workload: ClusterWorkload
    let layout: StageLayout
    /// What every worker is told; its link adds where its output goes, and its own instruction set.
    let message: Workload
    /// The inputs that every worker is sent before any trial.
    let outbox: Outbox
    private let plane: any InputPlane
    private let inputs: LoadedInputs
    /// Where the output of each stage but the last is gathered.
    @unsafe let earlierOutputs: [UnsafeMutableRawPointer]
    /// Where workers write the output of the last stage; nil if it comes in messages and is put in its place.
    @unsafe let sharedOutput: UnsafeMutableRawPointer?
    /// The memory in which workers write and read these outputs; nil if they are sent.
    private let gathered: GatheredOutputs?

    init(
        _ workload: ClusterWorkload,
        _ plane: any InputPlane,
        _ outputs: OutputMemory,
        _ inputs: borrowing AttentionInputs
    ) throws(RunError) {
        let problem = workload.problem
        var loaded = unsafe LoadedInputs(source: workload.source, bytes: [:])
        for tensor in TensorName.inputs {
            unsafe loaded.bytes[tensor] = UnsafeRawBufferPointer(inputs.bytes(of: tensor))
        }
        let layout = StageLayout(problem)
        var message = Workload(
            problem: problem,
            instructionSet: workload.instructionSets.strongest,
            standIn: workload.standIn
        )
        if workload.outputs.sharesMemory, let gathered = outputs.gathered {
            let places = unsafe try gathered.load(problem, &message)
            unsafe earlierOutputs = places.dropLast()
            unsafe sharedOutput = places.last
            self.gathered = gathered
        } else {
            unsafe sharedOutput = nil
            let memory = unsafe try outputs.sent.memory(for: layout)
            for (tensor, offset) in layout.earlierTensors {
                unsafe loaded.bytes[tensor] = UnsafeRawBufferPointer(
                    start: memory + offset,
                    count: problem.byteCount(of: tensor)
                )
            }
            unsafe earlierOutputs = layout.offsets.dropLast().map { unsafe memory + $0 }
            self.gathered = nil
        }
        var outbox = Outbox(ofTrial: 0, loaded, plane, Delivery(problem: problem, tensors: []))
        for tensor in try plane.load(loaded, problem, &message) {
            guard let piece = InputPiece(whole: tensor, of: problem) else { continue }
            message.residentBytes += piece.byteRange.count
            outbox.append(piece)
        }
        self.workload = workload
        self.layout = layout
        self.message = message
        self.outbox = outbox
        self.plane = plane
        self.inputs = loaded
    }

    /// Prepares the memory that workers read from, before the clock starts.
    func prepareTrial() { gathered?.prepareTrial() }

    /// What is to be sent to each of `count` workers in a trial: nothing yet.
    ///
    /// `own` are the tensors that have other values in this trial alone.
    @unsafe
    func outboxes(
        _ count: Int,
        ofTrial trial: Int,
        own: [TensorName: UnsafeRawBufferPointer]
    ) -> [Outbox] {
        var inputs = inputs
        unsafe inputs.bytes.merge(own) { _, own in unsafe own }
        let tensors = unsafe plane.tensorsWithTasks(replaced: Set(own.keys))
            .union(gathered == nil ? TensorName.intermediates : [])
        let problem = workload.problem
        let copied = tensors.intersection(plane.copiedTensors)
        let copies = copied.isEmpty ? nil : Delivery(problem: problem, tensors: copied)
        let sent = tensors.subtracting(copied)
        return (0..<count).map { _ in
            let delivery = Delivery(problem: problem, tensors: sent)
            return Outbox(ofTrial: trial, inputs, plane, delivery, copies: copies)
        }
    }
}
