import Attention
import TestSupport
import Testing

@Suite struct KernelAccuracyTests {
    static let tolerance = 2e-6
    static let lengths = [1, 2, 15, 16, 17, 33, 63, 64, 65, 127, 128, 129, 200]

    @Test(arguments: InstructionSet.available)
    func `every length of queries and keys agrees`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        for rows in Self.lengths {
            for keys in isThorough ? Self.lengths : [1, 17, 64, 129, rows] {
                let test = KernelCase(rows: rows, keys: keys, dimension: 24, seed: 7)
                let error = test.maximumError(test.output(kernel))
                #expect(error <= Self.tolerance, "L=\(rows) S=\(keys)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `every dimension agrees, equal or not`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let dimensions = [1, 2, 3, 7, 8, 15, 16, 17, 40, 64, 80, 96, 128, 256, 511, 512]
        for d in dimensions {
            for dv in isThorough ? dimensions : [1, 5, 64, 97, d] {
                let test = KernelCase(
                    rows: 27,
                    keys: 35,
                    dimension: d,
                    valueDimension: dv,
                    mask: Mask(band: .causal),
                    seed: 11
                )
                let error = test.maximumError(test.output(kernel))
                #expect(error <= Self.tolerance, "D=\(d) Dv=\(dv)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `the usual dimensions agree at lengths around the blocks`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for d in [64, 128] {
            for length in [63, 64, 65, 128, 191, 200] {
                for band in [Mask.Band.none, .causal] {
                    let test = KernelCase(
                        rows: length,
                        keys: length,
                        dimension: d,
                        mask: Mask(band: band),
                        seed: 5
                    )
                    let error = test.maximumError(test.output(kernel))
                    #expect(error <= Self.tolerance, "N=\(length) D=\(d) \(band)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available, MaskedRows.allCases)
    func `every kind of mask agrees with slices that share keys`(
        instructionSet: InstructionSet,
        maskedRows: MaskedRows
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let sizes =
            isThorough
            ? [(1, 1), (40, 70), (70, 40), (130, 300), (300, 130)]
            : [(40, 70), (70, 40), (90, 150)]
        for (rows, keys) in sizes {
            for mask in allMasks {
                let test = KernelCase(
                    batch: 2,
                    heads: 4,
                    keyValueHeads: 2,
                    rows: rows,
                    keys: keys,
                    dimension: 12,
                    valueDimension: 9,
                    mask: mask,
                    maskedRows: maskedRows,
                    seed: 3
                )
                let error = test.maximumError(test.output(kernel))
                #expect(error <= Self.tolerance, "L=\(rows) S=\(keys) \(mask)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `masks made of whole blocks agree with the definition`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        var test = KernelCase(
            rows: 150,
            keys: 500,
            dimension: 20,
            mask: Mask(visibility: .shared),
            seed: 21
        )
        for row in 0..<150 {
            for key in 0..<500 {
                test.visibility[row * 500 + key] = (row / 64 + key / 128) % 2 == 0 ? 1 : 0
            }
        }
        #expect(test.maximumError(test.output(kernel)) <= Self.tolerance)
        test.visibility = test.visibility.map { _ in 255 }
        #expect(test.maximumError(test.output(kernel)) <= Self.tolerance)
        test.visibility = test.visibility.map { _ in 0 }
        #expect(test.output(kernel).allSatisfy { $0.bitPattern == 0 })
    }

    @Test(arguments: InstructionSet.available)
    func `a single key gives its value, exactly`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let test = KernelCase(rows: 70, keys: 1, dimension: 33, seed: 2)
        let output = test.output(kernel)
        #expect((0..<70).allSatisfy { Array(output[$0 * 33..<($0 + 1) * 33]) == test.value })
    }

    @Test(arguments: InstructionSet.available)
    func `2^x at its edges, seen through the weight of a second key`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        // D = 1 and q = 1: the scores are the keys, the output the weight of the second.
        var test = KernelCase(rows: 1, keys: 2, dimension: 1)
        test.problem.score = .scaledDot(scale: 1)
        test.query = [1]
        test.value = [0, 1]
        let gaps: [Float] = [
            0, -0x1p-149, -1e-7, -0.25, -0.5, -1, -20, -40, -86, -87, -87.6, -88, -88.1, -89, -104,
            -1e30, -.greatestFiniteMagnitude, -.infinity,
        ]
        for gap in gaps {
            test.key = [0, gap]
            let output = test.output(kernel)[0]
            let expected = test.expected(slice: 0, row: 0)[0]
            // Weights below 2^-126.5 are zero.
            let bound = max(expected * 4e-7, 0x1p-126)
            #expect(abs(Double(output) - expected) <= bound, "gap \(gap)")
            #expect(output >= 0)
            test.key = [gap, 0]
            #expect(test.output(kernel)[0] >= 0.5, "gap \(gap)")
        }
        test.key = [0, -89]
        #expect(test.output(kernel)[0].bitPattern == 0)
        test.key = [3, 3]
        #expect(test.output(kernel)[0] == 0.5)
    }
}

/// Every combination of band, lengths and boolean tensor, and some with a bias.
let allMasks: [Mask] = {
    let bands: [Mask.Band] = [.none, .causal, .causalBottomRight]
    let lengths: [Mask.Lengths] = [.none, .perBatch, .perRow]
    let visibilities: [Mask.Pairs] = [.none, .shared, .perBatch, .perSlice]
    let biased = [
        Mask(bias: .shared), Mask(bias: .perBatch), Mask(band: .causal, bias: .perHead),
        Mask(lengths: .perRow, visibility: .perHead, bias: .perSlice),
    ]
    return biased
        + bands.flatMap { band in
            lengths.flatMap { lengths in
                visibilities.map { Mask(band: band, lengths: lengths, visibility: $0) }
            }
        }
}()
