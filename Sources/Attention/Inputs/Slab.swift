import CSystem

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A page-aligned block of memory, zeroed and, unless that is put off, already faulted in.
///
/// It is so because the first touch of 64 MiB costs 33 ms, the second 3 ms: a slab is made outside
/// the timed region and used again and again inside it.
@safe
package struct Slab: ~Copyable {
    package let byteCount: Int
    /// Valid as long as the slab lives.
    @unsafe package let base: UnsafeMutableRawPointer

    /// What is mapped, which is more than the slab when it begins at a large page.
    private let mapping: UnsafeMutableRawBufferPointer

    /// The second-level cache is smaller than its address reach: a slab of scattered small pages
    /// collides with itself there, which cost the kernels up to a tenth of their speed.
    private static let largePageBytes = 2 << 20
    /// Four tensors of this size fill the second-level cache of today's processors; a smaller slab
    /// leaves room for its collisions, and is not worth a large page.
    private static let leastLargeBytes = 256 << 10
    private static let pageBytes = 4096

    /// Returns nil when the system has no memory left to give.
    ///
    /// What is not touched here is for somebody else to write first, or to `touch`: gigabytes take
    /// seconds, which a thread that has to answer in time does not have.
    package init?(byteCount: Int, isTouched: Bool = true) {
        precondition(byteCount >= 0, "a slab has no negative size")
        let isLarge = byteCount >= Self.leastLargeBytes
        let wanted = isLarge ? byteCount + 2 * Self.largePageBytes : Swift.max(byteCount, 1)
        let mapped = unsafe mmap(
            nil,
            wanted,
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS,
            -1,
            0
        )
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        self.byteCount = byteCount
        unsafe mapping = UnsafeMutableRawBufferPointer(start: mapped, count: wanted)
        unsafe base = isLarge ? mapped.alignedUp(toMultipleOf: Self.largePageBytes) : mapped
        #if os(Linux)
        // Where the system has no large pages to give, nothing is lost.
        if isLarge { _ = unsafe madvise(mapped, wanted, MADV_HUGEPAGE) }
        #endif
        if isTouched { touch() }
    }

    /// Maps part of a descriptor's memory, which other processes may have mapped, too; without a
    /// descriptor, memory of the same kind that nobody else can reach.
    ///
    /// The range must lie within it. Faulted in at once, no reader or writer waits for a page.
    /// Returns nil as above.
    package init?(
        sharing descriptor: Int32?,
        at offset: Int,
        byteCount: Int,
        isFaultedIn: Bool = false
    ) {
        precondition(
            byteCount > 0 && offset.isMultiple(of: Self.pageBytes),
            "whole pages are mapped"
        )
        let mapped = unsafe mmap(
            nil,
            byteCount,
            PROT_READ | PROT_WRITE,
            MAP_SHARED | (isFaultedIn ? Self.faultingIn : 0)
                | (descriptor == nil ? MAP_ANONYMOUS : 0),
            descriptor ?? -1,
            off_t(offset)
        )
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        self.byteCount = byteCount
        unsafe mapping = UnsafeMutableRawBufferPointer(start: mapped, count: byteCount)
        unsafe base = mapped
    }

    #if os(Linux)
    private static let faultingIn = Int32(MAP_POPULATE)
    #else
    private static let faultingIn: Int32 = 0
    #endif

    /// Faults every page in, before anything is written there.
    package func touch() {
        for offset in stride(from: 0, to: byteCount, by: Self.pageBytes) {
            unsafe base.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
    }

    deinit {
        _ = unsafe munmap(mapping.baseAddress, mapping.count)
    }

    /// The slab as floats; valid as long as it lives.
    @unsafe package var floats: UnsafeMutablePointer<Float> {
        unsafe base.assumingMemoryBound(to: Float.self)
    }
}
