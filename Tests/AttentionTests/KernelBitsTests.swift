import Attention
import TestSupport
import Testing

@Suite struct KernelBitsTests {
    @Test(arguments: InstructionSet.available)
    func `any cut of rows and slices gives the same bits`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        for mask in allMasks {
            let test = KernelCase(
                batch: 2,
                heads: 2,
                keyValueHeads: 1,
                rows: 150,
                keys: 170,
                dimension: 5,
                mask: mask,
                maskedRows: .uniform,
                seed: 17
            )
            let whole = test.output(kernel)
            for (slices, rows) in [(0..<4, 0..<64), (1..<3, 24..<150), (3..<4, 120..<121)] {
                let part = test.output(kernel, slices: slices, rows: rows)
                let expected = slices.flatMap { slice in
                    whole[(slice * 150 + rows.lowerBound) * 5..<(slice * 150 + rows.upperBound) * 5]
                }
                #expect(bits(part) == bits(expected), "\(mask) \(slices) \(rows)")
            }
        }
    }

    @Test(arguments: InstructionSet.available, 1...4 as ClosedRange<UInt64>)
    func `a row has the same bits whatever its neighbours see`(
        instructionSet: InstructionSet,
        seed: UInt64
    ) throws {
        _ = try requireKernel(instructionSet)
        let raw = KernelRaw(instructionSet: instructionSet)
        var random = SplitMix(seed: seed)
        let keys = seed == 4 ? 4500 : 400
        for hasMask in [false, true] {
            var test = KernelCase(
                rows: 64,
                keys: keys,
                dimension: 4,
                mask: Mask(visibility: hasMask ? .shared : .none),
                seed: seed
            )
            // Zeros of both signs and the smallest numbers, whose weighted sums round to zeros of
            // both signs: skipped additions must not show.
            let small: [Float] = [0, -0.0, -0x1p-149, 0x1p-149]
            for i in test.value.indices where i % 4 == 0 {
                test.value[i] = small.randomElement(using: &random) ?? 0
            }
            let row = Int.random(in: 0..<64, using: &random)
            let start = Int.random(in: 0..<keys, using: &random)
            let own = start..<Int.random(in: start...keys, using: &random)
            var first: [UInt32]?
            for _ in 0..<(isThorough ? 200 : 20) {
                // Neighbours that all begin late move the first key that is read.
                let earliest = [0, Int.random(in: 0...start, using: &random)][
                    Int.random(in: 0...1, using: &random)
                ]
                let bounds = (0..<64).map { other in
                    if other == row { return own }
                    let a = Int.random(in: earliest...keys, using: &random)
                    return Bool.random(using: &random)
                        ? earliest..<keys : a..<max(a, own.upperBound)
                }
                if hasMask {
                    for i in test.visibility.indices where i / keys != row {
                        test.visibility[i] = UInt8.random(in: 0...1, using: &random)
                    }
                }
                let output = raw.output(test, bounds: bounds)
                let now = bits(Array(output[row * 4..<(row + 1) * 4]))
                #expect(now == first ?? now, "seed \(seed), row \(row), bounds \(own)")
                first = now
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a sum that rounds to -0 is 0, whether or not zeros are added to it`(
        instructionSet: InstructionSet
    ) throws {
        _ = try requireKernel(instructionSet)
        let raw = KernelRaw(instructionSet: instructionSet)
        var test = KernelCase(rows: 2, keys: 40, dimension: 1)
        test.problem.score = .scaledDot(scale: 1)
        test.query = [1, 1]
        test.key = [0, -1.5] + [Float](repeating: 0, count: 38)
        test.value = [0, -0x1p-149] + [Float](repeating: 1, count: 38)
        for end in [2, 3, 40] {
            let output = raw.output(test, bounds: [0..<2, 0..<end])
            #expect(output[0].bitPattern == 0, "neighbour sees \(end) keys")
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a partly seen block has the bits of a full one`(instructionSet: InstructionSet) throws {
        _ = try requireKernel(instructionSet)
        let raw = KernelRaw(instructionSet: instructionSet)
        var test = KernelCase(rows: 64, keys: 256, dimension: 64, seed: 23)
        var bounds = [Range<Int>](repeating: 0..<256, count: 64)
        let full = raw.output(test, bounds: bounds)
        bounds[5] = 3..<7
        let partly = raw.output(test, bounds: bounds)
        test.value[255 * 64] = .nan
        bounds[5] = 0..<255
        let selective = raw.output(test, bounds: bounds)
        for row in 0..<64 where row != 5 {
            let range = row * 64..<(row + 1) * 64
            #expect(bits(Array(full[range])) == bits(Array(partly[range])))
            // The slow way, for the columns that the NaN leaves alone.
            #expect(
                bits(Array(full[range].dropFirst())) == bits(Array(selective[range].dropFirst()))
            )
        }
    }

    @Test(arguments: InstructionSet.available)
    func `spans computed apart and merged have the bits of the whole`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let span = AttentionKernel.spanKeys
        let masks = [
            Mask.none, Mask(band: .causal), Mask(band: .causalBottomRight), Mask(lengths: .perRow),
            Mask(visibility: .shared),
        ]
        for keys in [span - 1, span, span + 1, 2 * span + 300] {
            for mask in masks {
                for maskedRows in MaskedRows.allCases {
                    var test = KernelCase(
                        rows: 70,
                        keys: keys,
                        dimension: 3,
                        valueDimension: 19,
                        mask: mask,
                        maskedRows: maskedRows,
                        seed: 29
                    )
                    if mask.lengths == .perRow {
                        test.lengths[0..<4] = [0, 1, Int32(min(keys, span)), Int32(keys)]
                    }
                    if mask.visibility == .shared {
                        // Row 3 sees nothing, row 4 nothing of the first span.
                        for key in 0..<keys { test.visibility[3 * keys + key] = 0 }
                        for key in 0..<min(keys, span) { test.visibility[4 * keys + key] = 0 }
                    }
                    if keys > 2 * span { test.key[3 * (span + 5)] = .nan }
                    let merged = test.mergedOutput(kernel)
                    #expect(bits(merged) == bits(test.output(kernel)), "S=\(keys) \(mask)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `several spans agree with the definition`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        for mask in [Mask.none, Mask(band: .causalBottomRight), Mask(visibility: .shared)] {
            let test = KernelCase(rows: 33, keys: 4400, dimension: 4, mask: mask, seed: 31)
            #expect(test.maximumError(test.output(kernel)) < 2e-6, "\(mask)")
        }
    }
}
