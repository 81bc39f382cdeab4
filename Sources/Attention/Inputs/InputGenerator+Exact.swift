import Work

/// The values whose attention has an exact answer; `InputGenerator` documents the recipe.
extension InputGenerator {
    /// C: the number of bits that distinguish the keys, at least one.
    var codeBitCount: Int { max(1, Self.bitCount(problem.shape.keyLength)) }

    /// Ceil(log2 count).
    private static func bitCount(_ count: Int) -> Int {
        Int.bitWidth - (count - 1).leadingZeroBitCount
    }

    /// A: the factor that makes the weights of all other keys exactly zero in f32.
    private var queryAmplitude: Double {
        let scale = Double(problem.score.scale)
        let repeats = Double(problem.shape.headDimension / codeBitCount)
        let least = 80 / (repeats * scale.magnitude * 1.4426950408889634)
        let power = least.significand == 1 ? least.exponent : least.exponent + 1
        return Double(sign: scale < 0 ? .minus : .plus, exponent: power, significand: 1)
    }

    /// B: the number of bits of exact-mean values, so that S of them sum exactly.
    private var meanBitCount: Int { min(8, 24 - Self.bitCount(problem.shape.keyLength)) }

    /// Throws when this problem cannot have values of this kind.
    ///
    /// This check does not need the mask's tensors; `checkCounts` checks the rest.
    func checkKind() throws(AttentionError) {
        let adjustments: [(isThere: Bool, field: AttentionError.Field)] = [
            (problem.softCap != nil, .softCap), (!problem.alibi.isEmpty, .alibi),
            (problem.mask.bias != .none, .bias), (!problem.sinks.isEmpty, .sinks),
            (problem.operation != .attention, .operation),
        ]
        if kind.hasExactAnswer, let adjustment = adjustments.first(where: \.isThere) {
            throw .valuesImpossible(
                kind: kind,
                field: adjustment.field,
                reason: "it changes the scores that make the answer exact",
                remedy: "leave it out, or choose \(ValueKind.uniform.rawValue)"
            )
        }
        if kind.hasExactAnswer, problem.score.function != .dot {
            throw .valuesImpossible(
                kind: kind,
                field: .scoring,
                reason: "only products have scores that make the answer exact",
                remedy: "choose dot products, or \(ValueKind.uniform.rawValue)"
            )
        }
        switch kind {
        case .uniform, .large, .constant: return
        case .exactPermutation: try checkPermutation()
        case .exactMean:
            guard meanBitCount >= 2 else {
                throw .valuesImpossible(
                    kind: kind,
                    field: .keyLength,
                    reason: "sums over \(problem.shape.keyLength) keys are not exact in f32",
                    remedy: "choose at most \(1 << 22) keys"
                )
            }
            if problem.mask.lengths == .none, problem.mask.visibility == .none {
                try unsafe checkCounts(RowVisibility(problem))
            }
        }
    }

    private func checkPermutation() throws(AttentionError) {
        let shape = problem.shape
        guard codeBitCount <= shape.headDimension else {
            throw .valuesImpossible(
                kind: kind,
                field: .headDimension,
                reason: """
                    \(counted(shape.headDimension, "column")) cannot encode \(shape.keyLength) keys
                    """,
                remedy: "choose a head dimension of at least \(codeBitCount) or fewer keys"
            )
        }
        guard problem.score.scale != 0, (-100...100).contains(queryAmplitude.exponent) else {
            throw .valuesImpossible(
                kind: kind,
                field: .scoreScale,
                reason: "no f32 query can select one key at the factor \(problem.score.scale)",
                remedy: "choose a factor nearer to 1/√D"
            )
        }
    }

