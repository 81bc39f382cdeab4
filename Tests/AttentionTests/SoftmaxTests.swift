import Attention
import Platform
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The softmax of given scores.
@Suite struct SoftmaxTests {
    private func problem(
        batch: Int = 1,
        heads: Int = 1,
        rows: Int,
        keys: Int,
        mask: Mask = .none
    ) -> AttentionProblem {
        var problem = makeProblem(
            batch: batch,
            heads: heads,
            queryLength: rows,
            keyLength: keys,
            mask: mask
        )
        problem.operation = .maskedSoftmax
        return problem
    }

    /// The cases of the tutorial on attention scoring: the valid keys of every row.
    private static let taught: [(batch: Int, rows: Int, lengths: [Int32], isPerRow: Bool)] = [
        (3, 8, [2, 2, 2], false), (3, 8, [1, 2, 3], false), (2, 2, [1, 3, 2, 4], true),
    ]

    @Test(arguments: InstructionSet.available, taught)
    func `weights sum to one over the valid keys, and are zero beyond`(
        instructionSet: InstructionSet,
        taught: (batch: Int, rows: Int, lengths: [Int32], isPerRow: Bool)
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let mask = Mask(lengths: taught.isPerRow ? .perRow : .perBatch)
        let problem = problem(batch: taught.batch, rows: taught.rows, keys: 5, mask: mask)
        let inputs = try AttentionInputs(
            InputGenerator(problem, seed: 2),
            lengths: taught.lengths
        )
        let weights = wholeOutput(inputs, kernel)
        for row in 0..<taught.batch * taught.rows {
            let valid = Int(taught.lengths[taught.isPerRow ? row : row / taught.rows])
            let own = weights[row * 5..<(row + 1) * 5]
            #expect(abs(own.prefix(valid).reduce(0, +) - 1) < 1e-6)
            #expect(own.prefix(valid).allSatisfy { $0 > 0 })
            #expect(own.dropFirst(valid).allSatisfy { $0.bitPattern == 0 })
        }
    }

