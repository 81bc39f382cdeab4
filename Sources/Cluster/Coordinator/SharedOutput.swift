import Attention
import Glibc

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
    /// The output tensor as the worker has it; nil before the room was opened.
    @unsafe private(set) var base: UnsafeMutableRawPointer?

    /// Whether the system gives such memory without a limit: it counts as a file, and the coordinator
    /// has that of every worker in its address space.
    static let isPossible: Bool = {
        // Whatever the reason is: there are messages.
        guard let trial = try? SharedOutput() else { return false }
        return withExtendedLifetime(trial) {
            System.isUnlimited(RLIMIT_FSIZE) && System.isUnlimited(RLIMIT_AS)
        }
    }()

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

    /// Fills the room that was opened with the sentinel; no page goes, so none is faulted in later.
    func fill() { fill(0..<part.count) }

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
