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
            guard headsSeeDifferentKeys else {
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

    /// The number of visible pairs of some rows of one slice, or of these with some keys: the cost of a
    /// shard.
    @unsafe
    package func visiblePairs(
        slice: Int,
        rows: Range<Int>,
        keys asked: Range<Int>? = nil,
        lengths: UnsafePointer<Int32>?,
        visibility: UnsafePointer<UInt8>?
    ) -> Int {
        if let keys = operation.projectedKeys { return rows.count * keys }
        var pairs = 0
        unsafe forEachVisibleRange(slice, rows, lengths, visibility) { keys, bytes in
            let shown = asked.map { keys.clamped(to: $0) } ?? keys
            guard let bytes = unsafe bytes else {
                pairs += shown.count
                return
            }
            for key in shown where unsafe bytes[key] != 0 { pairs += 1 }
        }
        return pairs
    }

    /// The number of visible pairs of one slice in each span of keys, of a problem whose keys are cut;
    /// in steps, in the spans of each step.
    @unsafe
    package func visiblePairsOfSpans(
        slice: Int,
        lengths: UnsafePointer<Int32>?,
        visibility: UnsafePointer<UInt8>?
    ) -> [Int] {
        (0..<stepCount).flatMap { step in
            unsafe visiblePairsOfSpans(slice, queryRows(ofStep: step), lengths, visibility)
        }
    }

    private func visiblePairsOfSpans(
        _ slice: Int,
        _ rows: Range<Int>,
        _ lengths: UnsafePointer<Int32>?,
        _ visibility: UnsafePointer<UInt8>?
    ) -> [Int] {
        guard let spanKeys else { preconditionFailure("the keys of the problem must be cut") }
        if let keys = operation.projectedKeys {
            return (0..<spanCount).map { rows.count * min(spanKeys, keys - $0 * spanKeys) }
        }
        // How many ranges reach into each span without filling it, and where whole spans begin and end.
        var parts = [Int](repeating: 0, count: spanCount)
        var steps = [Int](repeating: 0, count: spanCount + 1)
        unsafe forEachVisibleRange(slice, rows, lengths, visibility) { keys, bytes in
            if let bytes = unsafe bytes {
                for key in keys where unsafe bytes[key] != 0 { parts[key / spanKeys] += 1 }
                return
            }
            guard let last = keys.last else { return }
            let (first, final) = (keys.lowerBound / spanKeys, last / spanKeys)
            if first == final {
                parts[first] += keys.count
                return
            }
            parts[first] += (first + 1) * spanKeys - keys.lowerBound
            parts[final] += last + 1 - final * spanKeys
            steps[first + 1] += spanKeys
            steps[final] -= spanKeys
        }
        var whole = 0
        return parts.indices.map { span in
            whole += steps[span]
            return parts[span] + whole
        }
    }

    /// The ranges of keys that each of some rows may see; with a mask, `bytes` are those of the row.
    @unsafe
    private func forEachVisibleRange(
        _ slice: Int,
        _ rows: Range<Int>,
        _ lengths: UnsafePointer<Int32>?,
        _ visibility: UnsafePointer<UInt8>?,
        _ body: (_ keys: Range<Int>, _ bytes: UnsafePointer<UInt8>?) -> Void
    ) {
        let part = part(of: .visibility, slice: slice)
        var ranges = KeyRanges(self)
        for row in rows {
            let length = unsafe length(slice: slice, row: row, lengths: lengths)
            let offset = (part * shape.queryLength + row) * shape.keyLength
            let bytes =
                unsafe mask.visibility == .none ? nil : visibility.map { unsafe $0 + offset }
            ranges.forEach(slice: slice, row: row, length: length) { unsafe body($0, bytes) }
        }
    }

    /// Whether heads of a batch element may see different keys.
    package var headsSeeDifferentKeys: Bool {
        mask.visibility.differsByHead || mask.pattern.differsByHead
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

    /// Operations for two rows of data in an epoch: 2 for the score, and 2 for each of three weighted sums.
    private static let flopsPerTrainingPair = 8

    /// Floating-point operations that prepare the queries of all slices, and the keys that these see, once
    /// each.
    ///
    /// `lengths` and `visibility` are as for `visiblePairs`.
    @unsafe
    package func preparationFlops(
        lengths: UnsafePointer<Int32>?,
        visibility: UnsafePointer<UInt8>?
    ) -> Int {
        // To count seen keys takes long, and often nothing is made of a key.
        guard score.function.preparationFlops(shape).key > 0 else { return mostPreparationFlops }
        return unsafe preparationFlops(
            keys: seenKeys(lengths: lengths, visibility: visibility)
        )
    }

    /// The same where every key is seen: what preparing takes at most.
    package var mostPreparationFlops: Int {
        preparationFlops(keys: shape.keyValueSliceCount * attended.shape.keyLength)
    }

    /// Of all slices, but those that share their keys as one, how many keys some row sees.
    @unsafe
    package func seenKeys(
        lengths: UnsafePointer<Int32>?,
        visibility: UnsafePointer<UInt8>?
    ) -> Int {
        if let keys = operation.projectedKeys { return shape.keyValueSliceCount * keys }
        let sharing = shape.heads / shape.keyValueHeads
        var count = 0
        for batchIndex in 0..<shape.batch {
            let slice = batchIndex * shape.heads
            guard headsSeeDifferentKeys else {
                let keys = unsafe seenKeys(slice..<slice + 1, lengths, visibility)
                count += keys * shape.keyValueHeads
                continue
            }
            for first in stride(from: slice, to: slice + shape.heads, by: sharing) {
                count += unsafe seenKeys(first..<first + sharing, lengths, visibility)
            }
        }
        return count
    }

    /// How many keys some row of these slices, which share their keys, sees.
    @unsafe
    func seenKeys(
        _ slices: Range<Int>,
        _ lengths: UnsafePointer<Int32>?,
        _ visibility: UnsafePointer<UInt8>?
    ) -> Int {
        // By how much the number of ranges that hold a key differs from that of the key before.
        var changes = [Int](repeating: 0, count: shape.keyLength + 1)
        for slice in slices {
            unsafe forEachVisibleRange(slice, 0..<shape.queryLength, lengths, visibility) {
                keys,
                bytes in
                guard let bytes = unsafe bytes else {
                    changes[keys.lowerBound] += 1
                    changes[keys.upperBound] -= 1
                    return
                }
                for key in keys where unsafe bytes[key] != 0 {
                    changes[key] += 1
                    changes[key + 1] -= 1
                }
            }
        }
        var (holding, count) = (0, 0)
        for change in changes {
            holding += change
            if holding > 0 { count += 1 }
        }
        return count
    }

    /// `keys` of all slices are prepared.
    private func preparationFlops(keys: Int) -> Int {
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
                * (2 * rows * depth * shape.headDimension + shape.queryLength * scores.query)
                + keys * scores.key
                + 2 * shape.batch * shape.queryLength * embedding * embedding
        }
        let flops = score.function.preparationFlops(shape)
        // A number of a projected key or value is a product of S terms.
        let projected =
            operation.projectedKeys.map { $0 * (shape.keyDimension + shape.valueDimension) } ?? 0
        return shape.sliceCount * shape.queryLength * flops.query
            + keys * flops.key + shape.keyValueSliceCount * 2 * projected * shape.keyLength
    }

    /// The bytes that must at least be read and written: every tensor of the problem once, but in steps
    /// the keys that each of them sees, and their values.
    package var tensorBytes: Int {
        let cache: Set<TensorName> = isInSteps ? [.key, .value] : []
        let once = (TensorName.inputs + [.output]).filter { !cache.contains($0) }
        return once.reduce(keyBytesOfSteps) { $0 + byteCount(of: $1) }
    }

    /// The same for these tensors: of keys and values, those that some row sees.
    @unsafe
    package func tensorBytes(
        lengths: UnsafePointer<Int32>?,
        visibility: UnsafePointer<UInt8>?
    ) -> Int {
        // Steps count what they see already, all other operations read whole tensors; and the mean of all
        // values, which a row without a key may become, needs them all.
        guard operation == .attention, maskedRows == .zeros else { return tensorBytes }
        let seen = unsafe seenKeys(lengths: lengths, visibility: visibility)
        let hidden = shape.keyValueSliceCount * shape.keyLength - seen
        return tensorBytes
            - hidden * (shape.keyDimension + shape.valueDimension) * element.byteCount
    }

    /// The bytes of the keys and values that all steps read; 0 without steps.
    private var keyBytesOfSteps: Int {
        guard isInSteps else { return 0 }
        var ranges = KeyRanges(self)
        let groups = shape.keyValueHeads
        // Slices that share their keys read them once; what they see may differ, and the first counts.
        let counted = headsSeeDifferentKeys ? groups : 1
        var keys = 0
        for group in 0..<counted {
            let head = group * (shape.heads / groups)
            for row in 0..<shape.queryLength {
                ranges.forEach(slice: head, row: row, length: nil) { keys += $0.count }
            }
        }
        keys *= groups / counted
        return shape.batch * keys * (shape.keyDimension + shape.valueDimension) * element.byteCount
    }
}
