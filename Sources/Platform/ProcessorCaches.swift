import CSystem

/// The caches of the processors.
package enum ProcessorCaches {
    /// Whether the processor has an instruction that takes lines out of every cache and does not wait for each.
    package static let canBeEmptied = headwise_can_empty_caches() != 0

    /// Takes memory out of every cache, 64 MiB in about 2 ms; only where they `canBeEmptied`.
    package static func empty(of bytes: UnsafeRawPointer, count: Int) {
        precondition(canBeEmptied)
        unsafe headwise_empty_caches(bytes, count)
    }
}
