import Attention
import Glibc
import Platform

/// Memory that processes share, with a part for each workload.
///
/// The memory has no name and is freed with the processes that hold it. A part begins after the
/// earlier parts: late writes for a former workload land where nobody reads.
@safe
struct SharedParts: ~Copyable {
    let descriptor: Int32
    private let purpose: String
    private let remedy: String
    /// The part of the workload that was loaded last.
    private var part = 0..<0
    private var slab: Slab?
    /// Where the open part is in this process; nil before `open`.
    @unsafe private(set) var base: UnsafeMutableRawPointer?

    /// Parts are 2 MiB-aligned, so that huge pages work too.
    private static let alignment = 2 << 20

    /// `purpose` is what the memory holds, in a word, and `remedy` the flag with which nobody needs it.
    init(name: String, purpose: String, remedy: String) throws(RunError) {
        descriptor = try System.sharedMemory(name: name, remedy: "use \(remedy)")
        self.purpose = purpose
        self.remedy = remedy
    }

    deinit { System.close(descriptor) }

    /// Where the newest part begins in the memory.
    var offset: Int { part.lowerBound }

    /// Makes room for another workload; nothing is open.
    mutating func add(byteCount: Int) throws(RunError) {
        unsafe base = nil
        slab = nil
        let start = (part.upperBound + Self.alignment - 1) / Self.alignment * Self.alignment
        part = start..<start + byteCount
        try System.grow(descriptor, to: part.upperBound, remedy: "use \(remedy)")
    }

    /// Maps the newest part, usually with all its pages; frees the memory of the earlier ones.
    mutating func open(isFaultedIn: Bool = true) throws(RunError) {
        guard
            let slab = Slab(
                sharing: descriptor,
                at: part.lowerBound,
                byteCount: part.count,
                isFaultedIn: isFaultedIn
            )
        else {
            throw .system(
                "mapping \(part.count) bytes of \(purpose)",
                errno,
                "raise the limit with 'ulimit -v', or use \(remedy)"
            )
        }
        unsafe base = slab.base
        self.slab = consume slab
        System.release(descriptor, upTo: part.lowerBound)
    }

    /// Fills the whole open part with the sentinel.
    func fill() { fill(0..<part.count) }

    /// Fills a range of whole floats of the open part with the sentinel; it frees no page, so no page
    /// fault comes later.
    func fill(_ bytes: Range<Int>) {
        guard let base = unsafe base else { return }
        precondition(bytes.upperBound <= part.count, "only bytes of the part may be filled")
        unsafe OutputSentinel.fill(
            (base + bytes.lowerBound).assumingMemoryBound(to: Float.self),
            count: bytes.count / 4
        )
    }
}
