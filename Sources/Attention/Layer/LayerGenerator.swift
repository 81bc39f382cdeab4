/// The numbers of generated layers, each a function of seed, tensor and index alone.
///
/// They are those of `UnitNumbers`, in stream 32 + the number of the tensor in `LayerTensor`; the
/// index is flat over the whole tensor, and fused weights are in PyTorch's order.
///
/// - Query, key and value: unit(word).
/// - Weights `[out,in]`: Xavier-uniform (Glorot and Bengio, "Understanding the difficulty of training
///   deep feedforward neural networks", 2010), unit(word) times the f32 nearest √(2 / (in + out)).
///   So they lie between ±√(6 / (in + out)). The fused matrix is one matrix: in = E, out = 3E.
/// - Biases: zeros, or unit(word) / 4 where a test must see them.
package struct LayerGenerator: Hashable, Sendable {
    package let layer: MultiHeadLayer
    private let hasBiases: Bool
    let seed: UInt64

    package init(
        _ layer: MultiHeadLayer,
        seed: UInt64,
        hasBiases: Bool = false
    ) throws(LayerError) {
        try layer.validate()
        self.layer = layer
        self.seed = seed
        self.hasBiases = hasBiases
    }

    /// Writes some elements of an input.
    package func fill(
        _ tensor: LayerTensor,
        elements: Range<Int>,
        into destination: UnsafeMutablePointer<Float>
    ) {
        let factor = factor(tensor)
        guard factor != 0 else {
            unsafe destination.update(repeating: 0, count: elements.count)
            return
        }
        unsafe UnitNumbers(seed: seed).fill(
            stream: UInt32(32 + tensor.rawValue),
            elements: elements,
            factor: factor,
            into: destination
        )
    }

    private func factor(_ tensor: LayerTensor) -> Float {
        switch tensor {
        case .query, .key, .value: return 1
        case .projectionBias, .outputBias: return hasBiases ? 0.25 : 0
        case .projectionWeights, .queryWeights, .keyWeights, .valueWeights, .outputWeights:
            let sizes = layer.shape(of: tensor) ?? [1]
            return Float((2 / Double(sizes.reduce(0, +))).squareRoot())
        case .heads, .output: preconditionFailure("only inputs are generated")
        }
    }
}
