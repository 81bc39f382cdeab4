import Attention

/// The shapes of an input's tensors, and what they mean together.
///
/// It looks at nothing else, so that every reading of the shapes can be held against the others.
struct InputShapes: Equatable, Sendable {
    var kind = InputKind.attention
    /// Three or four sizes, the batch being the first of four; of a layer two or three.
    ///
    /// Key and value are like it. For a softmax these are the sizes of its scores.
    var query: [Int]
    /// Nil where a layer's input has none of its own, as below.
    var key: [Int]?
    var value: [Int]?
    /// One to four sizes.
    var mask: [Int]? = nil
    /// One to four sizes, which mean what the mask's mean.
    var bias: [Int]? = nil
    /// One or two sizes.
    var lengths: [Int]? = nil
    /// Whether the input has parameters of a scoring function that takes keys of any columns.
    var takesOtherKeys = false
    /// The heads that the user stated, which sizes `[B,L,H·D]` do not show.
    var stated = StatedHeads()

    /// What the shapes mean when the axes of query, key and value are in the order of `layout`.
    func reading(as layout: TensorLayout) throws(ShapeMisfit) -> InputReading {
        let shape =
            switch kind {
            case .attention: try shape(as: layout)
            case .scores: scoresShape
            case .layer(let heads): try layerShape(heads: heads)
            }
        var reading = InputReading(shape: shape)
        if kind == .scores {
            reading.scoresAxes = [shape.batch, shape.heads, shape.queryLength, shape.keyLength]
        }
        if let lengths { reading.lengthAxes = try Self.lengthAxes(lengths, for: shape) }
        if let mask {
            (reading.maskAxes, reading.otherMaskAxes) = try axes(mask, .mask, for: shape)
        }
        if let bias {
            (reading.biasAxes, reading.otherBiasAxes) = try axes(bias, .bias, for: shape)
        }
        return reading
    }

    /// The sizes that query, key and value agree on.
    private func shape(as layout: TensorLayout) throws(ShapeMisfit) -> AttentionShape {
        guard let key, let value else {
            preconditionFailure("attention has keys and values")
        }
        try require(.key, key.count == query.count, "rank \(query.count) as q")
        try require(.value, value.count == query.count, "rank \(query.count) as q")
        let (q, k, v) =
            layout == .bld
            ? try packedAxes(query, key, value)
            : (layout.axes(of: query), layout.axes(of: key), layout.axes(of: value))
        try require(.key, k[0] == q[0], "the batch \(q[0]) of q")
        try require(.value, v[0] == q[0], "the batch \(q[0]) of q")
        if !takesOtherKeys {
            try require(
                .key,
                k[3] == q[3],
                "the head dimension \(q[3]) of q",
                (packedRemedy ?? "write tensors whose shapes match")
                    + "; or add w [\(q[3]), \(k[3])] for --scoring bilinear, or w_q, w_k and w_v for "
                    + "additive"
            )
        }
        try require(
            .value,
            v[1] == k[1],
            k[1] == 1 ? "the one head of k" : "the \(k[1]) heads of k"
        )
        // Of three tensors, the one that differs from the two others is wrong.
        let isKeyOdd = v[2] == q[2]
        let rows = isKeyOdd ? v[2] : k[2]
        try require(
            isKeyOdd ? .key : .value,
            v[2] == k[2],
            "the \(rows == 1 ? "one row" : "\(rows) rows") of \(isKeyOdd ? "v" : "k")"
        )
        try require(.key, q[1] % k[1] == 0, "a number of heads that divides the \(q[1]) of q")
        let widest = AttentionProblem.largestDimension
        try require(.query, q[3] <= widest, "a head dimension of at most \(widest)", packedRemedy)
        try require(.key, k[3] <= widest, "a head dimension of at most \(widest)")
        try require(.value, v[3] <= widest, "a head dimension of at most \(widest)")
        return AttentionShape(
            batch: q[0],
            heads: q[1],
            keyValueHeads: k[1],
            queryLength: q[2],
            keyLength: k[2],
            headDimension: q[3],
            keyDimension: k[3],
            valueDimension: v[3]
        )
    }

    func require(
        _ role: TensorArchive.Role,
        _ condition: Bool,
        _ expected: String,
        _ remedy: String? = nil
    ) throws(ShapeMisfit) {
        guard condition else { throw ShapeMisfit(role: role, expected: expected, remedy: remedy) }
    }

