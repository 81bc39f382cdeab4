import Attention
import TestSupport
import Testing

/// The bound lets other orders of summation pass: nobody keeps a check that rejects right outputs.
struct BoundTests {
    @Test(arguments: MutantTests.seeds)
    func `a right program that sums in another order agrees`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let shape = AttentionShape(
            batch: .random(in: 1...2, using: &random),
            heads: 2,
            keyValueHeads: .random(in: 1...2, using: &random),
            queryLength: .random(in: 1...70, using: &random),
            keyLength: .random(in: 1...300, using: &random),
            headDimension: .random(in: 1...130, using: &random),
            valueDimension: .random(in: 2...70, using: &random)
        )
        let bands: [Mask.Band] = [.none, .causal, .causalBottomRight]
        let mask = Mask(
            band: bands.randomElement(using: &random) ?? .none,
            lengths: Mask.Lengths.allCases.randomElement(using: &random) ?? .none
        )
        let problem = AttentionProblem(shape: shape, mask: mask)
        for kind in [ValueKind.uniform, .large, .constant] {
            let inputs = try AttentionInputs(InputGenerator(problem, kind: kind, seed: seed))
            let output = onlineOutput(inputs, keyBlock: .random(in: 1...64, using: &random))
            let report = try inputs.verify(
                kind: kind,
                seed: seed,
                output: output,
                singleProcess: output
            )
            let isBlank = output.allSatisfy { $0 == 0 }
            #expect(
                report.status == (isBlank ? .mistrusted : .agrees),
                "seed \(seed), \(kind), \(problem): \(report.reasons)"
            )
        }
    }

    /// A bias is rounded together with its score, and few rows leave the plain program to luck.
    @Test(arguments: [1, 2, 64], [UInt64](1...8))
    func `a right program agrees whatever biases add`(rows: Int, seed: UInt64) throws {
        let problem = makeProblem(
            heads: 2,
            queryLength: rows,
            keyLength: 20,
            headDimension: 16,
            mask: Mask(bias: .shared)
        )
        var random = SplitMix(seed: seed)
        for (level, spread) in [(1000, 1), (-3000, 1), (0, 100)] as [(Float, Float)] {
            let inputs = try AttentionInputs(InputGenerator(problem, kind: .uniform, seed: seed))
            let biases = (0..<rows * 20).map { index in
                // Hidden keys must not widen the bound.
                index % 7 == 3 ? -1e9 : level + spread * .random(in: -2...2, using: &random)
            }
            inputs.set(.bias, biases)
            let output = onlineOutput(inputs, keyBlock: 8)
            let report = try inputs.verify(
                kind: nil,
                seed: seed,
                output: output,
                singleProcess: output
            )
            #expect(report.status == .agrees, "\(report.reasons)")
            #expect(report.boundMaxAbsolute < 2e-3)
            let largest = try #require(output.indices.max { abs(output[$0]) < abs(output[$1]) })
            let wrong = output.enumerated().map { $0 == largest ? $1 + 4e-3 : $1 }
            let judged = try inputs.verify(
                kind: nil,
                seed: seed,
                output: wrong,
                singleProcess: wrong
            )
            #expect(judged.status == .disagrees)
        }
    }

    /// Thousands of additions of equal numbers round in the same direction.
    ///
    /// How far a sum drifts depends on where it is cut, so the plain program may be lucky.
    @Test(arguments: [1.1, 1.3, 0.7, 1.7777] as [Float])
    func `sums of equal values may drift`(value: Float) throws {
        let problem = makeProblem(heads: 2, queryLength: 2, keyLength: 4096, headDimension: 4)
        let inputs = try AttentionInputs(problem)
        let count = problem.byteCount(of: .value) / 4
        inputs.set(.value, Array(repeating: value, count: count))
        let output = onlineOutput(inputs, keyBlock: 2048)
        let report = try inputs.verify(kind: nil, seed: 1, output: output, singleProcess: output)
        #expect(report.status != .disagrees, "\(report.reasons)")
        #expect(report.maxAbsoluteError <= report.boundMaxAbsolute)
        #expect(report.rmsError <= report.boundRms)
        #expect(report.maxAbsoluteError > 1e-6)
        #expect(report.boundMaxAbsolute < 1e-3)
    }

    /// Attention in f32 with a running maximum over blocks of keys, last block first, and dot
    /// products in four sums: no right program is further from the plain one.
    func onlineOutput(_ inputs: borrowing AttentionInputs, keyBlock: Int) -> [Float] {
        let (problem, view) = (inputs.problem, inputs.view)
        let shape = problem.shape
        let rows = RowVisibility(problem, view)
        let biases = problem.mask.bias == .none ? nil : view.floats(.bias)
        let log2e: Float = 1.442_695
        let (d, dv) = (shape.headDimension, shape.valueDimension)
        var output: [Float] = []
        for slice in 0..<shape.sliceCount {
            let keys = view.key + shape.keyValueSlice(of: slice) * shape.keyLength * d
            let values = view.value + shape.keyValueSlice(of: slice) * shape.keyLength * dv
            for row in 0..<shape.queryLength {
                let query = view.query + (slice * shape.queryLength + row) * d
                var (largest, sum) = (-Float.infinity, Float(0))
                var sums = [Float](repeating: 0, count: dv)
                let visible = Array(rows.visibleKeys(slice: slice, row: row).reversed())
                for start in stride(from: 0, to: visible.count, by: keyBlock) {
                    let block = visible[start..<min(start + keyBlock, visible.count)]
                    let scores = block.map { key in
                        var parts = SIMD4<Float>()
                        for column in 0..<d {
                            parts[column % 4] += query[column] * keys[key * d + column]
                        }
                        let score = parts.sum() * problem.score.scale
                        guard let biases else { return score }
                        // In powers of two, as fast kernels have it.
                        let bias = biases[row * shape.keyLength + key] * log2e
                        return (score * log2e + bias) / log2e
                    }
                    let newLargest = max(largest, scores.max() ?? largest)
                    let factor = exponential(largest - newLargest)
                    sum *= factor
                    for column in 0..<dv { sums[column] *= factor }
                    for (key, score) in zip(block, scores) {
                        let weight = exponential(score - newLargest)
                        sum += weight
                        for column in 0..<dv { sums[column] += weight * values[key * dv + column] }
                    }
                    largest = newLargest
                }
                output += sums.map { visible.isEmpty ? 0 : $0 / sum }
            }
        }
        return output
    }
}
