/// The tensors of a problem, in the order of their numbers on the wire.
package enum TensorName: Int, Hashable, Sendable, Codable, CaseIterable {
    case query = 0
    case key
    case value
    /// Valid lengths, Int32 `[B]` or `[B,L]`.
    case lengths
    /// The boolean mask, one byte per element.
    case visibility
    case output
    /// W_q of additive scores, `[hidden, D]`.
    case queryWeights
    /// W_k of additive scores, `[hidden, Dk]`.
    case keyWeights
    /// w of additive scores, `[hidden]`.
    case hiddenWeights
    /// W of bilinear scores, `[D, Dk]`; w of Gaussian scores, `[1]` or `[D]`.
    case scoreWeights
    /// What is added to scores, f32.
    case bias
    /// E and F of Linformer, `[k, S]`.
    case keyProjection, valueProjection
    /// E·K `[B·Hkv, k, Dk]` and F·V `[B·Hkv, k, Dv]` of Linformer: outputs of stages.
    case projectedKey, projectedValue
    /// The scores that a softmax is given, f32 `[B,H,L,S]`.
    case scores
    /// W and b of a fused layer, `[3E, E]` and `[3E]`, in PyTorch's order of rows.
    case projectionWeights, projectionBias
    /// W_q, W_k and W_v of a layer with shared projections, `[d, d]`.
    case sharedQueryWeights, sharedKeyWeights, sharedValueWeights
    /// W_o of a layer, `[E, E]`.
    case outputWeights
    /// b_o of a layer, `[E]`.
    case outputBias
    /// `[B, L, E]`, the heads of a layer side by side: the output of a stage.
    case heads
    /// What an epoch of kernel regression finds, `[epochs,B,H,spans,3]`: the output of its stages.
    case training
    /// The states of all spans of keys, `[B,H,spans]`, each `[L]`, `[L]` and `[L,Dv]`: the output of a
    /// stage. Where rows are steps, `[B,H,L,spans]`, each `[1]`, `[1]` and `[1,Dv]`.
    case states
    /// What rows carry from arc to arc of a ring, `[arcs − 1,B,H,L]`, each a maximum, a sum and `[Dv]`: the
    /// output of all stages but the last.
    case carried

    package static let count = allCases.count

    /// All tensors that are given; what decides the values of others comes first.
    package static let inputs: [TensorName] = [.lengths, .visibility] + floats

    /// The tensors of floats that are inputs: generated, or read and widened.
    package static let floats: [TensorName] =
        [
            .query, .key, .value, .queryWeights, .keyWeights, .hiddenWeights, .scoreWeights, .bias,
            .keyProjection, .valueProjection, .scores,
        ] + layerParameters

    /// The weights and biases of layers.
    fileprivate static let layerParameters: [TensorName] = [
        .projectionWeights, .projectionBias, .sharedQueryWeights, .sharedKeyWeights,
        .sharedValueWeights, .outputWeights, .outputBias,
    ]

    /// The parameters of scoring functions and projections: every slice uses the whole tensor.
    package static let parameters: [TensorName] =
        [
            .queryWeights, .keyWeights, .hiddenWeights, .scoreWeights, .keyProjection,
            .valueProjection,
        ] + layerParameters

    /// The outputs of stages that later stages read.
    package static let intermediates: [TensorName] = [
        .projectedKey, .projectedValue, .heads, .training, .states, .carried,
    ]
}

extension AttentionProblem {
    /// How many parts (slices, as `[part][row][column]`) a tensor has; 0 when the problem has none.
    package func partCount(of tensor: TensorName) -> Int {
        switch tensor {
        case .output: outputShape.sliceCount
        case .query: operation == .maskedSoftmax ? 0 : inputSlices(shape.sliceCount)
        case .key, .value:
            switch operation {
            case .maskedSoftmax, .multiHead(_, .itself): 0
            case .multiHead(_, .memory): tensor == .key ? shape.batch : 0
            case .attention, .linformer, .kernelRegression, .decodeSteps, .multiHead(_, .separate):
                inputSlices(shape.keyValueSliceCount)
            }
        case .heads: operation.isLayer ? shape.batch : 0
        case .training: (operation.pooling?.training?.epochs ?? 0) * shape.sliceCount
        case .states: spanKeys == nil || arcs != nil ? 0 : shape.sliceCount
        case .carried: (arcCount - 1) * shape.sliceCount
        case .scores: operation == .maskedSoftmax ? shape.sliceCount : 0
        case .lengths: mask.lengths == .none ? 0 : shape.batch
        case .visibility: mask.visibility.matrixCount(shape)
        case .bias: mask.bias.matrixCount(shape)
        case .queryWeights, .keyWeights, .hiddenWeights, .scoreWeights, .keyProjection,
            .valueProjection, .projectionWeights, .projectionBias, .sharedQueryWeights,
            .sharedKeyWeights, .sharedValueWeights, .outputWeights, .outputBias:
            parameterShape(of: tensor) == nil ? 0 : 1
        case .projectedKey, .projectedValue:
            operation.projectedKeys == nil ? 0 : shape.keyValueSliceCount
        }
    }

