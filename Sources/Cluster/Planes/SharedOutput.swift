import Attention
import Glibc
import Platform
import Wire
import Work

/// Memory to which one worker writes its output, and from which the coordinator copies it.
///
/// The coordinator fills the memory with the sentinel before the worker writes, so that unwritten
/// bytes are noticed.
///
/// The memory has no name and is freed with the processes that hold it. Every workload has its own
/// part, after the earlier parts: late writes for a former workload land where nobody reads.
@safe
final class SharedOutput: OutputPlane {
    private let descriptor: Int32
    /// The part of the workload that was loaded last.
    private var part = 0..<0
    private var slab: Slab?
    /// The tasks that the worker was given since the memory was last filled, and which are
    /// answered.
    private var tasks: [TaskIdentity: (shard: PackedShard, isAnswered: Bool)] = [:]
    private var isFilled = false
    /// The outputs of all stages as the worker has them; nil before `open`.
    @unsafe private var base: UnsafeMutableRawPointer?

    /// Parts are 2 MiB-aligned, so that huge pages work too.
    private static let alignment = 2 << 20

    init() throws(RunError) {
        descriptor = try System.sharedMemory(name: "headwise-output")
    }

    deinit {
        slab = nil
        System.close(descriptor)
    }

    var memory: InheritedMemory? {
        InheritedMemory(flag: "--output-descriptor", descriptor: descriptor)
    }

    /// Makes room for the output of another workload.
    func load(_ problem: AttentionProblem, _ message: inout Workload) throws(RunError) {
        unsafe base = nil
        slab = nil
        tasks.removeAll()
        isFilled = false
        let start = (part.upperBound + Self.alignment - 1) / Self.alignment * Self.alignment
        part = start..<start + problem.stageBytes
        try System.grow(descriptor, to: part.upperBound)
        message.sharedOutputOffset = start
    }

    /// Maps the room of a worker that is ready; frees the memory of former workloads.
    func open() throws(RunError) {
        guard
            let slab = Slab(
                sharing: descriptor,
                at: part.lowerBound,
                byteCount: part.count,
                isFaultedIn: true
            )
        else {
            throw .system(
                "mapping \(part.count) bytes of outputs",
                errno,
                "raise the limit with 'ulimit -v', or use --outputs messages"
            )
        }
        unsafe base = slab.base
        self.slab = consume slab
        System.release(descriptor, upTo: part.lowerBound)
    }

    func expect(_ task: TaskIdentity, _ shard: PackedShard) { tasks[task] = (shard, false) }

    func noteAnswer(to task: TaskIdentity) { tasks[task]?.isAnswered = true }

    /// Fills written memory with the sentinel: everything at first, then the shards of former
    /// trials.
    ///
    /// The worker may still write a shard without an answer, so that shard is filled again next
    /// time.
    func prepareTrial() {
        defer { isFilled = true }
        guard isFilled else { return fill(0..<part.count) }
        for (task, (shard, isAnswered)) in tasks {
            shard.forEachPiece(of: 0..<shard.byteCount) { packed, tensorOffset in
                let first = shard.stageOffset + tensorOffset
                fill(first..<first + packed.count)
            }
            if isAnswered { tasks[task] = nil }
        }
    }

    /// No output comes in messages.
    func place(
        _ payload: Span<UInt8>,
        of output: OutputMessage,
        in assembly: inout OutputAssembly
    ) -> OutputAssembly.Placement? {
        nil
    }

    func complete(_ task: TaskIdentity, in assembly: inout OutputAssembly) -> Int? {
        guard let base = unsafe base, unsafe assembly.place(task.shard, from: base) != .misfit
        else { return nil }
        return assembly.byteCount(ofShard: task.shard)
    }

    /// Fills a range of whole floats in the open room with the sentinel; it frees no page, so no page
    /// fault comes later.
    private func fill(_ bytes: Range<Int>) {
        guard let base = unsafe base else { return }
        precondition(bytes.upperBound <= part.count, "only bytes of the part may be filled")
        unsafe OutputSentinel.fill(
            (base + bytes.lowerBound).assumingMemoryBound(to: Float.self),
            count: bytes.count / 4
        )
    }
}
