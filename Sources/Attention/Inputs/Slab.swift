import CSystem

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A page-aligned, zeroed block of memory whose pages are faulted in at once, unless that is
/// deferred.
///
/// The first touch of 64 MiB costs 33 ms, the second 3 ms. So a slab is made outside the timed
/// region and used again and again inside it.
@safe
package struct Slab: ~Copyable {
    package let byteCount: Int
    /// Valid as long as the slab lives.
    @unsafe package let base: UnsafeMutableRawPointer

    /// The mapped memory; it is larger than the slab when the slab is aligned to a large page.
    private let mapping: UnsafeMutableRawBufferPointer

    /// Large pages of 2 MiB, because the second-level cache is smaller than its address reach.
    ///
    /// A slab of scattered small pages collides with itself in that cache, which cost the kernels
    /// up to a tenth of their speed.
    private static let largePageBytes = 2 << 20
    /// The smallest slab that gets large pages.
    ///
    /// Four tensors of this size fill the second-level cache of today's processors. A smaller slab
    /// leaves room for its collisions and needs no large page.
    private static let leastLargeBytes = 256 << 10
    private static let pageBytes = 4096

    /// Returns nil when the system has no memory left.
    ///
    /// With `isTouched` false, the pages are faulted in by the first write or by `touch`. That is
    /// for threads that must answer in time: faulting in gigabytes takes seconds.
    package init?(byteCount: Int, isTouched: Bool = true) {
        precondition(byteCount >= 0, "a slab must have 0 bytes or more")
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
        // If the system has no large pages, the slab works with small ones.
        if isLarge { _ = unsafe madvise(mapped, wanted, MADV_HUGEPAGE) }
        #endif
        if isTouched { touch() }
    }

    /// Maps part of a descriptor's memory, which other processes may have mapped, too.
    ///
    /// Without a descriptor, it maps memory of the same kind that no other process can reach. The
    /// range must lie within the descriptor's memory. With `isFaultedIn`, no reader or writer waits
    /// for a page later; without `isWritable`, a write ends the process. Returns nil when the system
    /// has no memory left.
    package init?(
        sharing descriptor: Int32?,
        at offset: Int,
        byteCount: Int,
        isFaultedIn: Bool = false,
        isWritable: Bool = true
    ) {
        precondition(
            byteCount > 0 && offset.isMultiple(of: Self.pageBytes),
            "only whole pages can be mapped"
        )
        let mapped = unsafe mmap(
            nil,
            byteCount,
            PROT_READ | (isWritable ? PROT_WRITE : 0),
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

    /// Faults in every page; call it before anything is written to the slab.
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
