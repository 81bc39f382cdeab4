import Attention

/// Heads that a user stated.
package struct StatedHeads: Equatable, Sendable {
    package var heads: Int?
    package var keyValueHeads: Int?

    package init(heads: Int? = nil, keyValueHeads: Int? = nil) {
        self.heads = heads
        self.keyValueHeads = keyValueHeads
    }
}

/// Tensors `[B,L,H·D]`, whose heads lie side by side in a row.
extension InputShapes {
    /// The sizes `[B,H,L,D]` of query, key and value.
    ///
    /// Where the key/value heads are not stated, they are as wide as those of the query.
    func packedAxes(
        _ query: [Int],
        _ key: [Int],
        _ value: [Int]
    ) throws(ShapeMisfit) -> (query: [Int], key: [Int], value: [Int]) {
        guard let heads = stated.heads else {
            throw ShapeMisfit(
                role: .query,
                expected: "--heads, which the file does not hold",
                remedy: "give --heads with the number of query heads"
            )
        }
        let columns = try columns(of: .query, query, "--heads", heads)
        var keyValueHeads = stated.keyValueHeads
        if keyValueHeads == nil {
            try require(
                .key,
                key[2] % columns == 0,
                "heads of \(columns) columns, as those of q",
                "give --kv-heads with the number of key/value heads"
            )
            keyValueHeads = key[2] / columns
        }
        let groups = keyValueHeads ?? heads
        let keyColumns = try self.columns(of: .key, key, "--kv-heads", groups)
        let valueColumns = try self.columns(of: .value, value, "--kv-heads", groups)
        return (
            [query[0], heads, query[1], columns], [key[0], groups, key[1], keyColumns],
            [value[0], groups, value[1], valueColumns]
        )
    }

    private func columns(
        of role: TensorArchive.Role,
        _ sizes: [Int],
        _ flag: String,
        _ heads: Int
    ) throws(ShapeMisfit) -> Int {
        try require(
            role,
            sizes[2] % heads == 0,
            "columns that \(flag) \(heads) divides",
            "give \(flag) \(sizes[2].divisorsInWords)"
        )
        return sizes[2] / heads
    }

    /// What to do where three sizes do not fit, and the last one may hold several heads.
    var packedRemedy: String? {
        guard query.count == 3, query[2] > 1 else { return nil }
        let heads = query[2].divisorsInWords
        return "if it is [B,L,H·D], give --heads with H, one of \(heads)"
    }

    /// The layout to read the shapes in: the one of the plan, unless only rows of several heads have as
    /// many as were stated.
    func layout(besides given: TensorLayout) -> TensorLayout {
        guard given != .bld, let heads = stated.heads, let packed = packed else { return given }
        // Why it does not fit is told where it is read.
        let own = try? reading(as: given).shape
        return own?.heads == heads || packed.heads != heads ? given : .bld
    }

    /// The sizes of `[B,L,H·D]`, where the shapes fit that.
    var packed: AttentionShape? {
        guard kind == .attention, query.count == 3, stated.heads != nil else { return nil }
        // What does not fit is no such reading.
        return try? reading(as: .bld).shape
    }
}
