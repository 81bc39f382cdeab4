import Attention
import Platform
import Testing

/// Right outputs, and checks that prove nothing; `MutantTests` has the wrong outputs.
struct VerificationTests {
    static let masks: [Mask] = [
        .none, Mask(band: .causal), Mask(band: .causalBottomRight),
        Mask(lengths: .perRow), Mask(visibility: .perBatch),
    ]

    func problem(
        mask: Mask = .none,
        scoreScale: Float? = nil,
        maskedRows: MaskedRows = .zeros
    ) -> AttentionProblem {
        makeProblem(
            batch: 2,
            heads: 4,
            keyValueHeads: 2,
            queryLength: 33,
            keyLength: 32,
            headDimension: 20,
            valueDimension: 12,
            mask: mask,
            scoreScale: scoreScale,
            maskedRows: maskedRows
        )
    }

    @Test(arguments: [ValueKind.uniform, .large, .constant], masks)
    func `the rounded reference agrees`(kind: ValueKind, mask: Mask) throws {
        let inputs = try AttentionInputs(InputGenerator(problem(mask: mask), kind: kind, seed: 1))
        for output in [inputs.roundedReference(), inputs.eagerOutput()] {
            let report = try inputs.verify(
                kind: kind,
                seed: 1,
                output: output,
                singleProcess: output
            )
            #expect(report.status == .agrees, "\(report.reasons)")
            #expect(report.reasons == [])
            #expect(report.bitwiseEqual == true)
            #expect(report.rowsChecked == 2 * 4 * 33)
            #expect(report.rowsTotal == 2 * 4 * 33)
            #expect(!report.containsNonFinite)
        }
    }

