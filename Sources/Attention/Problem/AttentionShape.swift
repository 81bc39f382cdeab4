/// The sizes of one attention problem: query `[B,H,L,D]`, key `[B,Hkv,S,Dk]`, value
/// `[B,Hkv,S,Dv]`, output `[B,H,L,Dv]`.
///
/// A **slice** is one (batch, head) pair. Tensors lie in memory as `[slice][row][column]`, so that
/// splitting batches and splitting heads are the same operation: taking a range of slices.
package struct AttentionShape: Hashable, Sendable {
    /// B.
    package var batch: Int
    /// H, the query heads.
    package var heads: Int
    /// Hkv, the key/value heads; `heads` is a multiple of it (grouped-query attention).
    package var keyValueHeads: Int
    /// L, the query rows of a slice.
    package var queryLength: Int
    /// S, the key rows of a slice.
    package var keyLength: Int
    /// D, the columns of query.
    package var headDimension: Int
    /// Dk, the columns of key: D, unless the scoring function takes others.
    package var keyDimension: Int
    /// Dv, the columns of value and output.
    package var valueDimension: Int

    package init(
        batch: Int,
        heads: Int,
        keyValueHeads: Int,
        queryLength: Int,
        keyLength: Int,
        headDimension: Int,
        keyDimension: Int? = nil,
        valueDimension: Int
    ) {
        self.batch = batch
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.queryLength = queryLength
        self.keyLength = keyLength
        self.headDimension = headDimension
        self.keyDimension = keyDimension ?? headDimension
        self.valueDimension = valueDimension
    }

    /// B·H, the slices of query and output.
    package var sliceCount: Int { batch * heads }

    /// B·Hkv, the slices of key and value.
    package var keyValueSliceCount: Int { batch * keyValueHeads }

    /// `[B,H,L,Dv]`.
    package var outputShape: [Int] { [batch, heads, queryLength, valueDimension] }

    /// The key/value slice that query slice `slice` attends to.
    package func keyValueSlice(of slice: Int) -> Int {
        let (batchIndex, head) = slice.quotientAndRemainder(dividingBy: heads)
        return batchIndex * keyValueHeads + head / (heads / keyValueHeads)
    }
}

/// In JSON, `keyDimension` is absent where it is D.
extension AttentionShape: Codable {
    private enum CodingKeys: CodingKey {
        case batch, heads, keyValueHeads, queryLength, keyLength
        case headDimension, keyDimension, valueDimension
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        batch = try container.decode(Int.self, forKey: .batch)
        heads = try container.decode(Int.self, forKey: .heads)
        keyValueHeads = try container.decode(Int.self, forKey: .keyValueHeads)
        queryLength = try container.decode(Int.self, forKey: .queryLength)
        keyLength = try container.decode(Int.self, forKey: .keyLength)
        headDimension = try container.decode(Int.self, forKey: .headDimension)
        keyDimension =
            try container.decodeIfPresent(Int.self, forKey: .keyDimension) ?? headDimension
        valueDimension = try container.decode(Int.self, forKey: .valueDimension)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(batch, forKey: .batch)
        try container.encode(heads, forKey: .heads)
        try container.encode(keyValueHeads, forKey: .keyValueHeads)
        try container.encode(queryLength, forKey: .queryLength)
        try container.encode(keyLength, forKey: .keyLength)
        try container.encode(headDimension, forKey: .headDimension)
        if keyDimension != headDimension {
            try container.encode(keyDimension, forKey: .keyDimension)
        }
        try container.encode(valueDimension, forKey: .valueDimension)
    }
}
