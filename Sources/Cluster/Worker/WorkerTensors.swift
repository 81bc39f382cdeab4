import Attention
import Platform
import Wire
import Work
import ZeroMQ

/// The input and output tensors of one workload in a worker, whole, made before any clock starts.
///
/// Inputs and output are at their absolute place, so that both planes and every split use the same
/// addresses: only *when* the inputs arrive differs.
///
/// `@unchecked Sendable`: the I/O thread writes input bytes before it hands over the job that reads
/// them and reads output bytes after the job is handed back; the handover orders the two.
final class WorkerTensors: @unchecked Sendable {
    private let inputs: AttentionInputs
    private let output: WorkerOutput
    /// The inputs that all workers read in shared memory, if they do.
    private let sharedInputs: TensorsToRead
    /// The outputs of earlier stages, where these are not sent.
    private let earlier: TensorsToRead
    let layout: StageLayout

    /// Maps the memory of the inputs without touching it.
    ///
    /// Touching takes longer than the I/O thread may be silent. Inputs are touched as they are
    /// received or generated, the output by `touchOutput`.
    init(
        _ problem: AttentionProblem,
        output: consuming WorkerOutput,
        sharedInputs: consuming TensorsToRead = TensorsToRead(),
        earlier: consuming TensorsToRead = TensorsToRead()
    ) throws(RunError) {
        inputs = try RunError.environment { () throws(AttentionError) in
            try AttentionInputs(problem, areTouched: false)
        }
        self.output = output
        self.sharedInputs = sharedInputs
        self.earlier = earlier
        layout = StageLayout(problem)
    }

    var problem: AttentionProblem { inputs.problem }

    var view: InputView { unsafe earlier.view(over: sharedInputs.view(over: inputs.view)) }

    /// The inputs that a task reads: those of its trial, and the held ones.
    @unsafe
    func inputs(of task: ShardJob) -> InputView {
        unsafe task.inputs.map { unsafe $0.view(over: view) } ?? view
    }

    /// The address of a row in the output of a stage, for a task.
    func output(
        _ task: TaskIdentity,
        stage index: Int,
        slice: Int,
        row: Int
    ) -> UnsafeMutablePointer<Float> {
        let place = layout.stages[index].offset(slice: slice, row: row)
        return unsafe output.base(task).assumingMemoryBound(to: Float.self)
            + layout.offsets[index] / 4 + place
    }

    /// Puts received bytes where they belong; false when they reach beyond the tensor.
    func place(_ bytes: Span<UInt8>, tensor: TensorName, byteOffset: Int) -> Bool {
        inputs.place(bytes, tensor: tensor, byteOffset: byteOffset)
    }

    func sentChunkCount(of shard: PackedShard) -> Int { output.sentChunkCount(of: shard) }

    func slicesAtOnce(of shard: PackedShard, threads: Int) -> Int {
        output.slicesAtOnce(of: shard, threads: threads)
    }

    func touchOutput() { output.touch() }

    /// Fills the tensors of floats from the generator; lengths and mask are already in place.
    func generate(kind: ValueKind, seed: UInt64) throws(AttentionError) {
        let generator = try InputGenerator(problem, kind: kind, seed: seed)
        inputs.generateFloats(generator, unsafe RowVisibility(problem, view))
    }

    /// The bytes of a part of the outputs of all stages as a task wrote them, not copied.
    func outputBytes(_ task: TaskIdentity, _ range: Range<Int>) -> UnsafeRawBufferPointer {
        let start = unsafe output.base(task) + range.lowerBound
        return unsafe UnsafeRawBufferPointer(start: start, count: range.count)
    }

    /// A message that refers to a chunk of output in place, or a copy if the chunk is not contiguous
    /// there.
    func message(
        _ output: OutputMessage,
        _ shard: PackedShard
    ) throws(ZeroMQError) -> Message {
        var pieces: [Range<Int>] = []
        let range = output.byteOffset..<output.byteOffset + output.payloadBytes
        shard.forEachPiece(of: range) { piece, tensorOffset in
            let first = shard.stageOffset + tensorOffset
            pieces.append(first..<first + piece.count)
        }
        if pieces.count == 1 {
            return unsafe Message(borrowing: outputBytes(output.task, pieces[0]))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for piece in pieces { unsafe bytes.append(contentsOf: outputBytes(output.task, piece)) }
        return try Message(copying: bytes.span)
    }

    /// Writes over a part of the outputs of all stages, as a task would.
    func putOutput(_ task: TaskIdentity, _ bytes: [UInt8], at offset: Int) {
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (output.base(task) + offset).copyMemory(from: start, byteCount: source.count)
        }
    }

    /// Flips one bit of one output element of a task, for the fault `corrupt`.
    func flipBit(of task: TaskIdentity, _ shard: Shard) {
        let element = unsafe output(
            task,
            stage: shard.stage,
            slice: shard.slices.upperBound - 1,
            row: shard.rows.upperBound - 1
        )
        unsafe element.pointee = Float(bitPattern: element.pointee.bitPattern ^ 1)
    }
}
