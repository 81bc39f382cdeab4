import Attention
import Testing

/// Few rows against many keys, which have a kernel of their own.
@Suite struct KernelDecodeTests {
    static let tolerance = 2e-6
    /// L, S, D, Dv: every remainder of vectors and blocks, and more than one span.
    static let sizes = [
        (1, 1, 1, 1), (1, 130, 3, 5), (2, 127, 8, 17), (1, 300, 40, 40), (4, 129, 64, 64),
        (16, 257, 17, 33), (3, 4200, 16, 15), (1, 2049, 128, 9), (5, 70, 511, 512),
    ]

    @Test(arguments: InstructionSet.available)
    func `every size and mask agrees with the definition`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        for (rows, keys, dimension, valueDimension) in Self.sizes {
            for mask in [
                Mask.none, Mask(band: .causalBottomRight), Mask(lengths: .perRow),
                Mask(lengths: .perBatch, visibility: .perSlice), Mask(visibility: .shared),
                Mask(pattern: .window(back: 33, ahead: 90)),
                Mask(
                    band: .causalBottomRight,
                    pattern: .bigBird(
                        BigBirdPattern(window: 3, random: 2, global: 1, block: 30, seed: 4)
                    )
                ),
            ] {
                let test = KernelCase(
                    batch: 2,
                    heads: 6,
                    keyValueHeads: 2,
                    rows: rows,
                    keys: keys,
                    dimension: dimension,
                    valueDimension: valueDimension,
                    mask: mask,
                    maskedRows: .uniform,
                    seed: 31
                )
                let error = test.maximumError(test.output(kernel))
                #expect(error <= Self.tolerance, "L=\(rows) S=\(keys) D=\(dimension) \(mask)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `heads computed together or alone have the same bits`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for (rows, mask) in [
            (1, Mask.none), (3, Mask(band: .causalBottomRight, lengths: .perRow)),
            (2, Mask(visibility: .perSlice)), (7, Mask(pattern: .window(back: 40, ahead: 3))),
        ] {
            let test = KernelCase(
                batch: 2,
                heads: 10,
                keyValueHeads: 2,
                rows: rows,
                keys: 2300,
                dimension: 24,
                valueDimension: 20,
                mask: mask,
                softCap: 9,
                alibi: (0..<10).map { Float($0) / 50 },
                seed: 3
            )
            let whole = bits(test.output(kernel))
            for slices in [0..<1, 3..<9, 9..<20, 19..<20] {
                for part in [0..<rows, 0..<1, rows - 1..<rows] {
                    let expected = slices.flatMap { slice in
                        let first = (slice * rows + part.lowerBound) * 20
                        return whole[first..<first + part.count * 20]
                    }
                    let output = test.output(kernel, slices: slices, rows: part)
                    #expect(bits(output) == expected, "\(mask) \(slices) \(part)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available, [2, 3, 5])
    func `threads that share one head's keys give the bits of one`(
        instructionSet: InstructionSet,
        threadCount: Int
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let team = ThreadTeam(threadCount: threadCount)
        for (heads, mask) in [
            (1, Mask.none), (4, Mask(lengths: .perBatch)), (2, Mask(visibility: .shared)),
            (3, Mask(pattern: .longformer(LongformerPattern(window: 8, globals: [4000])))),
        ] {
            let test = KernelCase(
                heads: heads,
                keyValueHeads: 1,
                rows: 2,
                keys: 7000,
                dimension: 20,
                mask: mask,
                maskedRows: .uniform,
                seed: 13
            )
            var output = [Float](repeating: .pi, count: heads * 2 * 20)
            test.withView { view in
                output.withUnsafeMutableBufferPointer {
                    _ = team.forward(
                        kernel,
                        test.problem,
                        view,
                        slices: 0..<heads,
                        rows: 0..<2,
                        output: $0.start,
                        outputSliceStride: 40
                    )
                }
            }
            #expect(bits(output) == bits(test.output(kernel)), "\(heads) heads, \(mask)")
        }
    }

    @Test(arguments: InstructionSet.available)
    func `spans merged by hand give the bits of the whole`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let test = KernelCase(
            rows: 3,
            keys: 6500,
            dimension: 12,
            mask: Mask(visibility: .shared),
            seed: 5
        )
        let merged = test.mergedOutput(kernel)
        #expect(bits(merged) == bits(test.output(kernel)))
    }

    @Test(arguments: InstructionSet.available)
    func `infinity and NaN give what the definition gives`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        // Five columns: a vector's repeated or empty lanes must not turn an infinity into NaN.
        for dimension in [5, 21] {
            var test = KernelCase(rows: 2, keys: 40, dimension: dimension, seed: 2)
            test.query = test.query.map { abs($0) + 0.1 }
            for column in 0..<dimension { test.key[7 * dimension + column] = -.infinity }
            #expect(test.maximumError(test.output(kernel)) <= Self.tolerance)
            test.value[9 * dimension] = .infinity
            test.value[11 * dimension + 1] = .nan
            let output = test.output(kernel)
            for row in 0..<2 {
                #expect(output[row * dimension] == .infinity)
                #expect(output[row * dimension + 1].isNaN)
                #expect(output[row * dimension + 2].isFinite)
            }
            test.query[0] = .nan
            let spoiled = test.output(kernel)
            #expect(spoiled[..<dimension].allSatisfy { $0.isNaN })
            #expect(spoiled[dimension + 2].isFinite)
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a hidden value is not multiplied`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        var test = KernelCase(
            heads: 4,
            keyValueHeads: 1,
            rows: 1,
            keys: 300,
            dimension: 16,
            mask: Mask(visibility: .perSlice),
            seed: 9
        )
        let clean = test.output(kernel)
        for key in 0..<300 where !test.isVisible(slice: 2, row: 0, key: key) {
            for column in 0..<16 {
                test.value[key * 16 + column] = .nan
                test.key[key * 16 + column] = .infinity
            }
        }
        let output = test.output(kernel)
        #expect(bits(Array(output[32..<48])) == bits(Array(clean[32..<48])))
        #expect(output[0].isNaN)
    }
}
