import CSystem

/// How tensors are copied that travel.
package enum LargeCopy {
    /// From here on a copy goes past the caches; smaller ones are often read soon.
    ///
    /// By turns with `memcpy` on an Emerald Rapids, whose copies of these sizes stay in the caches,
    /// trials of 64 MiB took 4 to 12 % less inline and 3 to 7 % less copied into shared memory.
    package static let leastBytes = 256 << 10

    /// Copies bytes that do not overlap.
    @unsafe
    package static func copy(
        _ source: UnsafeRawPointer,
        to target: UnsafeMutableRawPointer,
        byteCount: Int
    ) {
        guard byteCount >= leastBytes else {
            return unsafe target.copyMemory(from: source, byteCount: byteCount)
        }
        unsafe headwise_copy_past_caches(target, source, byteCount)
    }
}
