import Attention
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Attention over projected keys and values.
@Suite struct LinformerTests {
    private static let problems: [AttentionProblem] = [
        (70, 150, 33, 12, 9), (2, 1100, 130, 16, 20), (40, 64, 64, 8, 8), (33, 90, 1, 17, 5),
    ].map { rows, keys, rank, columns, valueColumns in
        var problem = makeProblem(
            batch: 2,
            heads: 4,
            keyValueHeads: 2,
            queryLength: rows,
            keyLength: keys,
            headDimension: columns,
            valueDimension: valueColumns
        )
        problem.operation = .linformer(keys: rank)
        return problem
    }

    @Test(arguments: InstructionSet.available, problems)
    func `outputs are those of the definition, with any number of threads`(
        instructionSet: InstructionSet,
        problem: AttentionProblem
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 4))
        let one = wholeOutput(inputs, kernel)
        #expect(bits(wholeOutput(inputs, kernel, threads: 3)) == bits(one))
        let (shape, rank) = (problem.shape, try #require(problem.operation.projectedKeys))
        let (e, f) = (inputs.floats(of: .keyProjection), inputs.floats(of: .valueProjection))
        func projected(_ tensor: TensorName, _ matrix: UnsafeMutableBufferPointer<Float>)
            -> [Double]
        {
            let columns = tensor == .key ? shape.keyDimension : shape.valueDimension
            let rows = inputs.floats(of: tensor)
            return (0..<shape.keyValueSliceCount * rank * columns).map { index in
                let (slice, row) = (index / columns / rank, index / columns % rank)
                return (0..<shape.keyLength).reduce(0.0) { sum, key in
                    let place = (slice * shape.keyLength + key) * columns + index % columns
                    return sum + Double(matrix[row * shape.keyLength + key]) * Double(rows[place])
                }
            }
        }
        let (keys, values) = (projected(.key, e), projected(.value, f))
        let queries = inputs.floats(of: .query)
        for slice in 0..<shape.sliceCount {
            let first = shape.keyValueSlice(of: slice) * rank
            for row in 0..<shape.queryLength {
                let q = (slice * shape.queryLength + row) * shape.headDimension
                let scores = (0..<rank).map { key in
                    (0..<shape.headDimension).reduce(0.0) {
                        $0 + Double(queries[q + $1])
                            * keys[(first + key) * shape.headDimension + $1]
                    } * Double(problem.score.scale)
                }
                let weights = softmax(scores)
                for column in 0..<shape.valueDimension {
                    let expected = (0..<rank).reduce(0.0) {
                        $0 + weights[$1] * values[(first + $1) * shape.valueDimension + column]
                    }
                    let found = one[
                        (slice * shape.queryLength + row) * shape.valueDimension + column
                    ]
                    #expect(abs(Double(found) - expected) < 4e-6)
                }
            }
        }
    }

    private func softmax(_ scores: [Double]) -> [Double] {
        let largest = scores.max() ?? 0
        let powers = scores.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    @Test(arguments: InstructionSet.available)
    func `any cut of a stage has the same bits`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let problem = Self.problems[1]
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 4))
        _ = wholeOutput(inputs, kernel)
        let team = ThreadTeam(threadCount: 2)
        for stage in problem.stages.dropLast() {
            let whole = Array(inputs.floats(of: stage.output))
            let columns = stage.columnCount
            for (slices, rows) in [(0..<4, 0..<1), (1..<3, 32..<130), (3..<4, 7..<70)] {
                var part = [Float](repeating: .pi, count: slices.count * rows.count * columns)
                part.withUnsafeMutableBufferPointer {
                    _ = team.compute(
                        stage,
                        kernel,
                        problem,
                        inputs.view,
                        slices: slices,
                        rows: rows,
                        output: $0.start,
                        outputSliceStride: rows.count * columns
                    )
                }
                let expected = slices.flatMap { slice in
                    let first = slice * stage.rowCount
                    return whole[
                        (first + rows.lowerBound) * columns..<(first + rows.upperBound) * columns
                    ]
                }
                #expect(bits(part) == bits(expected))
            }
        }
    }

    @Test func `verification notices what a projection would lose`() throws {
        let problem = Self.problems[0]
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 4))
        let right = wholeOutput(inputs, .best)
        func status(_ output: [Float]) throws -> VerificationStatus {
            try output.withUnsafeBufferPointer {
                try Verifier(
                    problem,
                    inputs.view,
                    valueKind: .uniform,
                    seed: 4,
                    mode: .full,
                    queryBlock: 32
                ).verify(output: $0.start, singleProcessOutput: nil).status
            }
        }
        #expect(try status(right) == .agrees)
        let (e, f) = (inputs.floats(of: .keyProjection), inputs.floats(of: .valueProjection))
        let last = e.count - 1
        // The last key left out of a projection, and E in the place of F.
        for change in [{ e[last] = 0 }, { f[last] = 0 }, { f[0..<e.count] = e[0..<e.count] }] {
            let (oldE, oldF) = (Array(e), Array(f))
            change()
            let wrong = wholeOutput(inputs, .best)
            inputs.set(.keyProjection, oldE)
            inputs.set(.valueProjection, oldF)
            #expect(try status(wrong) == .disagrees)
        }
    }

    @Test func `what Linformer cannot have is refused`() {
        var problem = Self.problems[0]
        problem.operation = .linformer(keys: 151)
        #expect(thrownError { try problem.validate() }?.field == .linformer)
        problem.operation = .linformer(keys: 3)
        #expect(thrownError { try problem.validate() } == nil)
        problem.mask.band = .causal
        #expect(thrownError { try problem.validate() } == .linformerMasked)
        problem.mask = Mask(bias: .shared)
        #expect(thrownError { try problem.validate() } == .linformerMasked)
    }
}
