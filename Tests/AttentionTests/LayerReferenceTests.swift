import Attention
import TestSupport
import Testing

/// Layers against float64, and wrong layers that must be found.
@Suite struct LayerReferenceTests {
    private func judge(
        _ layer: MultiHeadLayer,
        _ inputs: borrowing LayerInputs,
        _ output: [Float],
        _ mode: VerificationMode = .full
    ) -> VerificationReport {
        output.withUnsafeBufferPointer {
            LayerVerifier(layer, inputs.view, seed: 1, mode: mode).verify(output: $0.start)
        }
    }

    @Test(arguments: LayerCase.all, InstructionSet.available)
    func `the kernels' layer agrees with float64`(test: LayerCase, set: InstructionSet) throws {
        let inputs = try test.inputs()
        let output = try test.output(try requireKernel(set), inputs)
        let report = judge(test.layer, inputs, output)
        #expect(report.status == .agrees, "\(report)")
        #expect(report.rowsChecked == test.layer.tokenCount)
    }

    @Test func `rounding of large scores is no fault`() throws {
        let test = LayerCase(
            "",
            MultiHeadLayer(
                .fused,
                source: .separate,
                embedding: 12,
                heads: 4,
                batch: 2,
                queryLength: 9
            )
        )
        for seed in UInt64(8)...11 {
            let inputs = try test.inputs(seed: seed)
            for tensor in [LayerTensor.projectionWeights, .outputWeights] {
                for index in 0..<test.layer.elementCount(of: tensor) {
                    inputs.floats(tensor)[index] = Float(index % 7) - 3
                }
            }
            let report = judge(test.layer, inputs, try test.output(.best, inputs))
            #expect(report.status == .agrees, "seed \(seed): \(report)")
        }
    }

    @Test func `NaN is doubted where it is right, and a fault elsewhere`() throws {
        let test = LayerCase.all[0]
        let e = test.layer.embedding
        let inputs = try test.inputs()
        let right = try test.output(.best, inputs)
        var wrong = right
        wrong[e] = .nan
        #expect(judge(test.layer, inputs, wrong).status == .disagrees)
        // The last row of the first batch element is also one of its keys.
        inputs.floats(.query)[70 * e - 1] = .nan
        let output = try test.output(.best, inputs)
        #expect(output[0].isNaN && output[70 * e].isFinite)
        #expect(judge(test.layer, inputs, output).status == .mistrusted)
        #expect(judge(test.layer, inputs, right).status == .disagrees)
    }

    @Test func `rows that are all alike prove nothing`() throws {
        let test = LayerCase.all[0]
        let inputs = try test.inputs()
        for index in 0..<test.layer.elementCount(of: .outputWeights) {
            inputs.floats(.outputWeights)[index] = 0
        }
        for index in 0..<test.layer.elementCount(of: .outputBias) {
            inputs.floats(.outputBias)[index] = Float(index)
        }
        let output = try test.output(.best, inputs)
        #expect(judge(test.layer, inputs, output).status == .mistrusted)
    }

    private static let wrongLayers: [(String, @Sendable (inout MultiHeadLayer) -> Void)] = [
        (
            "the scale of the other variant",
            { $0.attention.score.scale = 1 / Float(36).squareRoot() }
        ),
        ("another mask", { $0.attention.mask = Mask(band: .causal) }),
        (
            "fewer heads",
            { layer in
                layer = MultiHeadLayer(.fused, embedding: 36, heads: 2, batch: 3, queryLength: 70)
            }
        ),
    ]

    @Test func `another layer's output disagrees`() throws {
        let test = LayerCase.all[0]
        let inputs = try test.inputs()
        for (name, change) in Self.wrongLayers {
            var wrong = test.layer
            change(&wrong)
            let output = try LayerCase("", wrong).output(.best, inputs)
            #expect(judge(test.layer, inputs, output).status == .disagrees, "\(name)")
        }
    }

    /// Every weight and bias counts: a change of one row is seen, wherever it is.
    @Test(arguments: LayerCase.all)
    func `a change of any weight disagrees`(test: LayerCase) throws {
        let layer = test.layer
        let inputs = try test.inputs()
        let output = try test.output(.best, inputs)
        for tensor in LayerTensor.inputs where layer.shape(of: tensor) != nil {
            // A common bias of all keys changes no weight of any softmax.
            let count = layer.elementCount(of: tensor)
            let index = tensor == .projectionBias ? count - 1 : count / 2
            let kept = inputs.floats(tensor)[index]
            inputs.floats(tensor)[index] = kept + 8
            #expect(judge(layer, inputs, output).status == .disagrees, "\(tensor)")
            inputs.floats(tensor)[index] = kept
        }
        #expect(judge(layer, inputs, output).status == .agrees)
    }

    @Test func `keys and values in each other's place, or heads, disagree`() throws {
        let test = LayerCase.all[0]
        let layer = test.layer
        let inputs = try test.inputs()
        let output = try test.output(.best, inputs)
        let other = try test.inputs()
        let (e, d) = (layer.embedding, layer.headDimension)
        for (name, first, second) in [
            ("k and v", e, 2 * e), ("q and k of head 1", d, e + d),
            ("heads of v", 2 * e, 2 * e + d),
        ] {
            let weights = other.floats(.projectionWeights)
            for index in 0..<d * e {
                weights[first * e + index] = inputs.floats(.projectionWeights)[second * e + index]
                weights[second * e + index] = inputs.floats(.projectionWeights)[first * e + index]
            }
            #expect(judge(layer, other, output).status == .disagrees, "\(name)")
            for index in 0..<3 * e * e { weights[index] = inputs.floats(.projectionWeights)[index] }
        }
    }

    @Test func `a sample has rows of every part of a large layer`() throws {
        let layer = MultiHeadLayer(.fused, embedding: 8, heads: 2, batch: 3, queryLength: 150)
        let test = LayerCase("", layer)
        let inputs = try test.inputs()
        var output = try test.output(.best, inputs)
        let report = judge(layer, inputs, output, .sampled)
        #expect(report.status == .agrees, "\(report)")
        #expect(report.rowsChecked < report.rowsTotal && report.rowsChecked > 200)
        // The ends of all three elements, of which a sample of four or fewer leaves none out.
        for token in [0, 149, 150, 299, 300, 449] {
            let kept = output[token * 8 + 7]
            output[token * 8 + 7] += 0.01
            #expect(judge(layer, inputs, output, .sampled).status == .disagrees, "\(token)")
            output[token * 8 + 7] = kept
        }
    }
}
