/// A multi-head layer by its definition, in Double the truth and in Float a plain program.
///
/// It is naive on purpose and shares no code with the kernels: every projection is a loop over its
/// terms in ascending order, and attention is that of the other references.
@safe
final class LayerReference<Number: ReferenceNumber> {
    private let layer: MultiHeadLayer
    private let inputs: LayerView
    /// Queries, keys and values, `[slice][row][d]`; only those of `batch` are there.
    private let projected: [UnsafeMutablePointer<Number>]
    private let outputWeights: TransposedWeights<Number>
    private let projections: [TransposedWeights<Number>]
    private let outputBias: UnsafePointer<Float>
    private var batch = -1

    init(_ layer: MultiHeadLayer, _ inputs: LayerView) {
        self.layer = layer
        unsafe self.inputs = inputs
        let (e, d) = (layer.embedding, layer.headDimension)
        unsafe outputWeights = TransposedWeights(inputs.required(.outputWeights), e, e)
        unsafe outputBias = inputs.required(.outputBias)
        projections = Projection.allCases.map { projection in
            switch layer.variant {
            case .fused:
                let weights = unsafe inputs.required(.projectionWeights)
                return unsafe TransposedWeights(weights + projection.rawValue * e * e, e, e)
            case .shared:
                return unsafe TransposedWeights(inputs.required(projection.sharedWeights), d, d)
            }
        }
        unsafe projected = Projection.allCases.map { projection in
            let count = layer.attention.shape.batch * layer.rowCount(projection) * e
            let memory = UnsafeMutablePointer<Number>.allocate(capacity: count)
            unsafe memory.initialize(repeating: 0, count: count)
            return unsafe memory
        }
    }

    deinit { unsafe projected.forEach { unsafe $0.deallocate() } }

    /// Queries, keys and values; valid as long as the reference lives.
    @unsafe
    func rows(_ projection: Projection) -> UnsafePointer<Number> {
        unsafe UnsafePointer(projected[projection.rawValue])
    }

    /// Projects all rows of a batch element.
    func project(batch: Int) {
        guard batch != self.batch else { return }
        self.batch = batch
        for projection in Projection.allCases {
            let length = layer.rowCount(projection)
            for row in 0..<length { project(projection, batch, row, length) }
        }
    }

    private func project(_ projection: Projection, _ batch: Int, _ row: Int, _ length: Int) {
        let (e, d) = (layer.embedding, layer.headDimension)
        let heads = layer.attention.shape.heads
        let source = unsafe inputs.source(projection) + (batch * length + row) * e
        let x = (0..<e).map { Number(unsafe source[$0]) }
        let weights = projections[projection.rawValue]
        var result: [Number]
        switch layer.variant {
        case .fused:
            result = weights.multiply(x)
            let bias = unsafe inputs.required(.projectionBias) + projection.rawValue * e
            for column in 0..<e { result[column] += Number(unsafe bias[column]) }
        case .shared:
            result = (0..<heads).flatMap { weights.multiply(Array(x[$0 * d..<($0 + 1) * d])) }
        }
        for head in 0..<heads {
            let target =
                unsafe projected[projection.rawValue]
                + ((batch * heads + head) * length + row) * d
            for column in 0..<d { unsafe target[column] = result[head * d + column] }
        }
    }

    /// The output of a token, from the rows of its heads, `[E]`.
    func output(heads: [Number]) -> [Number] {
        var result = outputWeights.multiply(heads)
        for column in result.indices { result[column] += Number(unsafe outputBias[column]) }
        return result
    }
}

/// Weights `[out,in]` as `[in,out]`, so that the sums of all outputs advance together.
private struct TransposedWeights<Number: ReferenceNumber> {
    private let numbers: [Number]
    private let outputs: Int

    init(_ weights: UnsafePointer<Float>, _ outputs: Int, _ inputs: Int) {
        self.outputs = outputs
        numbers = (0..<inputs * outputs).map { index in
            let (input, output) = index.quotientAndRemainder(dividingBy: outputs)
            return Number(unsafe weights[output * inputs + input])
        }
    }

    func multiply(_ x: [Number]) -> [Number] {
        var sums = [Number](repeating: 0, count: outputs)
        for (input, factor) in x.enumerated() {
            let row = numbers[input * outputs..<(input + 1) * outputs]
            for (output, weight) in zip(sums.indices, row) { sums[output] += factor * weight }
        }
        return sums
    }
}
