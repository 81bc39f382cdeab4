import Attention
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A problem with a scoring function, its generated inputs, and its answer by the formulas.
private struct ScoringCase: CustomTestStringConvertible, Sendable {
    var scoring: ScoringName
    var hidden = 8
    var heads = 2
    var keyValueHeads = 2
    var rows: Int
    var keys: Int
    var dimension: Int
    var keyDimension: Int?
    var mask = Mask.none

    var testDescription: String {
        "\(scoring.rawValue) \(rows)×\(keys), D \(dimension), Dk \(keyDimension ?? dimension)"
    }

    var problem: AttentionProblem {
        AttentionProblem(
            shape: AttentionShape(
                batch: 2,
                heads: heads,
                keyValueHeads: keyValueHeads,
                queryLength: rows,
                keyLength: keys,
                headDimension: dimension,
                keyDimension: keyDimension,
                valueDimension: 12
            ),
            mask: mask,
            score: Score(
                scoring.function(hidden: hidden),
                scale: scoring.usualScale(headDimension: dimension)
            )
        )
    }

    func inputs(seed: UInt64 = 3) throws -> AttentionInputs {
        try AttentionInputs(InputGenerator(problem, seed: seed))
    }

    static let all: [ScoringCase] = [
        ScoringCase(scoring: .dot, rows: 40, keys: 70, dimension: 17),
        ScoringCase(scoring: .cosine, keyValueHeads: 1, rows: 40, keys: 70, dimension: 33),
        ScoringCase(scoring: .cosine, rows: 20, keys: 20, dimension: 1),
        ScoringCase(scoring: .bilinear, rows: 40, keys: 70, dimension: 17, keyDimension: 40),
        ScoringCase(
            scoring: .bilinear,
            keyValueHeads: 1,
            rows: 3,
            keys: 130,
            dimension: 16,
            mask: Mask(band: .causalBottomRight)
        ),
        ScoringCase(scoring: .additive, hidden: 48, rows: 70, keys: 140, dimension: 16),
        ScoringCase(
            scoring: .additive,
            hidden: 5,
            keyValueHeads: 1,
            rows: 90,
            keys: 90,
            dimension: 20,
            keyDimension: 3,
            mask: Mask(band: .causal)
        ),
        ScoringCase(scoring: .gaussian, rows: 66, keys: 130, dimension: 24),
        ScoringCase(
            scoring: .gaussian,
            rows: 50,
            keys: 50,
            dimension: 1,
            mask: Mask(pattern: .window(back: 9, ahead: 3))
        ),
        ScoringCase(scoring: .gaussianColumns, rows: 40, keys: 70, dimension: 33),
    ]
}

extension AttentionInputs {
    fileprivate func numbers(_ tensor: TensorName) -> [Double] {
        floats(of: tensor).map { Double($0) }
    }

    fileprivate func output(
        _ kernel: AttentionKernel,
        slices: Range<Int>,
        rows: Range<Int>
    ) -> [Float] {
        let stride = rows.count * problem.shape.valueDimension
        var output = [Float](repeating: .pi, count: slices.count * stride)
        guard let workspace = KernelWorkspace() else { fatalError("no memory") }
        output.withUnsafeMutableBufferPointer {
            kernel.forward(
                problem,
                view,
                slices: slices,
                rows: rows,
                output: $0.start,
                outputSliceStride: stride,
                workspace: workspace
            )
        }
        return output
    }
}

/// The tensors of a problem in float64, and scores by their formulas.
private struct Formulas {
    let problem: AttentionProblem
    let tensors: [TensorName: [Double]]

    init(_ inputs: borrowing AttentionInputs) {
        problem = inputs.problem
        var tensors: [TensorName: [Double]] = [:]
        for tensor in TensorName.floats { tensors[tensor] = inputs.numbers(tensor) }
        self.tensors = tensors
    }

    func numbers(_ tensor: TensorName) -> [Double] { tensors[tensor] ?? [] }

