import Attention
import Testing

@testable import Tensors

/// What shapes mean, and which layout they suggest.
struct InputShapesTests {
    enum Judgement {
        case likely, doubtful, impossible
    }

    /// How the tensors are named below: q, then k, which v is like.
    private func judgement(
        _ query: [Int],
        _ key: [Int],
        mask: [Int]? = nil,
        lengths: [Int]? = nil,
        as layout: TensorLayout
    ) -> Judgement {
        let shapes = InputShapes(
            query: query,
            key: key,
            value: key,
            mask: mask,
            lengths: lengths
        )
        return switch shapes.judgement(of: layout) {
        case .likely: .likely
        case .doubtful: .doubtful
        case .impossible: .impossible
        }
    }

    @Test(
        arguments: [
            // Self-attention: more rows than heads, as many, fewer.
            ([2, 8, 300, 64], [2, 8, 300, 64], .likely, .doubtful),
            ([2, 8, 9, 64], [2, 8, 9, 64], .likely, .doubtful),
            ([2, 8, 8, 64], [2, 8, 8, 64], .doubtful, .doubtful),
            ([2, 8, 7, 64], [2, 8, 7, 64], .doubtful, .likely),
            ([2, 300, 8, 64], [2, 300, 8, 64], .doubtful, .likely),
            ([8, 300, 64], [8, 300, 64], .likely, .doubtful),
            ([300, 8, 64], [300, 8, 64], .doubtful, .likely),
            // Of one head or one row.
            ([2, 1, 300, 64], [2, 1, 300, 64], .likely, .doubtful),
            ([2, 1, 1, 64], [2, 1, 1, 64], .likely, .likely),
            ([1, 8, 64], [1, 8, 64], .likely, .doubtful),
            // By grouped heads, of a short sequence too.
            ([1, 32, 2048, 128], [1, 8, 2048, 128], .likely, .doubtful),
            ([1, 32, 8, 128], [1, 8, 8, 128], .likely, .doubtful),
            ([1, 2048, 32, 128], [1, 2048, 8, 128], .doubtful, .likely),
            ([1, 8, 32, 128], [1, 8, 8, 128], .doubtful, .likely),
            // A step of decoding, its first one too, and a chunk of rows before many keys.
            ([1, 32, 1, 128], [1, 8, 4096, 128], .likely, .impossible),
            ([1, 32, 1, 128], [1, 32, 4096, 128], .likely, .impossible),
            ([1, 32, 1, 128], [1, 8, 1, 128], .likely, .doubtful),
            ([1, 1, 32, 128], [1, 1, 8, 128], .doubtful, .likely),
            ([1, 32, 1, 128], [1, 32, 1, 128], .doubtful, .likely),
            ([1, 32, 16, 128], [1, 8, 4096, 128], .likely, .impossible),
            ([1, 1, 32, 128], [1, 4096, 8, 128], .impossible, .likely),
            ([1, 16, 32, 128], [1, 4096, 8, 128], .impossible, .likely),
            // Other keys than rows.
            ([1, 8, 200, 64], [1, 8, 100, 64], .likely, .doubtful),
            ([1, 8, 200, 64], [1, 8, 150, 64], .likely, .impossible),
            ([1, 100, 16, 64], [1, 50, 16, 64], .doubtful, .likely),
            ([1, 300, 8, 64], [1, 500, 8, 64], .impossible, .likely),
            // Neither.
            ([1, 8, 64, 64], [1, 3, 7, 64], .impossible, .impossible),
            ([1, 8, 64, 64], [1, 8, 64, 32], .impossible, .impossible),
            ([1, 8, 64, 64], [8, 64, 64], .impossible, .impossible),
        ] as [([Int], [Int], Judgement, Judgement)]
    )
    func `a layout is judged by all sizes, against the other layout`(
        query: [Int],
        key: [Int],
        bhld: Judgement,
        blhd: Judgement
    ) {
        #expect(judgement(query, key, as: .bhld) == bhld)
        #expect(judgement(query, key, as: .blhd) == blhd)
        // The same sizes the other way round are judged the other way round.
        let turned = [query, key].map { sizes in
            var sizes = sizes
            sizes.swapAt(sizes.count - 3, sizes.count - 2)
            return sizes
        }
        #expect(judgement(turned[0], turned[1], as: .blhd) == bhld)
        #expect(judgement(turned[0], turned[1], as: .bhld) == blhd)
    }

