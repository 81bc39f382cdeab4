import Attention
import Scheduling
import Work

/// The input and output tensors of one workload in a worker, whole, made before any clock starts.
///
/// Inputs and output are at their absolute place, so that both planes and every split use the same
/// addresses: only *when* the inputs arrive differs.
///
/// `@unchecked Sendable`: the I/O thread writes input bytes before it hands over the job that reads
/// them and reads output bytes after the job is handed back; the handover orders the two.
final class WorkerTensors: @unchecked Sendable {
    let problem: AttentionProblem
    private let inputs: AttentionInputs
    private let output: Slab
    /// Whether the coordinator reads the output in place, so that the worker sends none.
    let sharesOutput: Bool

    /// The place of the output in the memory shared with the coordinator.
    struct Sharing {
        var descriptor: Int32
        var offset: Int
    }

    /// Maps the memory without touching it.
    ///
    /// Touching takes longer than the I/O thread may be silent. Inputs are touched as they are
    /// received or generated, the output by `touchOutput`.
    init(_ problem: AttentionProblem, sharing: Sharing? = nil) throws(AttentionError) {
        let inputs = try AttentionInputs(problem, areTouched: false)
        let byteCount = problem.byteCount(of: .output)
        let output: Slab
        if let sharing {
            guard
                let shared = Slab(
                    sharing: sharing.descriptor,
                    at: sharing.offset,
                    byteCount: byteCount
                )
            else { throw .outOfMemory(tensor: .output, byteCount: byteCount) }
            output = shared
        } else {
            output = try AttentionInputs.slab(.output, byteCount: byteCount, isTouched: false)
        }
        self.problem = problem
        self.inputs = inputs
        self.output = output
        sharesOutput = sharing != nil
    }

    var view: InputView { unsafe inputs.view }

    /// The address of a shard's first row in the output.
    func output(slice: Int, row: Int) -> UnsafeMutablePointer<Float> {
        let shape = problem.shape
        return unsafe output.floats + (slice * shape.queryLength + row) * shape.valueDimension
    }

    /// Puts received bytes where they belong; false when they reach beyond the tensor.
    func place(_ bytes: Span<UInt8>, tensor: TensorName, byteOffset: Int) -> Bool {
        guard tensor != .output, byteOffset >= 0 else { return false }
        guard byteOffset <= problem.byteCount(of: tensor) - bytes.count else { return false }
        let destination = unsafe inputs.bytes(of: tensor)
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(rebasing: destination[byteOffset...])
                .copyMemory(from: source)
        }
        return true
    }

    func touchOutput() { output.touch() }

    /// Fills query, key and value from the generator; lengths and mask are already in place.
    func generate(kind: ValueKind, seed: UInt64) throws(AttentionError) {
        let generator = try InputGenerator(problem, kind: kind, seed: seed)
        let rows = unsafe RowVisibility(problem, view)
        for tensor in [TensorName.query, .key, .value] {
            unsafe generator.fill(
                tensor,
                parts: 0..<problem.partCount(of: tensor),
                into: inputs.bytes(of: tensor).assumingMemoryBound(to: Float.self).baseAddress
                    .unsafelyUnwrapped,
                rows: rows
            )
        }
    }

    /// The bytes of a part of the output tensor, not copied.
    func outputBytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: output.base + range.lowerBound, count: range.count)
    }

    /// Writes over part of the output tensor.
    func putOutput(_ bytes: [UInt8], at offset: Int) {
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (output.base + offset).copyMemory(from: start, byteCount: source.count)
        }
    }

    /// Flips one bit of one output element of a shard, for the fault `corrupt`.
    func flipBit(of shard: Shard) {
        let element = unsafe output(
            slice: shard.slices.upperBound - 1,
            row: shard.rows.upperBound - 1
        )
        unsafe element.pointee = Float(bitPattern: element.pointee.bitPattern ^ 1)
    }
}
