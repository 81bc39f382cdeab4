import Attention
import Platform
import Wire
import Work

/// The workload of a worker: its tensors, and the inputs as they arrive.
struct HeldWorkload {
    private let workload: ComputeWorkload
    /// Whether the worker has query, key and value before any trial.
    private let holdsInputs: Bool
    /// Input bytes still to come before any trial.
    private var missingBytes: Int
    private var isBegun = false
    /// The inputs of the newest trial that replace the held ones.
    private var own: (trial: Int, inputs: TrialInputs)?
    /// The pairs of the shards so far: counting them takes a processor, and waiting must not.
    private var pairs: [Shard: Int] = [:]
    /// CHUNK messages of the newest trial that have been taken in.
    private var chunks: (trial: Int, count: UInt64) = (0, 0)

    /// Allocates the tensors; `memory` is what the worker inherited.
    init(_ message: Workload, memory: WorkerMemory) throws(RunError) {
        guard let kernel = AttentionKernel(message.instructionSet) else {
            let name = message.instructionSet.rawValue
            throw RunError(.environment, "this processor does not run \(name)")
        }
        let output = try WorkerOutput(message, memory: memory)
        workload = ComputeWorkload(
            tensors: try WorkerTensors(
                message.problem,
                output: output,
                sharedInputs: TensorsToRead.inputs(message, memory: memory.inputs),
                earlier: TensorsToRead.earlierOutputs(message, memory: memory.gathered)
            ),
            kernel: kernel,
            generated: message.standIn?.readsInputs == false
                ? nil : message.generated.map { ($0.values, $0.seed) },
            standIn: message.standIn
        )
        holdsInputs =
            message.generated != nil || message.residentBytes > 0 || message.inputOffset != nil
        missingBytes = message.residentBytes
    }

    var tensors: WorkerTensors { workload.tensors }

    /// Whether inputs come in messages.
    var takesChunks: Bool { missingBytes > 0 || chunks.count > 0 }

    /// What the compute threads are to prepare; once, when all that comes before a trial is here.
    mutating func takeComplete() -> ComputeWorkload? {
        guard missingBytes == 0, !isBegun else { return nil }
        isBegun = true
        return workload
    }

    /// Puts a piece of input in its place; throws when it has none, or when the trial's inputs have no memory.
    mutating func take(
        _ chunk: ChunkMessage,
        _ bytes: Span<UInt8>
    ) throws(RunError) -> ChunkAcknowledgement {
        guard try place(chunk, bytes) else {
            throw RunError(
                .environment,
                "\(bytes.count) bytes at \(chunk.byteOffset) do not fit into the \(chunk.tensor) tensor"
            )
        }
        if chunk.trial == 0 { missingBytes -= bytes.count }
        if chunks.trial != chunk.trial { chunks = (chunk.trial, 0) }
        chunks.count += 1
        return ChunkAcknowledgement(trial: chunk.trial, count: chunks.count)
    }

    private mutating func place(
        _ chunk: ChunkMessage,
        _ bytes: Span<UInt8>
    ) throws(RunError) -> Bool {
        // Outputs of earlier stages belong to the newest trial, whoever holds the inputs.
        let isHeld = holdsInputs && !TensorName.intermediates.contains(chunk.tensor)
        guard isHeld, chunk.trial != 0 else {
            return tensors.place(bytes, tensor: chunk.tensor, byteOffset: chunk.byteOffset)
        }
        if own?.trial != chunk.trial {
            own = nil
            let inputs = try RunError.environment { () throws(AttentionError) in
                try TrialInputs(tensors.problem)
            }
            own = (chunk.trial, inputs)
        }
        return own?.inputs.place(bytes, tensor: chunk.tensor, byteOffset: chunk.byteOffset) ?? false
    }

    /// How long a task takes that takes no processor; nil for another.
    mutating func worklessNanoseconds(of job: ShardJob) -> UInt64? {
        guard let standIn = workload.standIn, standIn.isWorkless else { return nil }
        return standIn.nanoseconds(pairs: standIn.pairs(of: job, of: workload.tensors, &pairs))
    }

    /// A task with the inputs of its trial.
    mutating func job(for task: WorkerTask) -> ShardJob {
        if let trial = own?.trial, trial < task.identity.trial { own = nil }
        return ShardJob(
            task: task,
            inputs: own?.trial == task.identity.trial ? own?.inputs : nil,
            arrivalNanoseconds: Clock.nanoseconds
        )
    }
}
