import Attention
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Kernel regression: its training, its predictions, and their check.
@Suite struct KernelRegressionTests {
    private static func problem(
        _ pooling: Pooling,
        slices: Int = 3,
        rows: Int = 50,
        data: Int = 50
    ) -> AttentionProblem {
        var problem = makeProblem(
            heads: slices,
            queryLength: rows,
            keyLength: data,
            headDimension: 1
        )
        problem.operation = .kernelRegression(pooling)
        return problem
    }

    /// The squared error of a row that all others predict, by its definition.
    private func loss(_ x: [Float], _ y: [Float], row: Int, width: Double) -> Double {
        let others = x.indices.filter { $0 != row }
        let scores = others.map { other in
            let distance = (Double(x[row]) - Double(x[other])) * width
            return -distance * distance / 2
        }
        let largest = scores.max() ?? 0
        let powers = scores.map { exp($0 - largest) }
        let prediction = zip(others, powers).reduce(0.0) { $0 + $1.1 * Double(y[$1.0]) }
        let error = prediction / powers.reduce(0, +) - Double(y[row])
        return error * error
    }

    @Test(arguments: InstructionSet.available, [0.25, 1, 3.5, -2] as [Float])
    func `gradients are those of finite differences`(
        instructionSet: InstructionSet,
        width: Float
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for data in [2, 3, 16, 17, 50, 131] {
            let inputs = try AttentionInputs(
                InputGenerator(Self.problem(.gaussian, slices: 1, data: data), seed: 5)
            )
            let (x, y) = (Array(inputs.floats(of: .key)), Array(inputs.floats(of: .value)))
            for row in Set([0, 1, data / 2, data - 1]) {
                let found = kernel.trained(
                    inputs: inputs.floats(of: .key).start,
                    targets: inputs.floats(of: .value).start,
                    count: data,
                    rows: row..<row + 1,
                    width: width
                )
                let step = 1e-5
                let (above, below) = (
                    loss(x, y, row: row, width: Double(width) + step),
                    loss(x, y, row: row, width: Double(width) - step)
                )
                let slope = (above - below) / (2 * step)
                let exact = loss(x, y, row: row, width: Double(width))
                #expect(abs(Double(found.loss) - exact) <= 1e-5 * (1 + exact))
                #expect(abs(Double(found.gradient) - slope) <= 2e-5 * (1 + abs(slope) + exact))
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `training follows the gradient of the sum of squared errors`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        // A rate at which a rounding error does not grow from step to step.
        let training = Training(epochs: 6, rate: 0.005)
        let problem = Self.problem(.learned(training), data: 90)
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 2))
        let found = wholeOutput(inputs, kernel)
        let sums = try #require(TrainingSums(problem, inputs.view))
        let queries = Array(inputs.floats(of: .query))
        for slice in 0..<problem.shape.sliceCount {
            let data = slice * 90..<(slice + 1) * 90
            let (x, y) = (
                Array(inputs.floats(of: .key)[data]), Array(inputs.floats(of: .value)[data])
            )
            func total(_ width: Double) -> Double {
                x.indices.reduce(0) { $0 + loss(x, y, row: $1, width: width) }
            }
            var width = 1.0
            for epoch in 0..<training.epochs {
                #expect(abs(Double(sums.width(epoch: epoch, slice: slice)) - width) < 1e-4)
                let slope = (total(width + 1e-5) - total(width - 1e-5)) / 2e-5
                width -= Double(training.rate) * slope
            }
            #expect(abs(Double(sums.width(epoch: 6, slice: slice)) - width) < 1e-4)
            #expect(width > 1.2, "training must have moved the width")
            for row in 0..<50 {
                let powers = x.map { other in
                    let distance = Double(queries[slice * 50 + row]) - Double(other)
                    return exp(-distance * distance * width * width / 2)
                }
                let sum = zip(powers, y).reduce(0.0) { $0 + $1.0 * Double($1.1) }
                #expect(abs(Double(found[slice * 50 + row]) - sum / powers.reduce(0, +)) < 1e-3)
            }
        }
    }

