import Attention
import Testing

@Suite struct KernelEdgeTests {
    /// NaN and infinity, which must reach the rows that see them and no others.
    static let poisons: [Float] = [
        .nan, -.nan, .infinity, -.infinity, .signalingNaN, Float(bitPattern: 0x7F80_0001),
        Float(bitPattern: 0x7FC0_0001), Float(bitPattern: 0xFFFF_FFFF), .greatestFiniteMagnitude,
    ]

    @Test(arguments: InstructionSet.available)
    func `hidden inputs never change a bit, not even NaN and infinity`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for mask in allMasks where mask != .none {
            for (d, rows, keys) in [(5, 70, 150), (64, 66, 130)]
            where mask.lengths != .perRow || d == 5 {
                let clean = KernelCase(
                    rows: rows,
                    keys: keys,
                    dimension: d,
                    mask: mask,
                    seed: 9
                )
                var poisoned = clean
                // Hidden from every row.
                for key in 0..<keys
                where !(0..<rows).contains(where: { clean.isVisible(slice: 0, row: $0, key: key) })
                {
                    let poison = Self.poisons[key % Self.poisons.count]
                    for e in 0..<d {
                        poisoned.key[key * d + e] = poison
                        poisoned.value[key * d + e] = poison
                    }
                }
                #expect(bits(poisoned.output(kernel)) == bits(clean.output(kernel)), "\(mask)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a poisoned key reaches the rows that see it and no other`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for mask in [Mask(band: .causal), Mask(lengths: .perRow), Mask(visibility: .shared)] {
            for key in [0, 1, 17, 63, 64, 100, 127, 128, 149] {
                let clean = KernelCase(rows: 150, keys: 150, dimension: 6, mask: mask, seed: 13)
                let before = clean.output(kernel)
                for poison in Self.poisons {
                    var test = clean
                    for e in 0..<6 { test.value[key * 6 + e] = poison }
                    try expectOnlySeers(of: key, differ: test, test.output(kernel), before)
                    if poison.isNaN {
                        test = clean
                        for e in 0..<6 { test.key[key * 6 + e] = poison }
                        try expectOnlySeers(of: key, differ: test, test.output(kernel), before)
                        #expect(test.maximumError(test.output(kernel)) < 2e-6)
                    }
                }
            }
        }
    }

