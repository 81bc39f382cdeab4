/// The memory between the passes of a layer: projected queries, keys and values of some slices, and
/// the output of their attention.
///
/// It holds few slices, so that what one pass writes is in the caches when the next reads it. It is
/// made once, outside of what is timed.
package struct LayerScratch: ~Copyable {
    /// What the projections of slices taken together may fill: a share of a third-level cache.
    private static let bytesPerThread = 8 << 20

    /// The slices taken together, at least one.
    let sliceCapacity: Int
    private let slab: Slab
    private let counts: (query: Int, key: Int)

    /// Memory for ranges of up to `slices` slices.
    package init(
        _ layer: MultiHeadLayer,
        slices: Int,
        threadCount: Int
    ) throws(LayerError) {
        let shape = layer.attention.shape
        counts = (
            shape.queryLength * shape.headDimension, shape.keyLength * shape.headDimension
        )
        let floats = 2 * (counts.query + counts.key)
        let fitting = threadCount * Self.bytesPerThread / (4 * floats)
        // Whole batch elements, whose heads are projected by one product.
        let whole = max(1, fitting / shape.heads) * shape.heads
        let wanted = fitting >= shape.heads ? whole : max(1, fitting)
        sliceCapacity = max(1, min(wanted, slices))
        slab = try LayerError.slab("the heads of a layer", byteCount: 4 * sliceCapacity * floats)
    }

    @unsafe var query: UnsafeMutablePointer<Float> { unsafe slab.floats }
    @unsafe var key: UnsafeMutablePointer<Float> { unsafe query + sliceCapacity * counts.query }
    @unsafe var value: UnsafeMutablePointer<Float> { unsafe key + sliceCapacity * counts.key }
    @unsafe var output: UnsafeMutablePointer<Float> { unsafe value + sliceCapacity * counts.key }
}

/// Where the heads' output goes: rows of d floats, `rowStride` apart.
@unsafe
package struct HeadRows {
    private let base: UnsafeMutablePointer<Float>
    private let batchStride: Int
    private let headStride: Int
    private let rowStride: Int
    private let heads: Int
    private let firstSlice: Int

    /// The whole tensor `[B,L,E]` that the output projection reads.
    package init(_ layer: MultiHeadLayer, whole: UnsafeMutablePointer<Float>) {
        unsafe base = whole
        unsafe batchStride = layer.attention.shape.queryLength * layer.embedding
        unsafe headStride = layer.headDimension
        unsafe rowStride = layer.embedding
        unsafe heads = layer.attention.shape.heads
        unsafe firstSlice = 0
    }

    /// `[slice][L][d]`, from `firstSlice` on.
    package init(
        _ layer: MultiHeadLayer,
        packed: UnsafeMutablePointer<Float>,
        firstSlice: Int
    ) {
        unsafe base = packed
        unsafe rowStride = layer.headDimension
        unsafe headStride = layer.attention.shape.queryLength * layer.headDimension
        unsafe heads = layer.attention.shape.heads
        unsafe batchStride = layer.attention.shape.heads * headStride
        unsafe self.firstSlice = firstSlice
    }

    /// Copies contiguous rows of a slice to their place.
    func place(_ rows: Range<Int>, of slice: Int, from source: UnsafePointer<Float>, columns: Int) {
        let (batch, head) = unsafe (slice / heads, slice % heads)
        let first = unsafe firstSlice / heads * batchStride + firstSlice % heads * headStride
        let start = unsafe base + (batch * batchStride + head * headStride - first)
        for row in rows {
            unsafe (start + row * rowStride).update(
                from: source + (row - rows.lowerBound) * columns,
                count: columns
            )
        }
    }
}

/// The scratch memory of the layer that a team computes, made anew when the layer is another.
final class LayerScratchStore {
    final class Memory {
        let scratch: LayerScratch

        init(_ scratch: consuming LayerScratch) { self.scratch = scratch }
    }

    private var known: (layer: MultiHeadLayer, slices: Int, memory: Memory)?

    /// Memory for ranges of up to `slices` slices.
    func memory(for layer: MultiHeadLayer, slices: Int, _ threadCount: Int) -> Memory {
        if let known, known.layer == layer, known.slices >= slices { return known.memory }
        known = nil
        do throws(LayerError) {
            let scratch = try LayerScratch(layer, slices: slices, threadCount: threadCount)
            let memory = Memory(scratch)
            known = (layer, slices, memory)
            return memory
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
