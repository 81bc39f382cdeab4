import Attention
import TestSupport
import Testing

/// A layer has the same bits however it is cut.
@Suite struct LayerBitsTests {
    @Test(arguments: LayerCase.all, InstructionSet.available)
    func `any ranges of slices, in any memory and by any threads, give the same heads`(
        test: LayerCase,
        set: InstructionSet
    ) throws {
        let kernel = try requireKernel(set)
        let inputs = try test.inputs()
        let slices = test.layer.attention.shape.sliceCount
        let alone = ThreadTeam(threadCount: 1)
        let whole = try test.heads(kernel, inputs, cuts: [0..<slices], team: alone)
        #expect(!whole.contains { $0.bitPattern == OutputSentinel.bits })
        let expected = bits(whole)
        var random = SplitMix(seed: 7)
        for threads in [1, 2, 3] {
            let team = ThreadTeam(threadCount: threads)
            for slicesTogether in [1, 2, .max] {
                let cuts = randomCuts(slices, &random).shuffled(using: &random)
                let got = try test.heads(
                    kernel,
                    inputs,
                    cuts: cuts,
                    team: team,
                    slicesTogether: slicesTogether
                )
                #expect(bits(got) == expected, "\(threads) threads, \(cuts), \(slicesTogether)")
            }
        }
    }

    @Test(arguments: LayerCase.all)
    func `heads of a packed shard are those of the whole`(test: LayerCase) throws {
        let layer = test.layer
        let (shape, d) = (layer.attention.shape, layer.headDimension)
        let inputs = try test.inputs()
        let team = ThreadTeam(threadCount: 2)
        let whole = try test.heads(.best, inputs, cuts: [0..<shape.sliceCount], team: team)
        let scratch = try LayerScratch(layer, slices: shape.sliceCount, threadCount: 2)
        for slices in [0..<1, shape.sliceCount / 3..<shape.sliceCount] {
            var packed = [Float](repeating: .pi, count: slices.count * shape.queryLength * d)
            packed.withUnsafeMutableBufferPointer {
                _ = team.computeHeads(
                    .best,
                    layer,
                    inputs.view,
                    slices: slices,
                    into: HeadRows(layer, packed: $0.start, firstSlice: slices.lowerBound),
                    scratch: scratch
                )
            }
            let expected = slices.flatMap { slice in
                (0..<shape.queryLength).flatMap { row in
                    let token = slice / shape.heads * shape.queryLength + row
                    let first = token * layer.embedding + slice % shape.heads * d
                    return whole[first..<first + d]
                }
            }
            #expect(bits(packed) == bits(expected), "\(slices)")
        }
    }

    @Test(arguments: LayerCase.all, InstructionSet.available)
    func `any ranges of token rows and any threads give the same output`(
        test: LayerCase,
        set: InstructionSet
    ) throws {
        let kernel = try requireKernel(set)
        let inputs = try test.inputs()
        let layer = test.layer
        let rows = 0..<layer.tokenCount
        var random = SplitMix(seed: 8)
        let heads = (0..<layer.elementCount(of: .heads)).map { _ in random.unit() }
        let alone = ThreadTeam(threadCount: 1)
        let whole = test.tokens(kernel, inputs, rows: rows, heads: heads, team: alone)
        for threads in [1, 2, 3] {
            let team = ThreadTeam(threadCount: threads)
            let cuts = randomCuts(rows.count, &random)
            let got = cuts.flatMap {
                test.tokens(kernel, inputs, rows: $0, heads: heads, team: team)
            }
            #expect(bits(got) == bits(whole), "\(threads) threads, \(cuts)")
        }
    }
}
