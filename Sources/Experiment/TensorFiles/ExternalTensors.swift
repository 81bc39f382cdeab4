import Attention

/// The query, key and value, and perhaps mask and lengths, that somebody else produced: found and
/// checked against each other, to be read later straight to where they are needed.
///
/// Of a `.safetensors` file, a `.npz` file with stored members, or a folder of `.npy` files. Query
/// is `[B,H,L,D]`, key `[B,Hkv,S,D]`, value `[B,Hkv,S,Dv]`, or all three without `B`. Lengths are
/// `[B]` or `[B,L]`, at most S; a mask is boolean, `[L,S]`, `[B,L,S]` or `[B,H,L,S]`, where a size
/// of 1 in front of them stands for all, and what is not zero may be seen.
package struct ExternalTensors: Equatable, Sendable {
    package let path: String
    package let shape: AttentionShape
    /// Which lengths and which boolean mask there are; its band is none.
    package let mask: Mask
    /// Of the query as it is stored, 3 or 4.
    package let rank: Int
    /// Tensors that are there and not read.
    package let ignoredNames: [String]
    let tensors: [TensorName: StoredTensor]

    /// Reads and checks what the files say about themselves; of the elements, nothing yet.
    package init(reading path: String) throws(ExperimentError) {
        let archive = try TensorArchive(reading: path)
        let layout = TensorLayout(path: path, archive: archive)
        shape = try layout.shape()
        let lengths = try layout.lengths(for: shape)
        let visibility = try layout.visibility(for: shape)
        mask = Mask(lengths: lengths, visibility: visibility)
        rank = try layout.required(.query).shape.count
        ignoredNames = archive.others
        self.path = path
        var tensors: [TensorName: StoredTensor] = [
            .query: try layout.required(.query),
            .key: try layout.required(.key),
            .value: try layout.required(.value),
        ]
        tensors[.lengths] = archive.tensors[.lengths]
        tensors[.visibility] = archive.tensors[.mask]
        self.tensors = tensors
    }

    /// The shape in which an output is written, so that it has the rank of the query.
    package var outputShape: [Int] {
        let sizes = [shape.batch, shape.heads, shape.queryLength, shape.valueDimension]
        return rank == 3 ? Array(sizes.dropFirst()) : sizes
    }
}