    /// The bytes of one part of a tensor.
    package func partByteCount(of tensor: TensorName) -> Int {
        switch tensor {
        case .query: shape.queryLength * inputColumns(shape.headDimension) * element.byteCount
        case .key: shape.keyLength * inputColumns(shape.keyDimension) * element.byteCount
        case .value: shape.keyLength * inputColumns(shape.valueDimension) * element.byteCount
        case .heads: shape.queryLength * embedding * 4
        case .training: trainingSpans * Training.sumColumns * 4
        case .states: stepCount * spanCount * stateNumbers * 4
        case .carried: shape.queryLength * carriedNumbers * 4
        case .lengths: (mask.lengths == .perRow ? shape.queryLength : 1) * 4
        case .visibility: shape.queryLength * shape.keyLength
        case .bias: shape.queryLength * shape.keyLength * 4
        case .output: outputShape.queryLength * outputShape.valueDimension * 4
        case .scores: shape.queryLength * shape.keyLength * 4
        case .projectedKey: (operation.projectedKeys ?? 0) * shape.keyDimension * 4
        case .projectedValue: (operation.projectedKeys ?? 0) * shape.valueDimension * 4
        case .queryWeights, .keyWeights, .hiddenWeights, .scoreWeights, .keyProjection,
            .valueProjection, .projectionWeights, .projectionBias, .sharedQueryWeights,
            .sharedKeyWeights, .sharedValueWeights, .outputWeights, .outputBias:
            (parameterShape(of: tensor) ?? [0]).reduce(4, *)
        }
    }

    /// The shape of a parameter; nil when the problem has none of this name.
    package func parameterShape(of tensor: TensorName) -> [Int]? {
        if tensor == .keyProjection || tensor == .valueProjection {
            return operation.projectedKeys.map { [$0, shape.keyLength] }
        }
        if TensorName.layerParameters.contains(tensor) { return layerShape(of: tensor) }
        return score.function.shape(ofParameter: tensor, shape)
    }

    package func byteCount(of tensor: TensorName) -> Int {
        partCount(of: tensor) * partByteCount(of: tensor)
    }

    /// Which part of `tensor` the query slice `slice` uses.
    package func part(of tensor: TensorName, slice: Int) -> Int {
        switch tensor {
        case .heads: slice / shape.heads
        case .output, .scores, .training, .states, .carried: slice
        case .query: operation.isLayer ? slice / shape.heads : slice
        case .key, .value:
            operation.isLayer ? slice / shape.heads : shape.keyValueSlice(of: slice)
        case .projectedKey, .projectedValue: shape.keyValueSlice(of: slice)
        case .lengths: slice / shape.heads
        case .visibility: mask.visibility.matrix(ofSlice: slice, shape)
        case .bias: mask.bias.matrix(ofSlice: slice, shape)
        case .queryWeights, .keyWeights, .hiddenWeights, .scoreWeights, .keyProjection,
            .valueProjection, .projectionWeights, .projectionBias, .sharedQueryWeights,
            .sharedKeyWeights, .sharedValueWeights, .outputWeights, .outputBias:
            0
        }
    }

    private func layerShape(of tensor: TensorName) -> [Int]? {
        guard case .multiHead(let variant, _) = operation else { return nil }
        let (e, d) = (embedding, shape.headDimension)
        return switch (tensor, variant) {
        case (.projectionWeights, .fused): [3 * e, e]
        case (.projectionBias, .fused): [3 * e]
        case (.sharedQueryWeights, .shared), (.sharedKeyWeights, .shared),
            (.sharedValueWeights, .shared):
            [d, d]
        case (.outputWeights, _): [e, e]
        case (.outputBias, _): [e]
        default: nil
        }
    }

    /// A layer's inputs have a part for each batch element, with the columns of all heads.
    private func inputSlices(_ slices: Int) -> Int { operation.isLayer ? shape.batch : slices }
    private func inputColumns(_ columns: Int) -> Int { operation.isLayer ? embedding : columns }
}
