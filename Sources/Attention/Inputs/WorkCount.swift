extension AttentionProblem {
    /// The number of visible (query, key) pairs over all slices: the work to compute.
    ///
    /// For a causal mask this is exactly its triangle. `lengths` and `visibility` are the tensors
    /// of those names, needed where the mask has them.
    @unsafe
    package func visiblePairs(
        lengths: UnsafePointer<Int32>?,
        visibility: UnsafePointer<UInt8>?
    ) -> Int {
        if let keys = operation.projectedKeys { return shape.sliceCount * shape.queryLength * keys }
        var pairs = 0
        for batchIndex in 0..<shape.batch {
            let slice = batchIndex * shape.heads
            guard mask.visibility.differsByHead || mask.pattern.differsByHead else {
                // All heads of a batch element see the same keys.
                let count = unsafe visiblePairs(
                    slice: slice,
                    rows: 0..<shape.queryLength,
                    lengths: lengths,
                    visibility: visibility
                )
                pairs += count * shape.heads
                continue
            }
            for head in 0..<shape.heads {
                pairs += unsafe visiblePairs(
                    slice: slice + head,
                    rows: 0..<shape.queryLength,
                    lengths: lengths,
                    visibility: visibility
                )
            }
        }
        return pairs
    }

    /// The number of visible pairs of some rows of one slice, and of some keys: the cost of a shard.
    ///
    /// Without `keys`, all count.
    @unsafe
    package func visiblePairs(
        slice: Int,
        rows: Range<Int>,
        keys some: Range<Int>? = nil,
        lengths: UnsafePointer<Int32>?,
        visibility: UnsafePointer<UInt8>?
    ) -> Int {
        if let keys = operation.projectedKeys {
            return rows.count * (some ?? 0..<keys).clamped(to: 0..<keys).count
        }
        var pairs = 0
        let part = part(of: .visibility, slice: slice)
        var ranges = KeyRanges(self)
        for row in rows {
            let length = unsafe length(slice: slice, row: row, lengths: lengths)
            let offset = (part * shape.queryLength + row) * shape.keyLength
            ranges.forEach(slice: slice, row: row, length: length) { visible in
                let keys = some.map { visible.clamped(to: $0) } ?? visible
                guard mask.visibility != .none, let bytes = unsafe visibility else {
                    pairs += keys.count
                    return
                }
                for key in keys where unsafe bytes[offset + key] != 0 { pairs += 1 }
            }
        }
        return pairs
    }

    /// Floating-point operations of a visible pair: the terms of its score, and 2·Dv for its value.
    ///
    /// As usual, the softmax is not counted. Alone it has 5: comparison, difference, power, sum and
    /// quotient.
    package var flopsPerPair: Int {
        if operation == .maskedSoftmax { return 5 }
        let function = attended.score.function
        return function.flopsPerColumn * function.columns(shape) + 2 * shape.valueDimension
    }

    /// Of two rows of data in an epoch: 2 for the score, and 2 for each of three weighted sums.
    private static let flopsPerTrainingPair = 8

    /// Floating-point operations that prepare the queries and keys of all slices, once each.
    package var preparationFlops: Int {
        if operation == .maskedSoftmax { return 0 }
        if let pooling = operation.pooling {
            let pairs = shape.sliceCount * shape.keyLength * (shape.keyLength - 1)
            return (pooling.training?.epochs ?? 0) * pairs * Self.flopsPerTrainingPair
        }
        if case .multiHead(let variant, _) = operation {
            let rows = shape.queryLength + 2 * shape.keyLength
            let depth = variant == .fused ? embedding : shape.headDimension
            let scores = score.function.preparationFlops(shape)
            return shape.sliceCount
                * (2 * rows * depth * shape.headDimension + shape.queryLength * scores.query
                    + shape.keyLength * scores.key)
                + 2 * shape.batch * shape.queryLength * embedding * embedding
        }
        let (flops, keys) = (score.function.preparationFlops(shape), attended.shape.keyLength)
        // A number of a projected key or value is a product of S terms.
        let projected =
            operation.projectedKeys.map { $0 * (shape.keyDimension + shape.valueDimension) } ?? 0
        return shape.sliceCount * shape.queryLength * flops.query
            + shape.keyValueSliceCount * (keys * flops.key + 2 * projected * shape.keyLength)
    }

    /// The bytes that must at least be read and written once: every tensor of the problem.
    package var tensorBytes: Int {
        (TensorName.inputs + [.output]).reduce(0) { $0 + byteCount(of: $1) }
    }
}