    @Test func `a check that is cancelled judges nothing`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(rows: 9, keys: 5), seed: 2))
        let weights = wholeOutput(inputs, .best)
        let cancellation = Cancellation()
        func status() throws -> VerificationStatus {
            try inputs.verify(
                seed: 2,
                output: weights,
                singleProcess: weights,
                cancellation: cancellation
            ).status
        }
        #expect(try status().isGood)
        cancellation.cancel()
        #expect(try status() == .unchecked)
    }

    private static let masks = [
        Mask.none, Mask(band: .causal), Mask(lengths: .perRow),
        Mask(band: .causalBottomRight, visibility: .perHead),
        Mask(pattern: .longformer(LongformerPattern(window: 34, globals: [0, 60]))),
        Mask(pattern: .window(back: 30, ahead: 9), lengths: .perBatch, visibility: .perSlice),
    ]

    @Test(arguments: InstructionSet.available, masks)
    func `weights are those of the definition, however rows are cut`(
        instructionSet: InstructionSet,
        mask: Mask
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for keys in [3, 70, 333] {
            var mask = mask
            if keys < 61, case .longformer = mask.pattern { mask.pattern = .none }
            let problem = problem(batch: 2, heads: 2, rows: 70, keys: keys, mask: mask)
            let inputs = try AttentionInputs(InputGenerator(problem, kind: .large, seed: 7))
            let weights = wholeOutput(inputs, kernel)
            #expect(bits(wholeOutput(inputs, kernel, threads: 3)) == bits(weights))
            let scores = inputs.floats(of: .scores)
            let rows = RowVisibility(problem, inputs.view)
            for slice in 0..<4 {
                for row in 0..<70 {
                    let first = (slice * 70 + row) * keys
                    let seen = rows.visibleKeys(slice: slice, row: row)
                    let top = seen.map { scores[first + $0] }.max() ?? 0
                    let powers = seen.map { exp(Double(scores[first + $0]) - Double(top)) }
                    let sum = powers.reduce(0, +)
                    var expected = [Double](repeating: 0, count: keys)
                    for (key, power) in zip(seen, powers) { expected[key] = power / sum }
                    for key in 0..<keys {
                        let error = abs(Double(weights[first + key]) - expected[key])
                        // Scores reach ±28, and are rounded once in units of log₂e.
                        #expect(error <= 6e-6 * expected[key])
                    }
                }
            }
        }
    }

    /// The largest scores of a row, and what is less by so much that its weight is 0.
    private static let fills: [Float] = [
        1e10, 9e15, 1e20, 3e38, -1e10, -9e15, -1e20, -.greatestFiniteMagnitude,
    ]

    @Test(arguments: InstructionSet.available, fills)
    func `scores may be as large as f32 has them`(set: InstructionSet, fill: Float) throws {
        let kernel = try requireKernel(set)
        let inputs = try AttentionInputs(
            InputGenerator(problem(rows: 2, keys: 37), seed: 7)
        )
        let scores = inputs.floats(of: .scores)
        for key in 0..<37 { scores[key] = fill }
        // Every third one has the weight.
        let (low, high) = fill < 0 ? (fill, 0.75 * fill) : (0.75 * fill, fill)
        for key in 0..<37 { scores[37 + key] = key % 3 == 0 ? high : low }
        let weights = wholeOutput(inputs, kernel)
        for key in 0..<37 {
            #expect(abs(weights[key] - 1 / 37) < 1e-7)
            #expect(abs(weights[37 + key] - (key % 3 == 0 ? 1 / 13 : 0)) < 1e-7)
        }
    }

    @Test(arguments: fills)
    func `rows of huge scores are checked as closely as others`(fill: Float) throws {
        let kernel = try requireKernel(InstructionSet.available[0])
        let inputs = try AttentionInputs(
            InputGenerator(problem(rows: 8, keys: 37), seed: 7)
        )
        let scores = inputs.floats(of: .scores)
        // A row of equal scores, and one whose hidden keys were filled before they came here.
        for key in 0..<37 { scores[key] = fill }
        for key in 20..<37 { scores[37 + key] = -fill.magnitude }
        let right = wholeOutput(inputs, kernel)
        let report = try inputs.verify(seed: 7, output: right, singleProcess: right)
        #expect(report.status == .agrees, "\(report.reasons)")
        for index in [3, 37 + 3, 5 * 37 + 3] {
            var wrong = right
            wrong[index] *= 1 + 0x1p-15
            let report = try inputs.verify(seed: 7, output: wrong, singleProcess: wrong)
            #expect(report.status == .disagrees)
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a row of −∞ is NaN, one without keys zeros, and hidden scores change nothing`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let problem = problem(rows: 3, keys: 40, mask: Mask(lengths: .perRow))
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 7), lengths: [20, 0, 33])
        let clean = wholeOutput(inputs, kernel)
        let scores = inputs.floats(of: .scores)
        for key in 20..<40 { scores[key] = key % 2 == 0 ? .nan : .infinity }
        #expect(bits(wholeOutput(inputs, kernel)) == bits(clean))
        #expect(clean[40..<80].allSatisfy { $0.bitPattern == 0 })
        for key in 0..<33 { scores[80 + key] = -.infinity }
        let infinite = wholeOutput(inputs, kernel)
        #expect(infinite[80..<113].allSatisfy { $0.isNaN })
        #expect(infinite[113..<120].allSatisfy { $0.bitPattern == 0 })
    }

    @Test func `verification notices wrong weights, small ones too`() throws {
        let problem = problem(heads: 2, rows: 24, keys: 40, mask: Mask(band: .causal))
        let inputs = try AttentionInputs(InputGenerator(problem, kind: .large, seed: 7))
        let right = wholeOutput(inputs, .best)
        // In other memory, as the output of another process is.
        let single = right.map { $0 }
        func status(_ output: [Float]) throws -> VerificationStatus {
            try output.withUnsafeBufferPointer { output in
                try single.withUnsafeBufferPointer {
                    try Verifier(
                        problem,
                        inputs.view,
                        valueKind: .large,
                        seed: 7,
                        mode: .full,
                        queryBlock: 32
                    ).verify(output: output.start, singleProcessOutput: $0.start).status
                }
            }
        }
        #expect(try status(right) == .agrees)
        let edits: [(inout [Float]) -> Void] = [
            { $0[20 * 40 + 3] *= 1 + 0x1p-12 }, { $0[10 * 40 + 30] = 1e-9 },
            { $0 = $0.map { _ in 0 } }, { $0.swapAt(20 * 40, 21 * 40) },
        ]
        for edit in edits {
            var wrong = right
            edit(&wrong)
            #expect(try status(wrong) == .disagrees)
        }
    }

    @Test func `what changes scores is refused`() {
        var problem = problem(rows: 3, keys: 4)
        #expect(thrownError { try problem.validate() } == nil)
        problem.softCap = 3
        #expect(thrownError { try problem.validate() } == .softmaxOfScores)
        problem.softCap = nil
        problem.mask.bias = .shared
        #expect(thrownError { try problem.validate() } == .softmaxOfScores)
    }
}
