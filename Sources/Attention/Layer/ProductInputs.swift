/// The matrices of a product, generated: left `[M,K]`, right `[K,N]` and a bias `[N]`.
///
/// Their numbers are those of `UnitNumbers`, in streams 50, 51 and 52 and in row-major order.
package struct ProductInputs: ~Copyable {
    package let shape: ProductShape
    private let slabs: InlineArray<3, Slab>

    package init(_ shape: ProductShape, seed: UInt64) throws(LayerError) {
        let counts = [shape.rows * shape.depth, shape.depth * shape.columns, shape.columns]
        slabs = try InlineArray<3, Slab> { index throws(LayerError) in
            try LayerError.slab("a product", byteCount: 4 * counts[index])
        }
        self.shape = shape
        let numbers = UnitNumbers(seed: seed)
        for (index, count) in counts.enumerated() {
            unsafe numbers.fill(
                stream: UInt32(50 + index),
                elements: 0..<count,
                into: slabs[index].floats
            )
        }
    }

    @unsafe package var left: UnsafePointer<Float> { unsafe UnsafePointer(slabs[0].floats) }
    @unsafe package var right: UnsafePointer<Float> { unsafe UnsafePointer(slabs[1].floats) }
    @unsafe package var bias: UnsafePointer<Float> { unsafe UnsafePointer(slabs[2].floats) }
}