    /// The score of one pair.
    func score(slice: Int, row: Int, key: Int) -> Double {
        let shape = problem.shape
        let (d, dk) = (shape.headDimension, shape.keyDimension)
        let first = (slice * shape.queryLength + row) * d
        let q = Array(numbers(.query)[first..<first + d])
        let start = (shape.keyValueSlice(of: slice) * shape.keyLength + key) * dk
        let k = Array(numbers(.key)[start..<start + dk])
        func product(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let w = numbers(.scoreWeights)
        let value: Double
        switch problem.score.function {
        case .dot: value = product(q, k)
        case .cosine:
            value = product(q, k) / product(q, q).squareRoot() / product(k, k).squareRoot()
        case .bilinear:
            value = (0..<d).reduce(0) { $0 + q[$1] * product(Array(w[$1 * dk..<($1 + 1) * dk]), k) }
        case .additive(let hidden):
            let (wq, wk) = (numbers(.queryWeights), numbers(.keyWeights))
            let wv = numbers(.hiddenWeights)
            value = (0..<hidden).reduce(0) { sum, h in
                let a = product(Array(wq[h * d..<(h + 1) * d]), q)
                let b = product(Array(wk[h * dk..<(h + 1) * dk]), k)
                return sum + wv[h] * tanh(a + b)
            }
        case .gaussian: value = -zip(q, k).reduce(0) { $0 + pow(($1.0 - $1.1) * w[0], 2) } / 2
        case .gaussianColumns:
            value = -(0..<d).reduce(0) { $0 + pow((q[$1] - k[$1]) * w[$1], 2) } / 2
        }
        return value * Double(problem.score.scale)
    }
}

struct ScoringTests {
    /// A width beyond the square root of f32's range, and columns that are as much smaller or larger.
    @Test(arguments: InstructionSet.available, [1e20, 1e-20, -0x1p40, 0x1p-40] as [Float])
    func `widths whose squares leave the range of f32 make the scores of usual ones`(
        instructionSet: InstructionSet,
        width: Float
    ) throws {
        let entry = ScoringCase(scoring: .gaussian, rows: 20, keys: 50, dimension: 24)
        let usual = try entry.inputs()
        let extreme = try entry.inputs()
        usual.set(.scoreWeights, [1])
        extreme.set(.scoreWeights, [width])
        for tensor in [TensorName.query, .key] {
            extreme.set(tensor, usual.floats(of: tensor).map { $0 / width })
        }
        let kernel = try #require(AttentionKernel(instructionSet))
        let (expected, found) = (wholeOutput(usual, kernel), wholeOutput(extreme, kernel))
        #expect(zip(expected, found).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(expected.contains { abs($0) > 0.01 })
    }

    @Test(arguments: ScoringCase.all, InstructionSet.available)
    private func `outputs follow the formula`(test: ScoringCase, set: InstructionSet) throws {
        let inputs = try test.inputs()
        let (problem, shape) = (inputs.problem, inputs.problem.shape)
        let kernel = try #require(AttentionKernel(set))
        let output = inputs.output(kernel, slices: 0..<shape.sliceCount, rows: 0..<test.rows)
        let visible = RowVisibility(problem, inputs.view)
        let formulas = Formulas(inputs)
        let values = formulas.numbers(.value)
        for (slice, row) in [(0, 0), (1, test.rows - 1), (3, test.rows / 2)] {
            let keys = visible.visibleKeys(slice: slice, row: row)
            try #require(!keys.isEmpty)
            let scores = keys.map { formulas.score(slice: slice, row: row, key: $0) }
            let largest = scores.max() ?? 0
            let weights = scores.map { exp($0 - largest) }
            let sum = weights.reduce(0, +)
            for column in 0..<shape.valueDimension {
                let expected = zip(keys, weights).reduce(0) { total, pair in
                    let place = shape.keyValueSlice(of: slice) * test.keys + pair.0
                    return total + pair.1 / sum * values[place * shape.valueDimension + column]
                }
                let found = output[(slice * test.rows + row) * shape.valueDimension + column]
                #expect(abs(Double(found) - expected) < 4e-6, "slice \(slice), row \(row)")
            }
        }
        // Scores that are all equal would hide a wrong scoring function.
        let spread = (0..<5).map { formulas.score(slice: 0, row: 0, key: $0) }
        #expect((spread.max() ?? 0) - (spread.min() ?? 0) > 0.05)
    }

    @Test(arguments: ScoringCase.all, InstructionSet.available)
    private func `a row has the same bits in every part`(
        test: ScoringCase,
        set: InstructionSet
    ) throws {
        let inputs = try test.inputs()
        let shape = inputs.problem.shape
        let kernel = try #require(AttentionKernel(set))
        let slices = 0..<shape.sliceCount
        let whole = inputs.output(kernel, slices: slices, rows: 0..<test.rows)
        for cut in Set([1, test.rows / 3, test.rows - 1]) where cut > 0 && cut < test.rows {
            for rows in [0..<cut, cut..<test.rows] {
                let part = inputs.output(kernel, slices: 1..<3, rows: rows)
                let expected = (1..<3).flatMap { slice in
                    let start = slice * test.rows * shape.valueDimension
                    return whole[
                        start + rows.lowerBound * shape.valueDimension..<start + rows.upperBound
                            * shape.valueDimension
                    ]
                }
                #expect(part.map(\.bitPattern) == expected.map(\.bitPattern))
            }
        }
    }

    @Test(arguments: ScoringCase.all)
    private func `threads and one thread give the same bits`(test: ScoringCase) throws {
        let inputs = try test.inputs()
        let right = bits(wholeOutput(inputs, .best))
        #expect(bits(wholeOutput(inputs, .best, threads: 3)) == right)
    }

