import Attention
import Glibc
import Scheduling
import Work

/// Memory that one worker writes its output to and the coordinator copies it from.
///
/// The coordinator fills it with the sentinel before the worker writes: what is not written shows.
///
/// It has no name and goes with the processes that hold it. Every workload has a part of its own,
/// behind those before it: what a worker still writes for a former one falls where nobody reads.
///
/// A class, since the link that holds it is one.
@safe
final class SharedOutput {
    let descriptor: Int32
    /// The part of the workload that was loaded last.
    private var part = 0..<0
    private var slab: Slab?
    /// What the worker was given since the memory was last filled, and whether it has answered.
    private var tasks: [TaskIdentity: (shard: PackedShard, isAnswered: Bool)] = [:]
    private var isFilled = false
    /// The output tensor as the worker has it; nil before the room was opened.
    @unsafe private(set) var base: UnsafeMutableRawPointer?

    /// A part begins at a page of any size that systems have for such memory.
    private static let alignment = 2 << 20

    init() throws(ClusterError) {
        descriptor = try System.sharedMemory(name: "headwise-output")
    }

    deinit {
        slab = nil
        System.close(descriptor)
    }

    /// Makes room for the output of another workload; where it begins.
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

    /// Looks at what the worker, which is ready, has made of the room; the memory of former
    /// workloads is given back.
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

    /// The worker will write this shard.
    func expect(_ task: TaskIdentity, _ shard: PackedShard) { tasks[task] = (shard, false) }

    /// The worker has written what it was to write, whether or not anybody still asked for it.
    func noteAnswer(to task: TaskIdentity) { tasks[task]?.isAnswered = true }

    /// Fills with the sentinel what is not the sentinel: all at first, then the shards of former trials.
    ///
    /// One without an answer may still be written, and is filled again next time.
    func fillWritten() {
        guard isFilled else { return fill() }
        for (task, (shard, isAnswered)) in tasks {
            shard.forEachPiece(of: 0..<shard.byteCount) { packed, tensorOffset in
                fill(tensorOffset..<tensorOffset + packed.count)
            }
            if isAnswered { tasks[task] = nil }
        }
    }

    /// Fills the room that was opened with the sentinel; no page goes, so none is faulted in later.
    func fill() {
        fill(0..<part.count)
        isFilled = true
    }

    /// Fills bytes of the room that was opened, whole floats, with the sentinel.
    func fill(_ bytes: Range<Int>) {
        guard let base = unsafe base else { return }
        precondition(bytes.upperBound <= part.count, "the room ends before what is filled")
        unsafe OutputSentinel.fill(
            (base + bytes.lowerBound).assumingMemoryBound(to: Float.self),
            count: bytes.count / 4
        )
    }
}
