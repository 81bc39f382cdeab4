extension AttentionProblem {
    /// The largest head and value dimension the kernels are built for.
    package static let largestDimension = 512
    /// Lengths and indices of rows are 32-bit in masks and on the wire.
    package static let largestLength = Int(Int32.max)

    /// Positions of rows are 32-bit, too, even after the longest query.
    package static let largestOffset = 1 << 30

    /// Throws why this problem cannot be computed; call it before anything is allocated.
    package func validate() throws(AttentionError) {
        let length = 1...Self.largestLength
        let dimension = 1...Self.largestDimension
        let sizes: [(AttentionError.Field, Int, ClosedRange<Int>)] = [
            (.batch, shape.batch, length),
            (.heads, shape.heads, length),
            (.keyValueHeads, shape.keyValueHeads, length),
            (.queryLength, shape.queryLength, length),
            (.keyLength, shape.keyLength, length),
            (.headDimension, shape.headDimension, dimension),
            (.keyDimension, shape.keyDimension, dimension),
            (.valueDimension, shape.valueDimension, dimension),
        ]
        for (field, found, allowed) in sizes where !allowed.contains(found) {
            throw .sizeOutOfRange(field: field, found: found, allowed: allowed)
        }
        guard shape.heads % shape.keyValueHeads == 0 else {
            throw .headsNotDivisible(heads: shape.heads, keyValueHeads: shape.keyValueHeads)
        }
        try validateScoring()
        try validatePositions()
        try validatePattern()
        try validateOperation()
        try validateScores()
        try validateSpans()
        guard requiredBytes != nil else { throw .tensorsTooLarge }
    }

    private func validatePositions() throws(AttentionError) {
        guard mask.band != .causalByLength || mask.lengths == .perBatch else {
            throw .bandWithoutLengths
        }
        let allowed: ClosedRange<Int> =
            switch mask.band {
            case .none, .causal: 0...Self.largestOffset
            case .causalBottomRight, .causalByLength: 0...0
            }
        guard allowed.contains(offset) else {
            throw .sizeOutOfRange(field: .offset, found: offset, allowed: allowed)
        }
    }

    private func validateOperation() throws(AttentionError) {
        switch operation {
        case .attention: break
        case .linformer(let keys):
            guard (1...shape.keyLength).contains(keys) else {
                throw .sizeOutOfRange(field: .linformer, found: keys, allowed: 1...shape.keyLength)
            }
            guard mask == .none, alibi.isEmpty, offset == 0 else { throw .linformerMasked }
        case .maskedSoftmax:
            let isPlain =
                score == .usual(headDimension: shape.headDimension) && softCap == nil
                && alibi.isEmpty && sinks.isEmpty && mask.bias == .none
            guard isPlain else { throw .softmaxOfScores }
        case .multiHead(_, let source):
            let hasOneSize =
                shape.keyValueHeads == shape.heads && shape.keyDimension == shape.headDimension
                && shape.valueDimension == shape.headDimension
            guard hasOneSize else { throw .layerOfSizes }
            guard source != .itself || shape.queryLength == shape.keyLength else {
                throw .layerOfLengths
            }
        case .kernelRegression(let pooling): try validateRegression(pooling)
        case .decodeSteps: try validateSteps()
        }
    }

    private func validateSpans() throws(AttentionError) {
        guard let spanKeys else {
            guard arcs == nil else { throw .arcsWithoutSpans }
            return
        }
        let length = 1...Self.largestLength
        guard length.contains(spanKeys) else {
            throw .sizeOutOfRange(field: .spanKeys, found: spanKeys, allowed: length)
        }
        guard operation.attendsDirectly else { throw .spansOfOperation }
        guard let arcs else { return }
        guard operation == .attention else { throw .arcsWithoutSpans }
        guard (1...spanCount).contains(arcs) else {
            throw .sizeOutOfRange(field: .arcs, found: arcs, allowed: 1...spanCount)
        }
    }

    private func validateRegression(_ pooling: Pooling) throws(AttentionError) {
        let isPlain =
            shape.keyValueHeads == shape.heads && shape.headDimension == 1
            && shape.keyDimension == 1 && shape.valueDimension == 1 && mask == .none
            && score == .usual(headDimension: 1) && softCap == nil && alibi.isEmpty
            && sinks.isEmpty && offset == 0
        guard isPlain else { throw .regressionOfData }
        guard let training = pooling.training else { return }
        let allowed = 1...Training.largestEpochs
        guard allowed.contains(training.epochs) else {
            throw .sizeOutOfRange(field: .epochs, found: training.epochs, allowed: allowed)
        }
        guard training.rate.isFinite else { throw .trainingRateNotFinite(found: training.rate) }
        guard shape.keyLength > 1 else { throw .trainingOfOneRow }
    }

    private func validateScoring() throws(AttentionError) {
        try score.validate()
        if case .additive(let hidden) = score.function,
            !(1...Self.largestDimension).contains(hidden)
        {
            throw .sizeOutOfRange(field: .hidden, found: hidden, allowed: 1...Self.largestDimension)
        }
        guard score.function.takesOtherKeyDimension || shape.keyDimension == shape.headDimension
        else {
            throw .keyDimensionDiffers(
                found: shape.keyDimension,
                headDimension: shape.headDimension
            )
        }
    }

    private func validateScores() throws(AttentionError) {
        if let softCap, !(softCap > 0 && softCap <= Self.largestFactor) {
            throw .softCapOutOfRange(found: softCap)
        }
        guard alibi.isEmpty || alibi.count == shape.heads else {
            throw .slopeCountWrong(found: alibi.count, heads: shape.heads)
        }
        if let wrong = alibi.first(where: { !($0 >= 0 && $0 <= Self.largestSlope) }) {
            throw .slopeOutOfRange(found: wrong)
        }
        guard sinks.isEmpty || sinks.count == shape.heads else {
            throw .sinkCountWrong(found: sinks.count, heads: shape.heads)
        }
        if let wrong = sinks.first(where: { !$0.isFinite }) {
            throw .sinkNotFinite(found: wrong)
        }
        guard sinks.isEmpty || maskedRows == .zeros else { throw .sinksWithMeans }
    }

    /// Times log₂e and the distance of any key it must not become infinite.
    package static let largestSlope: Float = 1e28

    /// The largest soft cap, and the largest factor on scores: kernels multiply both by log₂e.
    package static let largestFactor: Float = 2e38

    /// The bytes of all inputs and one output in one process; nil when the count overflows.
    ///
    /// It works for a problem that was not validated, too.
    package var requiredBytes: Int? {
        let (b, h, hkv) = (shape.batch, shape.heads, shape.keyValueHeads)
        let (l, s) = (shape.queryLength, shape.keyLength)
        // Overflows for a layer's weights where it does for more than all of them.
        var tensors: [[Int]] =
            operation.isLayer ? [[h, h, shape.headDimension, shape.headDimension, 32]] : []
        tensors +=
            operation == .maskedSoftmax
            ? [[b, h, l, s, 4], [b, h, l, s, 4]]
            : [
                [b, h, l, shape.headDimension, element.byteCount],
                [b, hkv, s, shape.keyDimension, element.byteCount],
                [b, hkv, s, shape.valueDimension, element.byteCount],
                [b, h, l, shape.valueDimension, 4],
            ]
        if spanKeys != nil {
            let states = arcs.map { $0 - 1 } ?? spanCount
            tensors.append([b, h, states, l, 2 + shape.valueDimension, 4])
        }
        switch mask.lengths {
        case .none: break
        case .perBatch: tensors.append([b, 4])
        case .perRow: tensors.append([b, l, 4])
        }
        for (pairs, bytes) in [(mask.visibility, 1), (mask.bias, 4)] {
            switch pairs {
            case .none: break
            case .shared: tensors.append([l, s, bytes])
            case .perBatch: tensors.append([b, l, s, bytes])
            case .perHead: tensors.append([h, l, s, bytes])
            case .perSlice: tensors.append([b, h, l, s, bytes])
            }
        }
        // These cannot overflow once their dimensions are valid.
        for tensor in TensorName.parameters {
            if let sizes = parameterShape(of: tensor) { tensors.append(sizes + [4]) }
        }
        if let keys = operation.projectedKeys {
            tensors.append([b, hkv, keys, shape.keyDimension, 4])
            tensors.append([b, hkv, keys, shape.valueDimension, 4])
        }
        if let training = operation.pooling?.training {
            tensors.append([b, h, training.epochs, s, Training.sumColumns, 4])
        }
        var total = 0
        for factors in tensors {
            var bytes = 1
            for factor in factors {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: factor)
                guard !overflow else { return nil }
                bytes = product
            }
            let (sum, overflow) = total.addingReportingOverflow(bytes)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }

    /// Throws when the number of valid lengths is wrong for the mask, or a length does not fit the
    /// keys.
    package func validateLengths(_ lengths: [Int32]) throws(AttentionError) {
        let expected = byteCount(of: .lengths) / 4
        guard lengths.count == expected else {
            throw .lengthCountWrong(found: lengths.count, expected: expected)
        }
        for (index, length) in lengths.enumerated()
        where !(0...shape.keyLength).contains(Int(length)) {
            throw .lengthOutOfRange(
                index: index,
                found: Int(length),
                keyLength: shape.keyLength
            )
        }
    }
}
