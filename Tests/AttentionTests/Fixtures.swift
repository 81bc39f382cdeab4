import Attention

/// A problem in one line; what is not said is 1, or as many keys as queries.
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
        scoreScale: scoreScale,
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

/// SplitMix64: the tests' own randomness, replayed from the seed a failure prints.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
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