    @Test func `prepared keys do not outlive their inputs`() throws {
        let test = ScoringCase.all[5]
        let inputs = try test.inputs()
        let team = ThreadTeam(threadCount: 1)
        let kernel = AttentionKernel.best
        func output() -> [UInt32] {
            var output = [Float](repeating: 0, count: inputs.problem.byteCount(of: .output) / 4)
            output.withUnsafeMutableBufferPointer {
                _ = team.forwardWhole(kernel, inputs.problem, inputs.view, output: $0.start)
            }
            return output.map(\.bitPattern)
        }
        let before = output()
        for index in inputs.floats(of: .key).indices { inputs.floats(of: .key)[index] *= -1 }
        let after = output()
        #expect(before != after)
        let fresh = try test.inputs()
        for index in fresh.floats(of: .key).indices { fresh.floats(of: .key)[index] *= -1 }
        let shape = inputs.problem.shape
        let whole = fresh.output(kernel, slices: 0..<shape.sliceCount, rows: 0..<test.rows)
        #expect(after == whole.map(\.bitPattern))
    }

    @Test func `hand-made scores`() throws {
        // One query, two keys, D = 2; the weights are those of the scores given.
        func weights(_ score: Score, _ parameters: [TensorName: [Float]]) throws -> [Float] {
            let problem = AttentionProblem(
                shape: AttentionShape(
                    batch: 1,
                    heads: 1,
                    keyValueHeads: 1,
                    queryLength: 1,
                    keyLength: 2,
                    headDimension: 2,
                    valueDimension: 2
                ),
                score: score
            )
            let inputs = try AttentionInputs(problem)
            var tensors = parameters
            tensors[.query] = [3, 4]
            tensors[.key] = [4, 3, 0, 2]
            tensors[.value] = [1, 0, 0, 1]
            for (tensor, numbers) in tensors {
                for (index, number) in numbers.enumerated() {
                    inputs.floats(of: tensor)[index] = number
                }
            }
            return inputs.output(AttentionKernel.best, slices: 0..<1, rows: 0..<1)
        }
        func expect(_ weights: [Float], _ first: Double, _ second: Double) {
            let expected = 1 / (1 + exp(second - first))
            #expect(abs(Double(weights[0]) - expected) < 1e-6)
        }
        expect(try weights(Score(.dot, scale: 0.1), [:]), 2.4, 0.8)
        expect(try weights(Score(.cosine, scale: 1), [:]), 0.96, 0.8)
        // q W = [3·1 + 4·0, 3·2 + 4·(-1)] = [3, 2]
        expect(
            try weights(Score(.bilinear, scale: 0.25), [.scoreWeights: [1, 2, 0, -1]]),
            4.5,
            1
        )
        // Unit 0: 0.1·(3 + 4) and 0.2·k₀; unit 1: 0.5·4 and −0.5·k₁.
        expect(
            try weights(
                Score(.additive(hidden: 2), scale: 2),
                [
                    .queryWeights: [0.1, 0.1, 0, 0.5], .keyWeights: [0.2, 0, 0, -0.5],
                    .hiddenWeights: [1, -2],
                ]
            ),
            2 * (tanh(0.7 + 0.8) - 2 * tanh(2 - 1.5)),
            2 * (tanh(0.7) - 2 * tanh(2 - 1.0))
        )
        // Distances (-1, 1) and (3, 2).
        expect(try weights(Score(.gaussian, scale: 1), [.scoreWeights: [0.5]]), -0.25, -1.625)
        expect(
            try weights(Score(.gaussianColumns, scale: 1), [.scoreWeights: [0.5, 1]]),
            -0.625,
            -3.125
        )
    }

    @Test func `a row of zeros has the cosine 0`() throws {
        let inputs = try ScoringCase.all[1].inputs()
        let shape = inputs.problem.shape
        for index in 0..<shape.headDimension { inputs.floats(of: .query)[index] = 0 }
        let output = inputs.output(AttentionKernel.best, slices: 0..<1, rows: 0..<1)
        let values = inputs.floats(of: .value)
        for column in 0..<shape.valueDimension {
            let mean =
                (0..<shape.keyLength).reduce(0.0) {
                    $0 + Double(values[$1 * shape.valueDimension + column])
                } / Double(shape.keyLength)
            #expect(abs(Double(output[column]) - mean) < 1e-6)
        }
        let report = try inputs.verify(
            seed: 3,
            output: inputs.roundedReference(),
            singleProcess: inputs.roundedReference()
        )
        #expect(report.status == .agrees)
    }

    @Test func `impossible scores are refused`() throws {
        var problem = ScoringCase.all[5].problem
        problem.score.function = .additive(hidden: 513)
        #expect(throws: AttentionError.self) { try problem.validate() }
        problem = ScoringCase.all[0].problem
        problem.shape.keyDimension = 5
        #expect(
            throws: AttentionError.keyDimensionDiffers(found: 5, headDimension: 17)
        ) { try problem.validate() }
        for kind in [ValueKind.exactPermutation, .exactMean] {
            #expect(throws: AttentionError.self) {
                try InputGenerator(ScoringCase.all[1].problem, kind: kind, seed: 1)
            }
        }
    }
}