    /// Throws when a row of exact-mean sees a number of keys whose reciprocal is not exact in f32.
    package func checkCounts(_ rows: RowVisibility) throws(AttentionError) {
        guard kind == .exactMean else { return }
        let (shape, mask) = (problem.shape, problem.mask)
        let step: Int
        switch (mask.visibility, mask.lengths) {
        case _ where mask.pattern.differsByHead: step = 1
        case (.perSlice, _), (.perHead, _): step = 1
        case (.perBatch, _), (_, .perBatch), (_, .perRow): step = shape.heads
        case (.none, .none), (.shared, .none): step = shape.sliceCount
        }
        for slice in stride(from: 0, to: shape.sliceCount, by: step) {
            for row in 0..<shape.queryLength {
                let count = rows.visibleKeyCount(slice: slice, row: row)
                guard count & (count - 1) == 0 || count == 0 else {
                    throw .valuesImpossible(
                        kind: kind,
                        field: .mask,
                        reason: "row \(row) of slice \(slice) sees \(count) keys",
                        remedy: """
                            let every row see no key or a power of two of keys, for example with \
                            no mask and \(1 << Self.bitCount(shape.keyLength)) keys, or choose \
                            \(ValueKind.exactPermutation.rawValue)
                            """
                    )
                }
            }
        }
    }

    /// The key that query row `row` of exact-permutation attends; nil when it sees none.
    func target(slice: Int, row: Int, _ rows: RowVisibility) -> Int? {
        let count = rows.visibleKeyCount(slice: slice, row: row)
        guard count > 0 else { return nil }
        let ordinal = Philox.below(count, word(.target, slice * problem.shape.queryLength + row))
        return rows.visibleKey(ordinal, slice: slice, row: row)
    }

    func fillPermutationKeys(_ elements: Range<Int>, _ destination: UnsafeMutablePointer<Float>) {
        let (columns, bits) = (problem.shape.headDimension, codeBitCount)
        forEachRow(elements, columns: columns) { flatRow, offset, range in
            let (slice, key) = flatRow.quotientAndRemainder(dividingBy: problem.shape.keyLength)
            let code = keyCode(keyValueSlice: slice, key: key)
            for column in range {
                let isSet = code >> (column % bits) & 1 == 1
                unsafe destination[offset + column - range.lowerBound] = isSet ? 1 : -1
            }
        }
    }

    func fillPermutationQueries(
        _ elements: Range<Int>,
        _ destination: UnsafeMutablePointer<Float>,
        _ rows: RowVisibility
    ) {
        let (columns, bits) = (problem.shape.headDimension, codeBitCount)
        let amplitude = Float(queryAmplitude)
        forEachRow(elements, columns: columns) { flatRow, offset, range in
            let (slice, row) = flatRow.quotientAndRemainder(dividingBy: problem.shape.queryLength)
            let start = unsafe destination + offset
            guard let target = target(slice: slice, row: row, rows) else {
                unsafe start.update(repeating: 0, count: range.count)
                return
            }
            let keyValueSlice = problem.shape.keyValueSlice(of: slice)
            let code = keyCode(keyValueSlice: keyValueSlice, key: target)
            for column in range {
                let isSet = code >> (column % bits) & 1 == 1
                unsafe start[column - range.lowerBound] = isSet ? amplitude : -amplitude
            }
        }
    }

    func fillExactMeanValues(_ elements: Range<Int>, _ destination: UnsafeMutablePointer<Float>) {
        let bits = meanBitCount
        let factor = Float(sign: .plus, exponent: 1 - bits, significand: 1)
        let half = Int32(1) << (bits - 1)
        forEachWord(.value, elements) { offset, word in
            let integer = Int32(bitPattern: word >> UInt32(32 - bits)) &- half
            unsafe destination[offset] = Float(integer) * factor
        }
    }

    private func keyCode(keyValueSlice: Int, key: Int) -> Int {
        let flips = Int(word(.keyCode, keyValueSlice)) & (1 << codeBitCount - 1)
        return key ^ flips
    }

    /// Calls `body` for every row that a range of elements touches.
    ///
    /// The arguments are the row's flat index, the offset of the row's first requested element in
    /// the range, and the requested columns.
    private func forEachRow(
        _ elements: Range<Int>,
        columns: Int,
        _ body: (_ flatRow: Int, _ offset: Int, _ columns: Range<Int>) -> Void
    ) {
        var index = elements.lowerBound
        while index < elements.upperBound {
            let (row, column) = index.quotientAndRemainder(dividingBy: columns)
            let end = min(columns, column + elements.upperBound - index)
            body(row, index - elements.lowerBound, column..<end)
            index += end - column
        }
    }
}
