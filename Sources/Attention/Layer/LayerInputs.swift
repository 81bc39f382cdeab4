/// The inputs of a layer, whole and owned.
package struct LayerInputs: ~Copyable {
    package let layer: MultiHeadLayer
    /// By the numbers of the tensors; one that the layer does not have is an empty slab.
    private let slabs: InlineArray<12, Slab>
    /// For mask and scores; its queries, keys and values are never touched.
    private let beside: AttentionInputs

    /// Zeroed inputs, for a reader to fill.
    package init(_ layer: MultiHeadLayer) throws(LayerError) {
        try layer.validate()
        let slabs = try InlineArray<12, Slab> { index throws(LayerError) in
            let tensor = LayerTensor.allCases[index]
            let count = LayerTensor.inputs.contains(tensor) ? layer.elementCount(of: tensor) : 0
            return try LayerError.slab("\(tensor)", byteCount: 4 * count)
        }
        let beside = try LayerError.attention { () throws(AttentionError) in
            try AttentionInputs(layer.attention, areTouched: false)
        }
        self.layer = layer
        self.slabs = slabs
        self.beside = beside
    }

    /// Generated inputs; those of mask and scores have the numbers of `InputGenerator`.
    package init(_ generator: LayerGenerator) throws(LayerError) {
        let inputs = try Self(generator.layer)
        for tensor in LayerTensor.inputs {
            let count = generator.layer.elementCount(of: tensor)
            unsafe generator.fill(
                tensor,
                elements: 0..<count,
                into: inputs.floats(tensor)
            )
        }
        try LayerError.attention { () throws(AttentionError) in
            try inputs.generateBeside(seed: generator.seed)
        }
        self = inputs
    }

    private func generateBeside(seed: UInt64) throws(AttentionError) {
        let problem = layer.attention
        let generator = try InputGenerator(problem, seed: seed)
        let lengths = unsafe beside.bytes(of: .lengths)
        for (index, length) in generator.lengths().enumerated() {
            unsafe lengths.storeBytes(of: length, toByteOffset: 4 * index, as: Int32.self)
        }
        if let bytes = unsafe beside.bytes(of: .visibility).baseAddress {
            unsafe generator.fillVisibility(
                elements: 0..<problem.byteCount(of: .visibility),
                into: bytes.assumingMemoryBound(to: UInt8.self)
            )
        }
        let rows = unsafe RowVisibility(problem, beside.view)
        for tensor in TensorName.floats where ![.query, .key, .value].contains(tensor) {
            guard let bytes = unsafe beside.bytes(of: tensor).baseAddress else { continue }
            unsafe generator.fill(
                tensor,
                parts: 0..<problem.partCount(of: tensor),
                into: bytes.assumingMemoryBound(to: Float.self),
                rows: rows
            )
        }
    }

    /// The memory of an input, valid as long as these inputs live; empty when the layer has none.
    @unsafe
    package func floats(_ tensor: LayerTensor) -> UnsafeMutablePointer<Float> {
        unsafe slabs[tensor.rawValue].floats
    }

    /// The memory of a tensor of mask and scores.
    @unsafe
    package func bytes(of tensor: TensorName) -> UnsafeMutableRawBufferPointer {
        unsafe beside.bytes(of: tensor)
    }

    /// A view of all tensors, valid as long as these inputs live.
    @unsafe package var view: LayerView {
        unsafe LayerView(
            { tensor in
                layer.shape(of: tensor) == nil ? nil : unsafe UnsafePointer(floats(tensor))
            },
            beside: { tensor in
                layer.attention.partCount(of: tensor) == 0
                    ? nil : unsafe UnsafeRawPointer(beside.bytes(of: tensor).baseAddress)
            }
        )
    }
}
