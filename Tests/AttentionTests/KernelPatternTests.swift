import Attention
import TestSupport
import Testing

/// Sparse patterns, soft caps and slopes on the kernels, against the definition.
@Suite struct KernelPatternTests {
    static let tolerance = 2e-6

    static let patterns: [KeyPattern] = [
        .window(back: 1, ahead: 0), .window(back: 40, ahead: 0), .window(back: 0, ahead: 9),
        .window(back: 130, ahead: 33),
        .longformer(LongformerPattern(window: 0, globals: [3])),
        .longformer(LongformerPattern(window: 34, globals: [0, 1, 60])),
        .bigBird(BigBirdPattern(window: 1, random: 0, global: 0, block: 16, seed: 1)),
        .bigBird(BigBirdPattern(window: 3, random: 3, global: 1, block: 16, seed: 7)),
        .bigBird(BigBirdPattern(window: 3, random: 2, global: 2, block: 11, seed: 9)),
    ]
    static let sizes = [(1, 1), (40, 70), (150, 150), (170, 90), (66, 300)]

    @Test(arguments: InstructionSet.available, patterns)
    func `every pattern agrees under every band and mask`(
        instructionSet: InstructionSet,
        pattern: KeyPattern
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for (rows, keys) in Self.sizes {
            for mask in [
                Mask(pattern: fitting(pattern, keys)),
                Mask(band: .causal, pattern: fitting(pattern, keys)),
                Mask(band: .causalBottomRight, pattern: fitting(pattern, keys)),
                Mask(pattern: fitting(pattern, keys), lengths: .perRow, visibility: .perBatch),
            ] {
                let test = KernelCase(
                    batch: 2,
                    heads: 2,
                    keyValueHeads: 1,
                    rows: rows,
                    keys: keys,
                    dimension: 12,
                    valueDimension: 9,
                    mask: mask,
                    seed: 5
                )
                let error = test.maximumError(test.output(kernel))
                #expect(error <= Self.tolerance, "L=\(rows) S=\(keys) \(mask)")
            }
        }
    }

    /// The same pattern without the global tokens that `keys` do not reach.
    private func fitting(_ pattern: KeyPattern, _ keys: Int) -> KeyPattern {
        guard case .longformer(var longformer) = pattern else { return pattern }
        longformer.globals.removeAll { $0 >= keys }
        return .longformer(longformer)
    }

    @Test(arguments: InstructionSet.available)
    func `heads share a block layout or have their own`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        for (heads, block) in [(1, 64), (4, 32), (4, 9)] {
            let (rowBlocks, keyBlocks) = ((130 + block - 1) / block, (290 + block - 1) / block)
            var random = SplitMix(seed: 3)
            let layout = BlockLayout(
                block: block,
                heads: heads,
                rowBlocks: rowBlocks,
                keyBlocks: keyBlocks,
                isVisible: (0..<heads * rowBlocks * keyBlocks).map { _ in
                    Bool.random(using: &random)
                }
            )
            for band in [Mask.Band.none, .causalBottomRight] {
                let test = KernelCase(
                    heads: 4,
                    rows: 130,
                    keys: 290,
                    dimension: 16,
                    mask: Mask(band: band, pattern: .blocks(layout)),
                    seed: 8
                )
                #expect(test.maximumError(test.output(kernel)) <= Self.tolerance, "\(block)")
            }
        }
    }

    @Test(arguments: InstructionSet.available, patterns)
    func `a row's bits do not depend on the rows beside it`(
        instructionSet: InstructionSet,
        pattern: KeyPattern
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let test = KernelCase(
            heads: 2,
            rows: 150,
            keys: 150,
            dimension: 20,
            mask: Mask(pattern: pattern),
            softCap: 3,
            alibi: [0.01, 0.3],
            seed: 4
        )
        let whole = bits(test.output(kernel))
        for rows in [0..<1, 17..<18, 63..<66, 70..<150] {
            for slice in 0..<2 {
                let part = bits(test.output(kernel, slices: slice..<slice + 1, rows: rows))
                let first = (slice * 150 + rows.lowerBound) * 20
                #expect(part == Array(whole[first..<first + rows.count * 20]), "\(rows)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `soft caps and slopes agree with the definition`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        for cap in [nil, 0.3, 5, 50] as [Float?] {
            for slopes in [[], [0, 0.004], [0.5, 9]] as [[Float]] {
                for band in [Mask.Band.none, .causal, .causalBottomRight] {
                    let test = KernelCase(
                        heads: 2,
                        rows: 70,
                        keys: 150,
                        dimension: 24,
                        mask: Mask(band: band),
                        softCap: cap,
                        alibi: slopes,
                        seed: 6
                    )
                    let error = test.maximumError(test.output(kernel))
                    #expect(error <= Self.tolerance, "\(cap ?? 0) \(slopes) \(band)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a capped score is tanh to a few units in the last place`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        // D = 1, q = 1 and two keys: the output is the weight of the second, 1 / (1 + e^-gap).
        var test = KernelCase(rows: 1, keys: 2, dimension: 1, softCap: 8)
        test.problem.score = .scaledDot(scale: 1)
        test.query = [1]
        test.value = [0, 1]
        for score in [0, 1e-6, 1e-3, 0.1, 1, 4.9, 5, 5.1, 20, 200, 1e30, Float.infinity] {
            test.key = [0, score]
            let expected = test.expected(slice: 0, row: 0)[0]
            #expect(abs(Double(test.output(kernel)[0]) - expected) <= 5e-7, "\(score)")
            test.key = [0, -score]
            let mirrored = test.expected(slice: 0, row: 0)[0]
            #expect(abs(Double(test.output(kernel)[0]) - mirrored) <= 5e-7, "-\(score)")
        }
        test.key = [0, .nan]
        #expect(test.output(kernel)[0].isNaN)
    }

    @Test(arguments: InstructionSet.available, patterns)
    func `nothing hidden reaches a visible row`(
        instructionSet: InstructionSet,
        pattern: KeyPattern
    ) throws {
        let kernel = try requireKernel(instructionSet)
        var test = KernelCase(
            rows: 40,
            keys: 300,
            dimension: 8,
            mask: Mask(pattern: pattern),
            softCap: 4,
            alibi: [0.1],
            seed: 12
        )
        let clean = bits(test.output(kernel))
        let hidden = (0..<300).filter { key in
            (0..<40).allSatisfy { !test.isVisible(slice: 0, row: $0, key: key) }
        }
        for key in hidden {
            for e in 0..<8 {
                test.key[key * 8 + e] = .nan
                test.value[key * 8 + e] = e % 2 == 0 ? .infinity : .nan
            }
        }
        #expect(bits(test.output(kernel)) == clean)
        // A key that only some rows see spoils those and no others.
        let shared = (0..<300).first { key in
            let count = (0..<40).count { test.isVisible(slice: 0, row: $0, key: key) }
            return count > 0 && count < 40
        }
        guard let shared else { return }
        test.value[shared * 8] = .nan
        let spoiled = test.output(kernel)
        for row in 0..<40 {
            let isSeen = test.isVisible(slice: 0, row: row, key: shared)
            #expect(spoiled[row * 8].isNaN == isSeen, "row \(row)")
            #expect(
                bits(Array(spoiled[row * 8 + 1..<row * 8 + 8]))
                    == Array(clean[row * 8 + 1..<row * 8 + 8])
            )
        }
    }
}
