import Attention

/// What the shapes of stored tensors mean for an attention problem, and whether they fit together.
struct TensorLayout {
    let path: String
    let archive: TensorArchive

    func required(_ role: TensorArchive.Role) throws(ExperimentError) -> StoredTensor {
        if let tensor = archive.tensors[role] { return tensor }
        let names = TensorArchive.names.first { $0.role == role }?.names ?? []
        let others = archive.others.prefix(8).joined(separator: ", ")
        throw ExperimentError(
            .usage,
            path,
            "has no tensor \(names.joined(separator: " or "))",
            expected: "q, k and v (or query, key and value)",
            remedy: others.isEmpty
                ? "add it" : "rename the one that is meant among \(others), or add it"
        )
    }

    /// The sizes that query, key and value agree on.
    func shape() throws(ExperimentError) -> AttentionShape {
        let query = try required(.query)
        let key = try required(.key)
        let value = try required(.value)
        for tensor in [query, key, value] {
            try requireType(tensor, among: ElementType.floats, for: .numbers)
            try requireSizes(tensor, ranks: 3...4, as: "[B,H,L,D] or [H,L,D]")
        }
        let q = Self.withBatch(query.shape)
        let k = Self.withBatch(key.shape)
        let v = Self.withBatch(value.shape)
        try require(key, query.shape.count == key.shape.count, "rank \(query.shape.count) as q")
        try require(value, query.shape.count == value.shape.count, "rank \(query.shape.count) as q")
        try require(key, k[0] == q[0], "the batch \(q[0]) of q")
        try require(value, v[0] == q[0], "the batch \(q[0]) of q")
        try require(key, k[3] == q[3], "the head dimension \(q[3]) of q")
        try require(value, v[1] == k[1], k[1] == 1 ? "the one head of k" : "the \(k[1]) heads of k")
        try require(value, v[2] == k[2], k[2] == 1 ? "the one row of k" : "the \(k[2]) rows of k")
        try require(key, q[1] % k[1] == 0, "a number of heads that divides the \(q[1]) of q")
        let widest = RunPlan.largestHeadDimension
        try require(query, q[3] <= widest, "a head dimension of at most \(widest)")
        try require(value, v[3] <= widest, "a head dimension of at most \(widest)")
        return AttentionShape(
            batch: q[0],
            heads: q[1],
            keyValueHeads: k[1],
            queryLength: q[2],
            keyLength: k[2],
            headDimension: q[3],
            valueDimension: v[3]
        )
    }

    /// Over what the stored lengths reach.
    func lengths(for shape: AttentionShape) throws(ExperimentError) -> Mask.Lengths {
        guard let tensor = archive.tensors[.lengths] else { return .none }
        try requireType(tensor, among: ElementType.integers, for: .lengths)
        try requireSizes(tensor, ranks: 1...2, as: "[B] or [B,L]")
        switch tensor.shape {
        case [shape.batch]: return .perBatch
        case [shape.batch, shape.queryLength]: return .perRow
        default:
            throw mismatch(
                tensor,
                "[\(shape.batch)] or [\(shape.batch), \(shape.queryLength)], the batch and rows of q"
            )
        }
    }

    /// Over what the stored mask reaches.
    func visibility(for shape: AttentionShape) throws(ExperimentError) -> Mask.Visibility {
        guard let tensor = archive.tensors[.mask] else { return .none }
        try requireType(tensor, among: ElementType.booleans, for: .flags)
        try requireSizes(tensor, ranks: 2...4, as: "[L,S], [B,L,S] or [B,H,L,S]")
        let matrix = [shape.queryLength, shape.keyLength]
        let front = Array(tensor.shape.dropLast(2))
        let hasBatch = try required(.query).shape.count == 4
        if Array(tensor.shape.suffix(2)) == matrix {
            switch front {
            case [], [1], [1, 1]: return .shared
            case [shape.batch], [shape.batch, 1]: return .perBatch
            case [shape.batch, shape.heads], [1, shape.heads]: return .perSlice
            // Beside a query without batch, the first of three sizes is the heads.
            case [shape.heads] where !hasBatch: return .perSlice
            default: break
            }
        }
        let text = "[\(shape.queryLength), \(shape.keyLength)]"
        throw mismatch(
            tensor,
            "\(text) with nothing, \(shape.batch), or \(shape.batch) and \(shape.heads) in front, "
                + "or with 1 for either"
        )
    }

    private static func withBatch(_ shape: [Int]) -> [Int] {
        shape.count == 3 ? [1] + shape : shape
    }

    private func requireType(
        _ tensor: StoredTensor,
        among types: [ElementType],
        for purpose: TypeRefusal.Purpose
    ) throws(ExperimentError) {
        if let type = tensor.elementType, types.contains(type) { return }
        throw try TypeRefusal(tensor).error(for: purpose)
    }

    private func requireSizes(
        _ tensor: StoredTensor,
        ranks: ClosedRange<Int>,
        as expected: String
    ) throws(ExperimentError) {
        guard ranks.contains(tensor.shape.count) else {
            throw tensor.refusal(
                "has the shape \(tensor.shape)",
                expected: expected,
                remedy: "reshape it and write the file again"
            )
        }
        guard tensor.shape.allSatisfy({ $0 >= 1 }) else {
            throw mismatch(tensor, "1 or more along every axis")
        }
    }

    private func require(
        _ tensor: StoredTensor,
        _ condition: Bool,
        _ expected: String
    ) throws(ExperimentError) {
        if !condition { throw mismatch(tensor, expected) }
    }

    private func mismatch(_ tensor: StoredTensor, _ expected: String) -> ExperimentError {
        tensor.refusal(
            "has the shape \(tensor.shape)",
            expected: expected,
            remedy: "write tensors that belong together"
        )
    }
}