    /// Along batch and rows: `[B]`, or `[B,L]`, with 1 for either.
    private static func lengthAxes(
        _ sizes: [Int],
        for shape: AttentionShape
    ) throws(ShapeMisfit) -> [Int] {
        let axes = sizes.count == 1 ? [sizes[0], 1] : sizes
        let whole = [shape.batch, shape.queryLength]
        guard fits(axes, whole) else {
            throw ShapeMisfit(
                role: .lengths,
                expected: "[\(shape.batch)] or [\(shape.batch), \(shape.queryLength)], the batch "
                    + "and rows of q, or 1 for either"
            )
        }
        return axes
    }

    /// How the sizes of a mask or a bias are read, and how else they can be.
    private func axes(
        _ sizes: [Int],
        _ role: TensorArchive.Role,
        for shape: AttentionShape
    ) throws(ShapeMisfit) -> (first: [Int], other: [Int]?) {
        let found = maskReadings(sizes, for: shape)
        guard let first = found.first else { throw maskMisfit(role, for: shape) }
        return (first, found.dropFirst().first { $0 != first })
    }

    /// Every way to read a mask along batch, heads, rows and keys, the one that holds first.
    ///
    /// The last sizes are those of rows and keys, as NumPy broadcasts: `[L,S]`, then a batch in front,
    /// `[B,L,S]`. What does not fit so may be `[H,L,S]`, and of two sizes `[B,S]`.
    private func maskReadings(_ sizes: [Int], for shape: AttentionShape) -> [[Int]] {
        let readings: [[Int]] =
            switch sizes.count {
            case 1: [[1, 1, 1, sizes[0]]]
            case 2: [[1, 1, sizes[0], sizes[1]], [sizes[0], 1, 1, sizes[1]]]
            case 3: [[sizes[0], 1, sizes[1], sizes[2]], [1, sizes[0], sizes[1], sizes[2]]]
            default: [sizes]
            }
        let whole = [shape.batch, shape.heads, shape.queryLength, shape.keyLength]
        return readings.filter { Self.fits($0, whole) }
    }

    private func maskMisfit(_ role: TensorArchive.Role, for shape: AttentionShape) -> ShapeMisfit {
        let (b, h, l, s) = (shape.batch, shape.heads, shape.queryLength, shape.keyLength)
        return ShapeMisfit(
            role: role,
            expected: "[B,H,L,S] = [\(b), \(h), \(l), \(s)] with 1 along any axis, or [B,L,S], "
                + "[H,L,S], [L,S], [B,S] or [S] of it"
        )
    }

    private static func fits(_ axes: [Int], _ whole: [Int]) -> Bool {
        zip(axes, whole).allSatisfy { $0 == 1 || $0 == $1 }
    }
}

/// What shapes mean: the sizes of the problem, and what mask and lengths reach over.
struct InputReading: Equatable, Sendable {
    var shape: AttentionShape
    /// The mask's sizes along batch, heads, rows and keys, 1 where it holds for all.
    var maskAxes: [Int]? = nil
    /// The same when the mask's shape can also be read so, which means something else.
    var otherMaskAxes: [Int]? = nil
    /// The sizes of the lengths along batch and rows, 1 where they hold for all.
    var lengthAxes: [Int]? = nil

    /// The bias's sizes, as those of the mask.
    var biasAxes: [Int]? = nil
    var otherBiasAxes: [Int]? = nil
    /// Whether some of the bias is −∞, which hides keys.
    var biasHides = false
    /// The sizes of the scores of a softmax along batch, heads, rows and keys.
    var scoresAxes: [Int]? = nil
    /// Whether some of them are −∞, which hides keys.
    var scoresHide = false

    /// What mask, bias and lengths broadcast over once they are loaded.
    ///
    /// The boolean mask hides what the mask hides and what a bias or a score of −∞ hides.
    var mask: Mask {
        var mask = Mask.none
        if let lengthAxes { mask.lengths = lengthAxes[1] > 1 ? .perRow : .perBatch }
        mask.bias = pairs(biasAxes)
        let hiding = [maskAxes, biasHides ? biasAxes : nil, scoresHide ? scoresAxes : nil]
            .compactMap { $0 }
        mask.visibility = pairs(
            hiding.dropFirst().reduce(hiding.first) { all, one in
                all.map { zip($0, one).map(max) }
            }
        )
        return mask
    }

    private func pairs(_ axes: [Int]?) -> Mask.Pairs {
        guard let axes else { return .none }
        if axes[1] > 1 { return axes[0] > 1 || shape.batch == 1 ? .perSlice : .perHead }
        return axes[0] > 1 ? .perBatch : .shared
    }
}

/// A tensor whose shape does not match the others.
struct ShapeMisfit: Error, Equatable {
    var role: TensorArchive.Role
    var expected: String
    /// A remedy, if there is a better one than to write other tensors.
    var remedy: String? = nil
}