    private func expectOnlySeers(
        of key: Int,
        differ test: KernelCase,
        _ after: [Float],
        _ before: [Float]
    ) throws {
        for row in 0..<test.shape.queryLength {
            let range = row * 6..<(row + 1) * 6
            if test.isVisible(slice: 0, row: row, key: key) {
                try #require(bits(Array(after[range])) != bits(Array(before[range])))
            } else {
                try #require(
                    bits(Array(after[range])) == bits(Array(before[range])),
                    "row \(row), key \(key)"
                )
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `visible NaN and infinite scores and values follow the definition`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for keys in [1, 2, 5, 130] {
            for poison in Self.poisons where abs(poison) != .greatestFiniteMagnitude {
                for place in [0, keys / 2, keys - 1] {
                    for band in [Mask.Band.none, .causal] {
                        var test = KernelCase(
                            rows: keys,
                            keys: keys,
                            dimension: 3,
                            mask: Mask(band: band),
                            seed: 4
                        )
                        test.query = test.query.map { abs($0) + 0.1 }
                        test.key[place * 3] = poison
                        #expect(test.maximumError(test.output(kernel)) < 2e-6, "key \(poison)")
                        test = KernelCase(
                            rows: keys,
                            keys: keys,
                            dimension: 3,
                            mask: Mask(band: band),
                            seed: 4
                        )
                        test.value[place * 3 + 1] = poison
                        #expect(test.maximumError(test.output(kernel)) < 2e-6, "value \(poison)")
                        test.value[0] = -poison
                        #expect(test.maximumError(test.output(kernel)) < 2e-6, "values \(poison)")
                    }
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a visible value of weight zero still makes NaN of NaN and infinity`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for poison in [Float.nan, .infinity] {
            for lengths: [Int32] in [[3, 3], [3, 2], [3, 1], [2, 0]] {
                var test = KernelCase(
                    rows: 2,
                    keys: 3,
                    dimension: 1,
                    mask: Mask(lengths: .perRow)
                )
                test.query = [1, 1]
                test.key = [0, -1e9, 0.5]
                test.value[1] = poison
                test.lengths = lengths
                #expect(test.maximumError(test.output(kernel)) < 2e-6, "\(poison) \(lengths)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `any NaN in a query row makes that row NaN, whatever its payload`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let clean = KernelCase(rows: 20, keys: 9, dimension: 4)
        let before = clean.output(kernel)
        for payload in [1, 2, 3, 0x7F, 0xFF, 0x100, 0x1FF, 0x200, 0x3F_FFFF] {
            for sign: UInt32 in [0x7FC0_0000, 0xFFC0_0000, 0x7F80_0000] {
                var test = clean
                test.query[7 * 4 + 2] = Float(bitPattern: sign | UInt32(payload))
                let after = test.output(kernel)
                #expect(after[28..<32].allSatisfy { $0.bitPattern == Float.nan.bitPattern })
                #expect(bits(Array(after[..<28])) == bits(Array(before[..<28])))
                #expect(bits(Array(after[32...])) == bits(Array(before[32...])))
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `rows whose visible scores are all -Inf are NaN, rows that see nothing are zeros`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for keys in [3, 200] {
            var test = KernelCase(
                rows: 4,
                keys: keys,
                dimension: 2,
                mask: Mask(lengths: .perRow)
            )
            test.query = test.query.map { abs($0) + 0.1 }
            for key in 0..<keys - 1 { test.key[key * 2] = -.infinity }
            test.lengths = [0, 1, Int32(keys - 1), Int32(keys)]
            let output = test.output(kernel)
            #expect(output[0..<2].allSatisfy { $0.bitPattern == 0 })
            #expect(output[2..<6].allSatisfy { $0.isNaN })
            #expect(Array(output[6..<8]) == Array(test.value[(keys - 1) * 2..<keys * 2]))
        }
    }

    @Test(arguments: InstructionSet.available)
    func `rows that see nothing are the mean of all values when asked for`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        var test = KernelCase(
            rows: 70,
            keys: 33,
            dimension: 3,
            mask: Mask(lengths: .perBatch),
            maskedRows: .uniform
        )
        test.lengths = [0]
        let output = test.output(kernel)
        for e in 0..<3 {
            let sum = (0..<33).reduce(0.0) { $0 + Double(test.value[$1 * 3 + e]) }
            #expect((0..<70).allSatisfy { output[$0 * 3 + e] == Float(sum / 33) })
        }
    }

    @Test(arguments: InstructionSet.available)
    func `lengths out of range are clamped`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        var test = KernelCase(rows: 3, keys: 5, dimension: 2, mask: Mask(lengths: .perRow))
        test.lengths = [-7, .max, .min]
        var honest = test
        honest.lengths = [0, 5, 0]
        #expect(bits(test.output(kernel)) == bits(honest.output(kernel)))
    }

    @Test(arguments: InstructionSet.available)
    func `windows, which begin after the first key, follow their bounds`(
        instructionSet: InstructionSet
    ) throws {
        _ = try requireKernel(instructionSet)
        let raw = KernelRaw(instructionSet: instructionSet)
        let keys = 300
        for width in [1, 30, 128, 170] {
            let bounds = (0..<130).map { row in
                max(0, 2 * row - width)..<min(keys, 2 * row + 1)
            }
            let test = KernelCase(rows: 130, keys: keys, dimension: 7, seed: 8)
            var masked = test
            masked.problem.mask = Mask(visibility: .shared)
            masked.visibility = bounds.flatMap { bound in
                (0..<keys).map { bound.contains($0) ? 1 : 0 }
            }
            let output = raw.output(test, bounds: bounds)
            #expect(masked.maximumError(output) < 2e-6)
            let everything = [Range<Int>](repeating: 0..<keys, count: 130)
            #expect(bits(raw.output(masked, bounds: everything)) == bits(output))
        }
    }
}
