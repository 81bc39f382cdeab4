import Attention
import Testing

@Suite struct KeyPatternTests {
    private func problem(
        _ pattern: KeyPattern,
        band: Mask.Band = .none,
        heads: Int = 1,
        rows: Int = 10,
        keys: Int = 10
    ) -> AttentionProblem {
        AttentionProblem(
            shape: AttentionShape(
                batch: 1,
                heads: heads,
                keyValueHeads: heads,
                queryLength: rows,
                keyLength: keys,
                headDimension: 1,
                valueDimension: 1
            ),
            mask: Mask(band: band, pattern: pattern)
        )
    }

    private func keys(_ problem: AttentionProblem, row: Int, slice: Int = 0) -> [Int] {
        RowVisibility(problem).visibleKeys(slice: slice, row: row)
    }

    @Test func `a window looks back, its own key included, and ahead`() {
        #expect(keys(problem(.window(back: 3, ahead: 0)), row: 5) == [3, 4, 5])
        #expect(keys(problem(.window(back: 3, ahead: 0)), row: 0) == [0])
        #expect(keys(problem(.window(back: 2, ahead: 2)), row: 5) == [4, 5, 6, 7])
        #expect(keys(problem(.window(back: 0, ahead: 2)), row: 9) == [])
        let shifted = problem(.window(back: 2, ahead: 0), band: .causalBottomRight, rows: 4)
        #expect(keys(shifted, row: 0) == [5, 6])
    }

    @Test func `global tokens see all and are seen by all`() {
        let pattern = KeyPattern.longformer(LongformerPattern(window: 2, globals: [0, 7]))
        #expect(keys(problem(pattern), row: 4) == [0, 3, 4, 5, 7])
        #expect(keys(problem(pattern), row: 7) == Array(0..<10))
        #expect(keys(problem(pattern, band: .causal), row: 7) == Array(0..<8))
    }

    @Test func `BigBird sees its window, global and random blocks`() {
        let bird = BigBirdPattern(window: 3, random: 2, global: 1, block: 4, seed: 5)
        let shape = problem(.bigBird(bird), rows: 80, keys: 80)
        #expect(keys(shape, row: 2) == Array(0..<80))
        for row in [20, 41, 79] {
            let seen = Set(keys(shape, row: row).map { $0 / 4 })
            let block = row / 4
            #expect(seen.isSuperset(of: [0, block - 1, block]))
            #expect(seen.count == (block == 19 ? 5 : 6))
        }
        // Rows of a block see the same, blocks mostly not.
        #expect(keys(shape, row: 40) == keys(shape, row: 43))
        let random = (2..<18).map { bird.randomBlocks(row: $0, keyLength: 80) }
        #expect(Set(random).count > 8)
        for (index, blocks) in random.enumerated() {
            let row = index + 2
            #expect(Set(blocks).count == 2 && blocks == blocks.sorted())
            #expect(blocks.allSatisfy { $0 >= 1 && $0 < 20 && abs($0 - row) > 1 })
        }
    }

    @Test func `random blocks are the ones that another language draws`() {
        // By the recipe in BigBirdPattern, computed with Python's integers.
        let bird = BigBirdPattern(window: 3, random: 3, global: 1, block: 64, seed: 7)
        #expect(bird.randomBlocks(row: 0, keyLength: 4096) == [20, 31, 54])
        #expect(bird.randomBlocks(row: 31, keyLength: 4096) == [44, 56, 60])
    }

    @Test func `random blocks run out without repeating`() {
        let bird = BigBirdPattern(window: 1, random: 99, global: 1, block: 8, seed: 3)
        #expect(bird.randomBlocks(row: 3, keyLength: 60) == [1, 2, 4, 5, 6, 7])
        #expect(bird.randomBlocks(row: 0, keyLength: 8) == [])
    }

    @Test func `visible pairs count what the pattern shows`() {
        let patterns: [KeyPattern] = [
            .window(back: 30, ahead: 2),
            .longformer(LongformerPattern(window: 10, globals: [4, 5, 90])),
            .bigBird(BigBirdPattern(window: 3, random: 2, global: 1, block: 7, seed: 2)),
            .blocks(
                BlockLayout(
                    block: 33,
                    heads: 2,
                    rowBlocks: 4,
                    keyBlocks: 4,
                    isVisible: (0..<32).map { $0 % 3 != 0 }
                )
            ),
        ]
        for pattern in patterns {
            for band in [Mask.Band.none, .causal, .causalBottomRight] {
                let problem = problem(pattern, band: band, heads: 2, rows: 110, keys: 120)
                let rule = RowVisibility(problem)
                var pairs = 0
                for slice in 0..<2 {
                    for row in 0..<110 { pairs += rule.visibleKeys(slice: slice, row: row).count }
                }
                #expect(problem.visiblePairs(lengths: nil, visibility: nil) == pairs)
                #expect(pairs > 0)
            }
        }
    }

    @Test func `impossible patterns are refused`() {
        let layout = BlockLayout(
            block: 4,
            heads: 1,
            rowBlocks: 2,
            keyBlocks: 3,
            isVisible: [Bool](repeating: true, count: 6)
        )
        let wrong: [KeyPattern] = [
            .window(back: 0, ahead: 0), .window(back: -1, ahead: 5),
            .longformer(LongformerPattern(window: 3, globals: [])),
            .longformer(LongformerPattern(window: 2, globals: [10])),
            .longformer(LongformerPattern(window: 2, globals: [4, 4])),
            .bigBird(BigBirdPattern(window: 2, random: 1, global: 1, block: 4, seed: 1)),
            .bigBird(BigBirdPattern(window: 1, random: -1, global: 1, block: 4, seed: 1)),
            .bigBird(BigBirdPattern(window: 1, random: 1, global: 1, block: 0, seed: 1)),
            .blocks(layout),
        ]
        for pattern in wrong {
            #expect(throws: AttentionError.self) { try problem(pattern).validate() }
        }
        #expect(throws: Never.self) {
            try problem(.blocks(layout), rows: 8, keys: 12).validate()
        }
    }

    @Test func `impossible soft caps and slopes are refused`() {
        for cap in [0, -1, .nan, .infinity] as [Float] {
            var wrong = problem(.none)
            wrong.softCap = cap
            #expect(throws: AttentionError.self) { try wrong.validate() }
        }
        for slopes in [[0.5, 0.5], [-1], [.nan]] as [[Float]] {
            var wrong = problem(.none)
            wrong.alibi = slopes
            #expect(throws: AttentionError.self) { try wrong.validate() }
        }
    }
}