    /// The source document: average, Gaussian, learned.
    @Test func `a learned width follows the data more closely than a Gaussian one`() throws {
        func fitted(_ pooling: Pooling) throws -> (error: Double, values: [Float]) {
            let problem = Self.problem(pooling, slices: 1)
            let inputs = try AttentionInputs(InputGenerator(problem, seed: 7))
            let output = wholeOutput(inputs, .best)
            let truth = inputs.floats(of: .query).map { 2 * sin(Double($0)) + pow(Double($0), 0.8) }
            let errors = zip(output, truth).map { (Double($0) - $1) * (Double($0) - $1) }
            return (errors.reduce(0, +) / 50, output)
        }
        let (average, gaussian) = try (fitted(.average), fitted(.gaussian))
        let learned = try fitted(.learned(Training(epochs: 5, rate: 0.05)))
        #expect(Set(average.values).count == 1)
        #expect(average.error > 2 * gaussian.error)
        #expect(gaussian.error > 2 * learned.error)
        let problem = Self.problem(.learned(Training()), slices: 1)
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 7))
        _ = wholeOutput(inputs, .best)
        let sums = try #require(TrainingSums(problem, inputs.view))
        func loss(_ epoch: Int) -> Float {
            (0..<problem.trainingSpans).reduce(0) {
                $0 + sums.number(1, epoch: epoch, slice: 0, span: $1)
            }
        }
        #expect(loss(4) < 0.8 * loss(0))
        #expect(sums.width(epoch: 5, slice: 0) > 2, "the weights become narrower")
    }

    @Test(arguments: InstructionSet.available)
    func `any cut of a stage has the same bits`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let problem = Self.problem(.learned(Training(epochs: 3, rate: 0.1)), slices: 4, data: 150)
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 4))
        let one = wholeOutput(inputs, kernel)
        let training = Array(inputs.floats(of: .training))
        inputs.floats(of: .training).update(repeating: .nan)
        #expect(bits(wholeOutput(inputs, kernel, threads: 3)) == bits(one))
        #expect(bits(Array(inputs.floats(of: .training))) == bits(training))
        let team = ThreadTeam(threadCount: 2)
        for stage in problem.stages {
            let isLast = stage.output == .output
            let columns = stage.columnCount
            let first = problem.firstElement(of: stage)
            let cuts =
                isLast ? [(0..<4, 0..<1), (1..<3, 7..<50)] : [(0..<4, 1..<2), (3..<4, 2..<5)]
            for (slices, rows) in cuts {
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
                let expected = slices.flatMap { slice -> ArraySlice<Float> in
                    let row = slice * stage.rowCount
                    let place =
                        (row + rows.lowerBound) * columns..<(row + rows.upperBound) * columns
                    return isLast
                        ? one[place]
                        : training[first + place.lowerBound..<first + place.upperBound]
                }
                #expect(bits(part) == bits(expected))
            }
        }
    }

    @Test func `verification notices wrong sums, steps and predictions`() throws {
        let training = Training(epochs: 3, rate: 0.05)
        let problem = Self.problem(.learned(training), data: 70)
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 4))
        let right = wholeOutput(inputs, .best)
        let sums = inputs.floats(of: .training)
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
        let saved = Array(sums)
        // A loss, a gradient, a width in the middle; the sums of another epoch, of another slice.
        let part = problem.trainingSpans * Training.sumColumns
        let changes: [() -> Void] = [
            { sums[1] *= 1.001 }, { sums[2] *= 1.001 }, { sums[3 * part] *= 1.001 },
            { for place in 0..<3 * part { sums[place] = saved[3 * part + place] } },
            { for place in part..<2 * part { sums[place] = saved[part + place] } },
            { sums.update(repeating: 0) },
        ]
        for (index, change) in changes.enumerated() {
            change()
            #expect(try status(right) == .disagrees, "change \(index)")
            for place in saved.indices { sums[place] = saved[place] }
        }
        // Predictions of the Gaussian pooling.
        let plain = try AttentionInputs(InputGenerator(Self.problem(.gaussian, data: 70), seed: 4))
        #expect(try status(wholeOutput(plain, .best)) == .disagrees)
    }

    @Test func `what kernel regression cannot have is refused`() {
        var problem = Self.problem(.learned(Training()))
        #expect(thrownError { try problem.validate() } == nil)
        problem.shape.keyLength = 1
        #expect(thrownError { try problem.validate() } == .trainingOfOneRow)
        problem.operation = .kernelRegression(.gaussian)
        #expect(thrownError { try problem.validate() } == nil)
        problem.mask.band = .causal
        #expect(thrownError { try problem.validate() } == .regressionOfData)
        problem.mask = .none
        problem.shape.valueDimension = 2
        #expect(thrownError { try problem.validate() } == .regressionOfData)
        problem = Self.problem(.learned(Training(epochs: 0)))
        #expect(thrownError { try problem.validate() }?.field == .epochs)
        problem = Self.problem(.learned(Training(rate: .infinity)))
        #expect(thrownError { try problem.validate() }?.field == .rate)
    }

    @Test func `generated data are noise round their curve, with sorted inputs`() throws {
        let problem = Self.problem(.gaussian, slices: 2, rows: 10, data: 4000)
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 3))
        let (x, y) = (Array(inputs.floats(of: .key)), Array(inputs.floats(of: .value)))
        #expect(Array(inputs.floats(of: .query)[10...]) == (0..<10).map { Float($0) / 2 })
        #expect(x[..<4000] != x[4000...])
        for slice in [x[..<4000], x[4000...]] {
            #expect(zip(slice, slice.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(slice.allSatisfy { $0 >= 0 && $0 < 5 })
            let mean = slice.reduce(0.0) { $0 + Double($1) } / 4000
            #expect(abs(mean - 2.5) < 0.1)
        }
        let noise = zip(x, y).map { Double($1) - 2 * sin(Double($0)) - pow(Double($0), 0.8) }
        let mean = noise.reduce(0, +) / 8000
        let deviation = (noise.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 8000).squareRoot()
        #expect(abs(mean) < 0.03)
        #expect(abs(deviation - 0.5) < 0.02)
        // Any part of a tensor is the same, made alone.
        let generator = try InputGenerator(problem, seed: 3)
        var part = [Float](repeating: 0, count: 200)
        let rows = RowVisibility(problem, inputs.view)
        part.withUnsafeMutableBufferPointer {
            generator.fill(.value, elements: 3900..<4100, into: $0.start, rows: rows)
        }
        #expect(part == Array(y[3900..<4100]))
    }
}