    @Test(
        arguments: [
            ([7, 7], nil, .impossible, .likely), ([5, 5], nil, .likely, .impossible),
            ([2, 7, 5, 5], nil, .likely, .impossible),
            ([2, 1, 1, 5], nil, .likely, .impossible), ([5], nil, .likely, .impossible),
            ([2, 1], nil, .doubtful, .likely), (nil, [2, 5], .likely, .impossible),
            (nil, [2, 7], .impossible, .likely), (nil, [2], .doubtful, .likely),
            ([7, 7], [2, 5], .impossible, .impossible),
        ] as [([Int]?, [Int]?, Judgement, Judgement)]
    )
    func `a mask or lengths that fit one layout alone decide`(
        mask: [Int]?,
        lengths: [Int]?,
        bhld: Judgement,
        blhd: Judgement
    ) {
        // Five rows in seven heads, or the other way round.
        let sizes = [2, 7, 5, 16]
        #expect(judgement(sizes, sizes, mask: mask, lengths: lengths, as: .bhld) == bhld)
        #expect(judgement(sizes, sizes, mask: mask, lengths: lengths, as: .blhd) == blhd)
    }

    /// B 2, H 4, L 3, S 7.
    @Test(
        arguments: [
            ([2, 4, 3, 7], [2, 4, 3, 7]), ([1, 4, 3, 7], [1, 4, 3, 7]),
            ([2, 1, 1, 7], [2, 1, 1, 7]), ([2, 4, 3, 1], [2, 4, 3, 1]),
            ([1, 1, 1, 1], [1, 1, 1, 1]), ([2, 3, 7], [2, 1, 3, 7]), ([4, 3, 7], [1, 4, 3, 7]),
            ([1, 3, 7], [1, 1, 3, 7]), ([2, 1, 7], [2, 1, 1, 7]), ([4, 1, 7], [1, 4, 1, 7]),
            ([3, 7], [1, 1, 3, 7]), ([2, 7], [2, 1, 1, 7]), ([1, 7], [1, 1, 1, 7]),
            ([3, 1], [1, 1, 3, 1]), ([7], [1, 1, 1, 7]), ([1], [1, 1, 1, 1]), ([3], nil),
            ([7, 3], nil), ([4, 7], nil), ([3, 3, 7], nil), ([4, 2, 3, 7], nil),
            ([2, 4, 7, 3], nil),
        ] as [([Int], [Int]?)]
    )
    func `a mask is read along the axes that fit it`(mask: [Int], axes: [Int]?) throws {
        let shapes = InputShapes(
            query: [2, 4, 3, 5],
            key: [2, 2, 7, 5],
            value: [2, 2, 7, 6],
            mask: mask
        )
        guard let axes else {
            #expect(throws: ShapeMisfit.self) { try shapes.reading(as: .bhld) }
            return
        }
        let reading = try shapes.reading(as: .bhld)
        #expect(reading.maskAxes == axes)
        #expect(reading.otherMaskAxes == nil)
    }

    @Test(
        arguments: [
            // B = L: rows win. B = H: the batch wins.
            ([3, 4, 3, 5], [3, 7], [1, 1, 3, 7], [3, 1, 1, 7]),
            ([3, 4, 3, 5], [3, 1], [1, 1, 3, 1], [3, 1, 1, 1]),
            ([4, 4, 3, 5], [4, 3, 7], [4, 1, 3, 7], [1, 4, 3, 7]),
            ([4, 4, 3, 5], [4, 1, 7], [4, 1, 1, 7], [1, 4, 1, 7]),
            ([4, 4, 3, 5], [1, 3, 7], [1, 1, 3, 7], nil),
            ([1, 1, 1, 5], [1, 7], [1, 1, 1, 7], nil),
            ([1, 1, 3, 5], [1, 3, 7], [1, 1, 3, 7], nil),
            // Without a batch in q there is none in the mask.
            ([4, 3, 5], [4, 3, 7], [1, 4, 3, 7], nil), ([4, 4, 5], [4, 7], [1, 1, 4, 7], nil),
        ] as [([Int], [Int], [Int], [Int]?)]
    )
    func `a mask that can be read in two ways has both`(
        query: [Int],
        mask: [Int],
        axes: [Int],
        others: [Int]?
    ) throws {
        var key = query
        key[key.count - 2] = 7
        let shapes = InputShapes(query: query, key: key, value: key, mask: mask)
        let reading = try shapes.reading(as: .bhld)
        #expect(reading.maskAxes == axes)
        #expect(reading.otherMaskAxes == others)
    }
}
