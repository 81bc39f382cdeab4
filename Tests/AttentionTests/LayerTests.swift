import Attention
import FoundationEssentials
import TestSupport
import Testing

/// What a layer is: its sizes, tensors, numbers, order of weights and costs.
@Suite struct LayerTests {
    private static let layer = MultiHeadLayer(
        .fused,
        embedding: 24,
        heads: 4,
        batch: 2,
        queryLength: 10
    )

    private static let refusals: [(LayerError, @Sendable (inout MultiHeadLayer) -> Void)] = [
        (.embeddingNotDivisible(embedding: 25, heads: 4), { $0.embedding = 25 }),
        (.embeddingNotDivisible(embedding: 24, heads: 0), { $0.attention.shape.heads = 0 }),
        (
            .embeddingOutOfRange(found: 0, allowed: 1...MultiHeadLayer.largestEmbedding),
            { $0.embedding = 0 }
        ),
        (
            .sizeDiffers(size: .headDimension, found: 7, expected: 6),
            { $0.attention.shape.headDimension = 7 }
        ),
        (
            .sizeDiffers(size: .keyValueHeads, found: 2, expected: 4),
            { $0.attention.shape.keyValueHeads = 2 }
        ),
        (
            .sizeDiffers(size: .valueDimension, found: 24, expected: 6),
            { $0.attention.shape.valueDimension = 24 }
        ),
        (
            .lengthsDiffer(queryLength: 10, keyLength: 11),
            { $0.attention.shape.keyLength = 11 }
        ),
        (.attention(.softCapOutOfRange(found: -1)), { $0.attention.softCap = -1 }),
        (
            .attention(.sizeOutOfRange(field: .batch, found: 0, allowed: 1...2_147_483_647)),
            { $0.attention.shape.batch = 0 }
        ),
    ]

    @Test(arguments: refusals.indices)
    func `an impossible layer is refused with its numbers`(index: Int) throws {
        let (error, change) = Self.refusals[index]
        var layer = Self.layer
        try layer.validate()
        change(&layer)
        #expect(throws: error) { try layer.validate() }
        #expect(throws: error) { _ = try LayerGenerator(layer, seed: 1) }
        if case .embeddingNotDivisible(let embedding, let heads) = error {
            for number in [embedding, heads] { #expect("\(error)".contains("\(number)")) }
        }
    }

    @Test func `scales are those of the variants`() {
        func scale(_ variant: MultiHeadLayer.Variant) -> Float {
            MultiHeadLayer(variant, embedding: 64, heads: 4, batch: 1, queryLength: 1)
                .attention.score.scale
        }
        #expect(scale(.fused) == 0.25)
        #expect(scale(.shared) == 0.125)
    }

    @Test func `a layer has the tensors of its variant and source`() {
        func names(_ layer: MultiHeadLayer) -> [LayerTensor] {
            LayerTensor.inputs.filter { layer.shape(of: $0) != nil }
        }
        var layer = Self.layer
        #expect(
            names(layer)
                == [.query, .projectionWeights, .projectionBias, .outputWeights, .outputBias]
        )
        #expect(layer.shape(of: .projectionWeights) == [72, 24])
        #expect(layer.shape(of: .output) == [2, 10, 24])
        layer.source = .memory
        layer.attention.shape.keyLength = 7
        #expect(layer.shape(of: .key) == [2, 7, 24])
        #expect(layer.shape(of: .value) == nil)
        layer.variant = .shared
        layer.source = .separate
        #expect(
            names(layer) == [
                .query, .key, .value, .queryWeights, .keyWeights, .valueWeights, .outputWeights,
                .outputBias,
            ]
        )
        #expect(layer.shape(of: .keyWeights) == [6, 6])
        layer.attention.mask = Mask(lengths: .perBatch)
        // Three inputs, three small matrices, the output's matrix, bias and rows, two lengths.
        let floats = 480 + 2 * 336 + 3 * 36 + 576 + 24 + 480
        #expect(layer.tensorBytes == 4 * floats + 8)
    }

    @Test func `any part of a generated tensor is what its recipe says`() throws {
        let generator = try LayerGenerator(Self.layer, seed: 9)
        let philox = Philox(seed: 9)
        for (tensor, stream, factor) in [
            (LayerTensor.query, UInt32(32), Float(1)),
            (.projectionWeights, 35, Float((2 / 96.0).squareRoot())),
            (.outputWeights, 40, Float((2 / 48.0).squareRoot())), (.outputBias, 41, 0),
        ] {
            let count = Self.layer.elementCount(of: tensor)
            let bound = 1.732_050_9 * factor
            for elements in [0..<count, count / 3..<count - 1, 5..<6] {
                var numbers = [Float](repeating: .nan, count: elements.count)
                numbers.withUnsafeMutableBufferPointer {
                    generator.fill(tensor, elements: elements, into: $0.start)
                }
                for (number, index) in zip(numbers, elements) {
                    let word = Int64(philox.word(stream: stream, index: index) >> 8)
                    let unit =
                        Float(2 * word + 1 - 1 << 24) * Float(bitPattern: 0x33DD_B3D7)
                    #expect(number == unit * factor && number.magnitude <= bound, "\(tensor)")
                }
            }
        }
    }

    @Test func `the work of the parts is that of the layer`() throws {
        // 4·E·E for each token and projection pair, 4·E for each pair of rows.
        let expected: Double = 20 * (8 * 24 * 24) + 2 * 10 * 10 * 4 * 24
        #expect(Self.layer.flops() == expected)
        for test in LayerCase.all {
            let inputs = try test.inputs()
            let (layer, view) = (test.layer, inputs.view)
            let parts = LayerPhase.allCases.map { phase in
                (0..<layer.output(of: phase).parts).reduce(0.0) {
                    $0
                        + layer.flops(
                            of: phase,
                            part: $1,
                            lengths: view.lengths,
                            visibility: view.visibility
                        )
                }
            }
            let whole = layer.flops(lengths: view.lengths, visibility: view.visibility)
            #expect(parts.reduce(0, +) == whole, "\(test.testDescription)")
            let sizes = LayerPhase.allCases.map { layer.output(of: $0) }
                .map { $0.parts * $0.rows * $0.columns }
            #expect(sizes == [layer.elementCount(of: .heads), layer.elementCount(of: .output)])
        }
    }

    @Test func `a layer survives being written and read`() throws {
        for test in LayerCase.all {
            let text = try JSONEncoder().encode(test.layer)
            #expect(try JSONDecoder().decode(MultiHeadLayer.self, from: text) == test.layer)
        }
    }
}
