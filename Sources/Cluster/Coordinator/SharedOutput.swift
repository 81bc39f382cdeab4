import Attention
import Glibc

/// Memory that one worker writes its output to and the coordinator copies it from.
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
    @unsafe private(set) var base: UnsafeRawPointer?

    /// Whether the system gives such memory; what limits the size of files limits it, too.
    static let isPossible: Bool = {
        // Whatever the reason is: there are messages.
        guard let trial = try? SharedOutput() else { return false }
        return withExtendedLifetime(trial) { System.fileSizeLimit == nil }
    }()

    /// A part begins at a page of any size that systems have for such memory.
    private static let alignment = 2 << 20

    init() throws(ClusterError) {
        descriptor = try System.sharedMemory(name: "headwise-output")
    }

    /// Why outputs cannot be shared, and what can be done.
    static func impossible(_ cause: String) -> ClusterError {
        ClusterError(
            .environment,
            "no memory for outputs can be shared with workers (\(cause)): raise 'ulimit -f', or use "
                + "--outputs messages"
        )
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
        do throws(ClusterError) {
            try System.grow(descriptor, to: part.upperBound)
        } catch {
            throw Self.impossible("\(error)")
        }
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
                isWritable: false
            )
        else { throw .system("mmap", errno) }
        unsafe base = UnsafeRawPointer(slab.base)
        self.slab = consume slab
        System.release(descriptor, upTo: part.lowerBound)
    }
}
