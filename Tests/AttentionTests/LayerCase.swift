import Attention
import TestSupport
import Testing

/// A generated layer with its tensors, and its output by any cut.
struct LayerCase: CustomTestStringConvertible {
    var layer: MultiHeadLayer
    var testDescription: String

    init(_ description: String, _ layer: MultiHeadLayer) {
        self.layer = layer
        testDescription = description
    }

    /// Both variants, all sources, several masks and scores, and sizes beside those of blocks.
    static let all: [LayerCase] = {
        var cases = [
            LayerCase(
                "fused",
                MultiHeadLayer(.fused, embedding: 36, heads: 3, batch: 3, queryLength: 70)
            ),
            LayerCase(
                "shared",
                MultiHeadLayer(.shared, embedding: 40, heads: 5, batch: 3, queryLength: 33)
            ),
            LayerCase(
                "memory, lengths",
                MultiHeadLayer(
                    .fused,
                    source: .memory,
                    embedding: 32,
                    heads: 4,
                    batch: 2,
                    queryLength: 20,
                    keyLength: 90,
                    mask: Mask(lengths: .perBatch)
                )
            ),
            LayerCase(
                "separate, boolean mask",
                MultiHeadLayer(
                    .shared,
                    source: .separate,
                    embedding: 24,
                    heads: 2,
                    batch: 2,
                    queryLength: 65,
                    keyLength: 130,
                    mask: Mask(visibility: .perSlice)
                )
            ),
            LayerCase(
                "few rows, several spans of keys",
                MultiHeadLayer(
                    .fused,
                    source: .memory,
                    embedding: 8,
                    heads: 2,
                    batch: 1,
                    queryLength: 3,
                    keyLength: 2 * AttentionKernel.spanKeys + 5
                )
            ),
            LayerCase(
                "one head, causal",
                MultiHeadLayer(
                    .fused,
                    embedding: 96,
                    heads: 1,
                    batch: 1,
                    queryLength: 17,
                    mask: Mask(band: .causal)
                )
            ),
        ]
        var scored = cases[0]
        scored.testDescription = "additive scores, causal"
        scored.layer.attention.score = Score(.additive(hidden: 5), scale: 0.7)
        scored.layer.attention.mask = Mask(band: .causal)
        cases.append(scored)
        return cases
    }()

    func inputs(seed: UInt64 = 1) throws -> LayerInputs {
        try LayerInputs(LayerGenerator(layer, seed: seed, hasBiases: true))
    }

    /// The heads `[B,L,E]`, a range of slices at a time.
    func heads(
        _ kernel: AttentionKernel,
        _ inputs: borrowing LayerInputs,
        cuts: [Range<Int>],
        team: ThreadTeam,
        slicesTogether: Int = .max
    ) throws -> [Float] {
        let count = layer.elementCount(of: .heads)
        let scratch = try LayerScratch(
            layer,
            slices: min(slicesTogether, layer.attention.shape.sliceCount),
            threadCount: team.threadCount
        )
        var heads = [Float](repeating: 0, count: count)
        heads.withUnsafeMutableBufferPointer { heads in
            OutputSentinel.fill(heads.start, count: count)
            for cut in cuts {
                _ = team.computeHeads(
                    kernel,
                    layer,
                    inputs.view,
                    slices: cut,
                    into: HeadRows(layer, whole: heads.start),
                    scratch: scratch
                )
            }
        }
        return heads
    }

    /// Rows of the output from whole heads.
    func tokens(
        _ kernel: AttentionKernel,
        _ inputs: borrowing LayerInputs,
        rows: Range<Int>,
        heads: [Float],
        team: ThreadTeam
    ) -> [Float] {
        var output = [Float](repeating: .pi, count: rows.count * layer.embedding)
        heads.withUnsafeBufferPointer { heads in
            output.withUnsafeMutableBufferPointer {
                _ = team.computeTokens(
                    kernel,
                    layer,
                    inputs.view,
                    rows: rows,
                    heads: heads.start,
                    output: $0.start
                )
            }
        }
        return output
    }

    func output(_ kernel: AttentionKernel, _ inputs: borrowing LayerInputs) throws -> [Float] {
        let team = ThreadTeam(threadCount: 1)
        let slices = 0..<layer.attention.shape.sliceCount
        let heads = try heads(kernel, inputs, cuts: [slices], team: team)
        return tokens(kernel, inputs, rows: 0..<layer.tokenCount, heads: heads, team: team)
    }
}

/// `count` things in neighbouring ranges of random sizes.
func randomCuts(_ count: Int, _ random: inout SplitMix) -> [Range<Int>] {
    var cuts: [Range<Int>] = []
    while (cuts.last?.upperBound ?? 0) < count {
        let start = cuts.last?.upperBound ?? 0
        cuts.append(start..<start + Int.random(in: 1...count - start, using: &random))
    }
    return cuts
}
