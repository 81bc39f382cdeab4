/// The sizes of one attention problem: query `[B,H,L,D]`, key `[B,Hkv,S,D]`, value `[B,Hkv,S,Dv]`,
/// output `[B,H,L,Dv]`.
///
/// A **slice** is one (batch, head) pair. Tensors lie in memory as `[slice][row][column]`, so that
/// splitting batches and splitting heads are the same operation: taking a range of slices.
package struct AttentionShape: Hashable, Sendable, Codable {
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
    /// D, the columns of query and key.
    package var headDimension: Int
    /// Dv, the columns of value and output.
    package var valueDimension: Int

    package init(
        batch: Int,
        heads: Int,
        keyValueHeads: Int,
        queryLength: Int,
        keyLength: Int,
        headDimension: Int,
        valueDimension: Int
    ) {
        self.batch = batch
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.queryLength = queryLength
        self.keyLength = keyLength
        self.headDimension = headDimension
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
