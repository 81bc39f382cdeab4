import CSystem

/// A thread's memory for products: what `multiply` packs, and results that must be moved.
///
/// A class, since the workspace that refers to it is only borrowed. It grows to the largest product.
final class ProductScratch {
    private var slab: Slab?
    private var counts = (bytes: 0, results: 0)

    /// Makes room for products of a kernel, and for some floats of results.
    func reserve(_ kernel: AttentionKernel, results: Int = 0) {
        guard counts.bytes < kernel.table.productBytes || counts.results < results else { return }
        counts = (max(counts.bytes, kernel.table.productBytes), max(counts.results, results))
        slab = nil
        guard let slab = Slab(byteCount: counts.bytes + 4 * counts.results) else {
            preconditionFailure("there must be memory to pack a product")
        }
        self.slab = consume slab
    }

    /// The scratch memory of `multiply`.
    @unsafe var product: UnsafeMutableRawPointer {
        guard let base = unsafe slab?.base else {
            preconditionFailure("room must be made before it is used")
        }
        return unsafe base
    }

    @unsafe var results: UnsafeMutablePointer<Float> {
        unsafe (product + counts.bytes).assumingMemoryBound(to: Float.self)
    }
}