    @Test func `the rounded reference is within half a unit in the last place`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), seed: 1))
        let output = inputs.roundedReference()
        let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(report.maxUnitsInLastPlace == 0)
        #expect(report.maxAbsoluteError > 0 && report.maxAbsoluteError < 0x1p-24)
        #expect(report.rmsError <= report.maxAbsoluteError)
        #expect(report.scaledResidual > 0 && report.scaledResidual < 0.5)
        #expect(report.inexactElements == nil)
    }

    @Test(arguments: masks)
    func `the exact permutation is exact`(mask: Mask) throws {
        let inputs = try AttentionInputs(
            InputGenerator(problem(mask: mask), kind: .exactPermutation, seed: 6)
        )
        let output = inputs.eagerOutput()
        let report = try inputs.verify(
            kind: .exactPermutation,
            seed: 6,
            output: output,
            singleProcess: output
        )
        #expect(report.status == .exact, "\(report.reasons)")
        #expect(report.maxAbsoluteError == 0)
        #expect(report.inexactElements == 0)
        #expect(report.boundMaxAbsolute == 0 && report.boundRms == 0)
    }

    @Test func `the exact mean is exact`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), kind: .exactMean, seed: 6))
        let output = inputs.roundedReference()
        let report = try inputs.verify(
            kind: .exactMean,
            seed: 6,
            output: output,
            singleProcess: output
        )
        #expect(report.status == .exact, "\(report.reasons)")
    }

    @Test func `rows without an exact answer make an exact output agree at most`() throws {
        let hiding = makeProblem(
            queryLength: 4,
            keyLength: 3,
            headDimension: 4,
            mask: Mask(band: .causalBottomRight),
            maskedRows: .uniform
        )
        let inputs = try AttentionInputs(
            InputGenerator(hiding, kind: .exactPermutation, seed: 6)
        )
        let output = inputs.roundedReference()
        let report = try inputs.verify(
            kind: .exactPermutation,
            seed: 6,
            output: output,
            singleProcess: output
        )
        #expect(report.status == .agrees)
        // The number of such rows.
        #expect(report.reasons.count == 1 && report.reasons.first?.contains("1") == true)
        #expect(report.boundMaxAbsolute > 0)
    }

    @Test(arguments: ["scores", "values"])
    func `what leaves the range of f32 on the way is mistrusted and said`(cause: String) throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), seed: 1))
        for tensor in cause == "scores" ? [TensorName.query, .key] : [.value] {
            let floats = unsafe inputs.bytes(of: tensor).assumingMemoryBound(to: Float.self)
            for index in 0..<floats.count {
                unsafe floats[index] =
                    cause == "values"
                    ? 3e38 - Float(index) * 1e34 : floats[index] < 0 ? -2e19 : 2e19
            }
        }
        var output = inputs.roundedReference()
        let right = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(right.status != .disagrees, "\(right.reasons)")
        output[5] = .infinity
        let left = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(left.status == .mistrusted, "\(left.reasons)")
        #expect(left.reasons.first?.contains("f32") == true, "\(left.reasons)")
        #expect(left.reasons.first?.contains("1 ") == true, "\(left.reasons)")
    }

    @Test func `an infinite output is wrong where nothing leaves the range of f32`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), kind: .large, seed: 1))
        var output = inputs.roundedReference()
        output[5] = .infinity
        let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(report.status == .disagrees, "\(report.reasons)")
    }

    @Test func `without a single process no bits are compared`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), seed: 1))
        let report = try inputs.verify(
            seed: 1,
            output: inputs.roundedReference(),
            singleProcess: nil
        )
        #expect(report.status == .agrees)
        #expect(report.bitwiseEqual == nil)
    }

    @Test func `without a check even a wrong output is UNCHECKED`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), seed: 1))
        let report = try inputs.verify(
            seed: 1,
            output: [Float](repeating: 3, count: 2 * 4 * 33 * 12),
            singleProcess: nil,
            mode: .none
        )
        #expect(report.status == .unchecked)
        #expect(report.rowsChecked == 0)
    }

    @Test func `a check that is cancelled judges nothing`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), seed: 1))
        let cancellation = Cancellation()
        func report() throws -> VerificationReport {
            try inputs.verify(
                seed: 1,
                output: [Float](repeating: 3, count: 2 * 4 * 33 * 12),
                singleProcess: nil,
                cancellation: cancellation
            )
        }
        #expect(try report().status == .disagrees)
        cancellation.cancel()
        let stopped = try report()
        #expect(stopped.status == .unchecked)
        #expect(stopped.rowsChecked == 0)
        #expect(!stopped.reasons.isEmpty)
    }

    @Test func `an output compared with itself is mistrusted`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), seed: 1))
        let verifier = try Verifier(
            inputs.problem,
            inputs.view,
            valueKind: .uniform,
            seed: 1,
            mode: .full,
            queryBlock: 64
        )
        let output = inputs.roundedReference()
        let report = output.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { verifier.verify(output: $0, singleProcessOutput: $0) }
        }
        #expect(report?.status == .mistrusted)
    }

    @Test func `right zeros are mistrusted`() throws {
        // First the values are zero, then every row is hidden.
        let zeroed = try AttentionInputs(InputGenerator(problem(), seed: 1))
        zeroed.floats(of: .value).update(repeating: 0)
        let hiding = try AttentionInputs(
            InputGenerator(problem(mask: Mask(lengths: .perBatch)), seed: 1),
            lengths: [0, 0]
        )
        func check(_ inputs: borrowing AttentionInputs) throws {
            let output = inputs.roundedReference()
            let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
            #expect(report.status == .mistrusted)
            // The output and the reference are zero.
            #expect(report.reasons.count >= 2, "\(report.reasons)")
        }
        try check(zeroed)
        try check(hiding)
    }

    @Test func `a right output that is the same everywhere is mistrusted`() throws {
        // Equal weights, one column, one slice: every row is the same mean.
        let problem = makeProblem(queryLength: 9, headDimension: 1, scoreScale: 0)
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 1))
        let output = inputs.roundedReference()
        let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(report.status == .mistrusted)
        // Nothing but the sameness of output and reference is left as a reason.
        #expect(report.passingSubstitutes.isEmpty && !report.containsNonFinite)
        #expect(report.reasons.count == 2, "\(report.reasons)")
    }

    @Test(arguments: [TensorName.query, .key, .value], [Float.nan, .infinity, -.infinity])
    func `inputs that are not finite are allowed and mistrusted`(
        tensor: TensorName,
        poison: Float
    ) throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), seed: 1))
        inputs.floats(of: tensor)[5] = poison
        let output = inputs.roundedReference()
        let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(report.status == .mistrusted, "\(report.reasons)")
        #expect(report.containsNonFinite)
        let isNamed = report.reasons.contains { $0.contains("1 ") && $0.contains("\(tensor)") }
        #expect(isNamed, "\(report.reasons)")
    }

    @Test func `one huge hidden value does not widen the bound`() throws {
        let inputs = try AttentionInputs(
            InputGenerator(problem(mask: Mask(lengths: .perBatch)), seed: 1),
            lengths: [31, 31]
        )
        inputs.floats(of: .value)[31 * 12] = 1e30
        let output = inputs.roundedReference()
        let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(report.status == .agrees)
        #expect(report.boundMaxAbsolute < 1e-5)
    }

    @Test func `scores beyond f32 are explained`() throws {
        let inputs = try AttentionInputs(InputGenerator(problem(), seed: 1))
        for index in 0..<20 {
            inputs.floats(of: .query)[index] = 1e30
            inputs.floats(of: .key)[index] = 1e30
        }
        let output = inputs.eagerOutput()
        let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
        // The plain f32 program has the same trouble.
        #expect(report.status == .mistrusted)
        #expect(report.reasons.contains { $0.contains("f32") }, "\(report.reasons)")
    }

    @Test func `verifying impossible values is refused`() throws {
        let inputs = try AttentionInputs(makeProblem(queryLength: 3))
        #expect(
            thrownError {
                _ = try inputs.verify(
                    kind: .exactMean,
                    seed: 1,
                    output: [0, 0, 0],
                    singleProcess: nil
                )
            }?.field == .mask
        )
    }
}

