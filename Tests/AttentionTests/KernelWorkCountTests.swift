import Attention
import Testing

@Suite struct KernelWorkCountTests {
    @Test func `visible pairs are those that the mask shows`() {
        for mask in allMasks {
            for (rows, keys) in [(1, 1), (5, 9), (9, 5)] {
                let test = KernelCase(
                    batch: 2,
                    heads: 4,
                    keyValueHeads: 2,
                    rows: rows,
                    keys: keys,
                    dimension: 2,
                    mask: mask,
                    seed: 41
                )
                var expected = 0
                for slice in 0..<8 {
                    for row in 0..<rows {
                        for key in 0..<keys
                        where test.isVisible(slice: slice, row: row, key: key) { expected += 1 }
                    }
                }
                let pairs = test.withView {
                    test.problem.visiblePairs(lengths: $0.lengths, visibility: $0.visibility)
                }
                #expect(pairs == expected, "\(mask) L=\(rows) S=\(keys)")
            }
        }
    }

    @Test func `a key counts once for the heads that share it, if one of their rows sees it`() {
        for mask in allMasks {
            for (rows, keys) in [(1, 1), (5, 9), (9, 5), (2, 40)] {
                let test = KernelCase(
                    batch: 2,
                    heads: 4,
                    keyValueHeads: 2,
                    rows: rows,
                    keys: keys,
                    dimension: 2,
                    mask: mask,
                    seed: 43
                )
                var expected = 0
                for first in stride(from: 0, to: 8, by: 2) {
                    for key in 0..<keys {
                        let isSeen = (first..<first + 2).contains { slice in
                            (0..<rows).contains { test.isVisible(slice: slice, row: $0, key: key) }
                        }
                        if isSeen { expected += 1 }
                    }
                }
                var additive = test.problem
                additive.score.function = .additive(hidden: 3)
                test.withView { view in
                    let seen = test.problem.seenKeys(
                        lengths: view.lengths,
                        visibility: view.visibility
                    )
                    #expect(seen == expected, "\(mask) L=\(rows) S=\(keys)")
                    // 2·D·N operations for a query or a key, and 8 bytes of key and 8 of value.
                    let flops = additive.preparationFlops(
                        lengths: view.lengths,
                        visibility: view.visibility
                    )
                    #expect(flops == (8 * rows + expected) * 12)
                    let bytes = test.problem.tensorBytes(
                        lengths: view.lengths,
                        visibility: view.visibility
                    )
                    #expect(test.problem.tensorBytes - bytes == (4 * keys - expected) * 16)
                }
            }
        }
    }

    @Test func `a causal problem counts its triangle, a full one its square`() {
        let shape = AttentionShape(
            batch: 2,
            heads: 3,
            keyValueHeads: 3,
            queryLength: 100,
            keyLength: 100,
            headDimension: 64,
            valueDimension: 32
        )
        let full = AttentionProblem(shape: shape)
        let causal = AttentionProblem(shape: shape, mask: Mask(band: .causal))
        let fullPairs = full.visiblePairs(lengths: nil, visibility: nil)
        #expect(fullPairs == 6 * 100 * 100)
        #expect(causal.visiblePairs(lengths: nil, visibility: nil) == 6 * 100 * 101 / 2)
        #expect(full.flopsPerPair == 2 * (64 + 32))
        #expect(full.tensorBytes == 6 * 100 * (64 + 64 + 32 + 32) * 4)
    }

    @Test func `a shard's pairs add up to the problem's`() {
        let test = KernelCase(
            batch: 2,
            heads: 2,
            rows: 90,
            keys: 50,
            dimension: 2,
            mask: Mask(band: .causal, lengths: .perRow, visibility: .perBatch)
        )
        test.withView { view in
            var sum = 0
            for slice in 0..<4 {
                for rows in [0..<64, 64..<90] {
                    sum += test.problem.visiblePairs(
                        slice: slice,
                        rows: rows,
                        lengths: view.lengths,
                        visibility: view.visibility
                    )
                }
            }
            let whole = test.problem.visiblePairs(
                lengths: view.lengths,
                visibility: view.visibility
            )
            #expect(sum == whole)
        }
    }
}
