import Attention
import Glibc
import Scheduling
import Work

/// Memory to which one worker writes its output, and from which the coordinator copies it.
///
/// The coordinator fills the memory with the sentinel before the worker writes, so that unwritten
/// bytes are noticed.
///
/// The memory has no name and is freed with the processes that hold it. Every workload has its own
/// part, after the earlier parts: late writes for a former workload land where nobody reads.
///
/// A class, since the link that holds it is one.
@safe
final class SharedOutput {
    let descriptor: Int32
    /// The part of the workload that was loaded last.
    private var part = 0..<0
    private var slab: Slab?
    /// The tasks that the worker was given since the memory was last filled, and which are
    /// answered.
    private var tasks: [TaskIdentity: (shard: PackedShard, isAnswered: Bool)] = [:]
    private var isFilled = false
    /// The output tensor as the worker has it; nil before `open`.
    @unsafe private(set) var base: UnsafeMutableRawPointer?

    /// Parts are 2 MiB-aligned, so that huge pages work too.
    private static let alignment = 2 << 20

    init() throws(ClusterError) {
        descriptor = try System.sharedMemory(name: "headwise-output")
    }

    deinit {
        slab = nil
        System.close(descriptor)
    }

    /// Makes room for the output of another workload, and returns the offset of the room.
    func makeRoom(byteCount: Int) throws(ClusterError) -> Int {
        unsafe base = nil
        slab = nil
        tasks.removeAll()
        isFilled = false
        let start = (part.upperBound + Self.alignment - 1) / Self.alignment * Self.alignment
        part = start..<start + byteCount
        try System.grow(descriptor, to: part.upperBound)
        return start
    }

    /// Maps the room of a worker that is ready; frees the memory of former workloads.
    func open() throws(ClusterError) {
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

    /// Notes that the worker will write this shard.
    func expect(_ task: TaskIdentity, _ shard: PackedShard) { tasks[task] = (shard, false) }

    /// Notes that the worker has written the task's output, even if nobody needs it any more.
    func noteAnswer(to task: TaskIdentity) { tasks[task]?.isAnswered = true }

    /// Fills written memory with the sentinel: everything at first, then the shards of former
    /// trials.
    ///
    /// The worker may still write a shard without an answer, so that shard is filled again next
    /// time.
    func fillWritten() {
        guard isFilled else { return fill() }
        for (task, (shard, isAnswered)) in tasks {
            shard.forEachPiece(of: 0..<shard.byteCount) { packed, tensorOffset in
                fill(tensorOffset..<tensorOffset + packed.count)
            }
            if isAnswered { tasks[task] = nil }
        }
    }

    /// Fills the open room with the sentinel; it frees no page, so no page fault comes later.
    func fill() {
        fill(0..<part.count)
        isFilled = true
    }

    /// Fills a range of whole floats in the open room with the sentinel.
    func fill(_ bytes: Range<Int>) {
        guard let base = unsafe base else { return }
        precondition(bytes.upperBound <= part.count, "the room ends before what is filled")
        unsafe OutputSentinel.fill(
            (base + bytes.lowerBound).assumingMemoryBound(to: Float.self),
            count: bytes.count / 4
        )
    }
}
