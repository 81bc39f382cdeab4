import Attention
import Work

/// The shapes of inputs of other operations than attention, and other orders of axes.
extension InputShapes {
    /// What the shapes mean in the other order of axes; nil when they fit none.
    ///
    /// The rows of a layer may stand before the batch, as PyTorch has them unless told otherwise. Scores
    /// have one order only.
    func otherReading(than layout: TensorLayout) -> InputReading? {
        do throws(ShapeMisfit) {
            switch kind {
            case .attention: return layout == .bld ? nil : try reading(as: layout.other)
            case .scores: return nil
            case .layer:
                return query.count == 3 ? try withRowsFirst.reading(as: layout) : nil
            }
        } catch {
            // Why another does not fit is of no interest.
            return nil
        }
    }

    private var withRowsFirst: InputShapes {
        func turned(_ sizes: [Int]) -> [Int] {
            var sizes = sizes
            if sizes.count == 3 { sizes.swapAt(0, 1) }
            return sizes
        }
        var shapes = self
        (shapes.query, shapes.key, shapes.value) = (
            turned(query), key.map(turned), value.map(turned)
        )
        return shapes
    }

    /// With three sizes `[B,L,S]`, there is one head.
    var scoresShape: AttentionShape {
        let sizes = query.count == 3 ? [query[0], 1, query[1], query[2]] : query
        return AttentionShape(
            batch: sizes[0],
            heads: sizes[1],
            keyValueHeads: sizes[1],
            queryLength: sizes[2],
            keyLength: sizes[3],
            headDimension: 1,
            valueDimension: 1
        )
    }

    /// With two sizes `[L,E]`, there is one batch element.
    func layerShape(heads: Int) throws(ShapeMisfit) -> AttentionShape {
        let q = query.count == 2 ? [1] + query : query
        let rank = query.count
        var keyLength = q[1]
        if let key {
            try require(.key, key.count == rank, "rank \(rank) as query")
            let k = rank == 2 ? [1] + key : key
            try require(.key, k[0] == q[0], "the batch \(q[0]) of query")
            try require(.key, k[2] == q[2], "the \(q[2]) columns of query")
            keyLength = k[1]
            if let value { try require(.value, value == key, "\(key), as key") }
        }
        let columns = q[2]
        try require(
            .query,
            columns % heads == 0,
            "columns that --heads \(heads) divides",
            "give --heads \(columns.divisorsInWords)"
        )
        let (widest, largest) = (
            AttentionProblem.largestDimension, MultiHeadLayer.largestEmbedding
        )
        try require(.query, columns <= largest, "at most \(largest) columns")
        try require(
            .query,
            columns / heads <= widest,
            "at most \(widest) columns for each of --heads \(heads)",
            "give more heads"
        )
        return AttentionShape(
            batch: q[0],
            heads: heads,
            keyValueHeads: heads,
            queryLength: q[1],
            keyLength: keyLength,
            headDimension: columns / heads,
            valueDimension: columns / heads
        )
    }
}
