import Attention

/// A problem in one line; sizes default to 1, and the keys to the queries.
func makeProblem(
    batch: Int = 1,
    heads: Int = 1,
    keyValueHeads: Int? = nil,
    queryLength: Int = 1,
    keyLength: Int? = nil,
    headDimension: Int = 1,
    valueDimension: Int? = nil,
    mask: Mask = .none,
    scoreScale: Float? = nil,
    maskedRows: MaskedRows = .zeros
) -> AttentionProblem {
    AttentionProblem(
        shape: AttentionShape(
            batch: batch,
            heads: heads,
            keyValueHeads: keyValueHeads ?? heads,
            queryLength: queryLength,
            keyLength: keyLength ?? queryLength,
            headDimension: headDimension,
            valueDimension: valueDimension ?? headDimension
        ),
        mask: mask,
        score: scoreScale.map { .scaledDot(scale: $0) },
        maskedRows: maskedRows
    )
}

extension AttentionInputs {
    func floats(of tensor: TensorName) -> UnsafeMutableBufferPointer<Float> {
        bytes(of: tensor).bindMemory(to: Float.self)
    }

    func set(_ tensor: TensorName, _ values: [Float]) {
        _ = floats(of: tensor).update(fromContentsOf: values)
    }

    func setLengths(_ values: [Int32]) {
        _ = bytes(of: .lengths).bindMemory(to: Int32.self).update(fromContentsOf: values)
    }

    func setVisibility(_ values: [UInt8]) {
        _ = bytes(of: .visibility).bindMemory(to: UInt8.self).update(fromContentsOf: values)
    }
}

/// The error a body throws; nil when it throws none.
func thrownError(_ body: () throws -> Void) -> AttentionError? {
    do {
        try body()
        return nil
    } catch {
        return error as? AttentionError
    }
}
