import CSystem

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A page-aligned block of memory, zeroed and already faulted in.
///
/// It is so because the first touch of 64 MiB costs 33 ms, the second 3 ms: a slab is made outside
/// the timed region and used again and again inside it.
@safe
package struct Slab: ~Copyable {
    package let byteCount: Int
    /// Valid as long as the slab lives.
    @unsafe package let base: UnsafeMutableRawPointer

    /// Returns nil when the system has no memory left to give.
    package init?(byteCount: Int) {
        precondition(byteCount >= 0, "a slab has no negative size")
        let mapped = unsafe mmap(
            nil,
            Swift.max(byteCount, 1),
            PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS,
            -1,
            0
        )
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        self.byteCount = byteCount
        unsafe base = mapped
        let pageByteCount = 4096
        var offset = 0
        while offset < byteCount {
            unsafe mapped.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
            offset += pageByteCount
        }
    }

    deinit {
        _ = unsafe munmap(base, Swift.max(byteCount, 1))
    }

    /// The slab as floats; valid as long as it lives.
    @unsafe package var floats: UnsafeMutablePointer<Float> {
        unsafe base.assumingMemoryBound(to: Float.self)
    }
}