struct SampledVerificationTests {
    /// A problem of more than 1 GFLOP with few rows to compute: 2 · 2080 · 65536 · 4 operations.
    let problem = makeProblem(
        batch: 4,
        heads: 4,
        keyValueHeads: 1,
        queryLength: 130,
        keyLength: 1 << 16,
        headDimension: 2,
        mask: Mask(lengths: .perBatch)
    )

    @Test func `a large problem is sampled at 256 rows, the ends among them`() throws {
        let inputs = try AttentionInputs(
            InputGenerator(problem, seed: 3),
            lengths: [7, 8, 9, 10]
        )
        let output = inputs.roundedReference()
        let report = try inputs.verify(
            seed: 3,
            output: output,
            singleProcess: output,
            mode: .sampled
        )
        #expect(report.status == .agrees, "\(report.reasons)")
        #expect(report.rowsChecked == 256)
        #expect(report.rowsTotal == 2080)
        let edges = [0, 129, 15 * 130, 2079].flatMap { [$0 * 2, $0 * 2 + 1] }
        for index in edges {
            var wrong = output
            wrong[index] += 0.001
            let report = try inputs.verify(
                seed: 3,
                output: wrong,
                singleProcess: wrong,
                mode: .sampled
            )
            #expect(report.status == .disagrees)
            #expect(report.worstElement == ElementIndex(flatIndex: index, shape: problem.shape))
        }
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `a block that is wrong in every slice is in the sample`(seed: UInt64) throws {
        let inputs = try AttentionInputs(
            InputGenerator(problem, seed: seed),
            lengths: [7, 8, 9, 10]
        )
        let output = inputs.roundedReference()
        // The rows beside the edges of 64-row blocks.
        for row in [63, 64, 127, 128] {
            var wrong = output
            for slice in 0..<16 { wrong[(slice * 130 + row) * 2] += 0.001 }
            let report = try inputs.verify(
                seed: seed,
                output: wrong,
                singleProcess: wrong,
                mode: .sampled
            )
            #expect(report.status == .disagrees, "seed \(seed), row \(row)")
        }
    }

    @Test func `another block size moves the edges`() throws {
        let inputs = try AttentionInputs(
            InputGenerator(problem, seed: 3),
            lengths: [1, 1, 1, 1]
        )
        for queryBlock in [1, 129, 130, 1000] {
            let verifier = try Verifier(
                problem,
                inputs.view,
                valueKind: .uniform,
                seed: 3,
                mode: .sampled,
                queryBlock: queryBlock
            )
            let output = inputs.roundedReference()
            let report = output.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { verifier.verify(output: $0, singleProcessOutput: nil) }
            }
            #expect(report?.rowsChecked == 256)
        }
    }
}
