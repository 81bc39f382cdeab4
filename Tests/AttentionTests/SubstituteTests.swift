import Attention
import Testing

/// A bound that wrong answers pass proves nothing, however right the output is.
struct SubstituteTests {
    /// Inputs of which f32 keeps few digits or none, and the wrong answers that their bound lets pass.
    struct Blunt: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let passing: [Substitute]
        var problem = makeProblem(queryLength: 64, headDimension: 128)
        let query: @Sendable (_ row: Int, _ unit: Float) -> Float
        let key: @Sendable (_ unit: Float) -> Float
        var value: @Sendable (_ row: Int, _ unit: Float) -> Float = { $1 }

        func inputs() throws -> AttentionInputs {
            let inputs = try AttentionInputs(InputGenerator(problem, seed: 3))
            let (d, columns) = (problem.shape.headDimension, problem.shape.valueDimension)
            let (queries, keys) = (inputs.floats(of: .query), inputs.floats(of: .key))
            for index in queries.indices { queries[index] = query(index / d, queries[index]) }
            for index in keys.indices { keys[index] = key(keys[index]) }
            let values = inputs.floats(of: .value)
            for index in values.indices { values[index] = value(index / columns, values[index]) }
            return inputs
        }
    }

    static let blunt = [
        // Equal queries: all rows have one answer, which is no substitute then.
        Blunt(
            testDescription: "large numbers that hardly differ",
            passing: [.zeros, .mean],
            query: { _, _ in 448 },
            key: { -1880 + 1e-3 * $0 }
        ),
        Blunt(
            testDescription: "the same, and queries that differ",
            passing: [.zeros, .mean, .otherRow],
            query: { 448 + 200 * $1 },
            key: { -1880 + 1e-3 * $0 }
        ),
        // Equal keys: the mean is right, and so is any other row's.
        Blunt(
            testDescription: "equal keys and a large score",
            passing: [.zeros],
            query: { _, _ in 448 },
            key: { _ in -1880 }
        ),
        Blunt(
            testDescription: "weights that hardly differ",
            passing: [.mean],
            problem: makeProblem(queryLength: 64, headDimension: 128, scoreScale: 8e-7 / 128),
            query: { _, _ in 10 },
            key: { $0 }
        ),
        Blunt(
            testDescription: "queries that hardly differ",
            passing: [.otherRow],
            query: { row, _ in 1 + 2e-7 * Float(row) },
            key: { $0 }
        ),
        // The bound is that of the other slice.
        Blunt(
            testDescription: "a slice of tiny values",
            passing: Substitute.allCases,
            problem: makeProblem(heads: 2, queryLength: 64, headDimension: 16),
            query: { $1 },
            key: { $0 },
            value: { $0 < 64 ? 1e-9 * $1 : $1 }
        ),
    ]

    @Test(arguments: blunt)
    func `a bound that wrong answers pass is mistrusted`(blunt: Blunt) throws {
        let inputs = try blunt.inputs()
        for output in [inputs.roundedReference(), inputs.eagerOutput()] {
            let report = try inputs.verify(
                kind: nil,
                seed: 3,
                output: output,
                singleProcess: output
            )
            #expect(report.status == .mistrusted)
            #expect(report.passingSubstitutes.map(\.substitute) == blunt.passing)
            #expect(report.reasons.count == 1)
            // A wrong output still disagrees.
            var wrong = output
            wrong[5] = 1e6
            #expect(
                try inputs.verify(kind: nil, seed: 3, output: wrong, singleProcess: output).status
                    == .disagrees
            )
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a kernel's output for such inputs is mistrusted`(set: InstructionSet) throws {
        let kernel = try requireKernel(set)
        let inputs = try Self.blunt[0].inputs()
        var test = KernelCase(rows: 64, keys: 64, dimension: 128)
        test.query = Array(inputs.floats(of: .query))
        test.key = Array(inputs.floats(of: .key))
        test.value = Array(inputs.floats(of: .value))
        let output = test.output(kernel)
        let report = try inputs.verify(kind: nil, seed: 3, output: output, singleProcess: output)
        #expect(report.status == .mistrusted, "\(report.reasons)")
    }

    /// A bound may let a substitute pass where that is right.
    @Test(arguments: [
        ("equal weights", makeProblem(queryLength: 20, headDimension: 6, scoreScale: 0)),
        ("one key", makeProblem(queryLength: 20, keyLength: 1, headDimension: 6)),
        (
            "a window of one",
            makeProblem(
                queryLength: 20,
                headDimension: 6,
                mask: Mask(pattern: .window(back: 1, ahead: 0))
            )
        ),
        ("causal", makeProblem(queryLength: 20, headDimension: 6, mask: Mask(band: .causal))),
        ("one row", makeProblem(keyLength: 20, headDimension: 6)),
        (
            "rows that see nothing, and are zeros",
            makeProblem(
                queryLength: 40,
                keyLength: 20,
                headDimension: 6,
                mask: Mask(band: .causalBottomRight)
            )
        ),
        (
            "rows that see nothing, and are the mean",
            makeProblem(
                queryLength: 40,
                keyLength: 20,
                headDimension: 6,
                mask: Mask(band: .causalBottomRight),
                maskedRows: .uniform
            )
        ),
    ])
    func `a substitute that is right is no reason for doubt`(
        name: String,
        problem: AttentionProblem
    ) throws {
        for kind in [ValueKind.uniform, .large] {
            let inputs = try AttentionInputs(InputGenerator(problem, kind: kind, seed: 5))
            let output = inputs.eagerOutput()
            let report = try inputs.verify(
                kind: kind,
                seed: 5,
                output: output,
                singleProcess: output
            )
            #expect(report.status == .agrees, "\(report.reasons)")
            #expect(report.passingSubstitutes == [])
        }
    }

    @Test func `an exact answer needs no bound`() throws {
        let problem = makeProblem(queryLength: 32, headDimension: 8)
        let inputs = try AttentionInputs(InputGenerator(problem, kind: .exactMean, seed: 5))
        let output = inputs.roundedReference()
        let report = try inputs.verify(
            kind: .exactMean,
            seed: 5,
            output: output,
            singleProcess: output
        )
        #expect(report.status == .exact)
        #expect(report.passingSubstitutes == [])
    }

    /// The report on the plain program's weights of all rows.
    private func weightsReport(_ inputs: borrowing AttentionInputs) -> WeightsReport {
        let (problem, view) = (inputs.problem, inputs.view)
        var verifier = WeightsVerifier(problem, view, mode: .full, seed: 1, queryBlock: 64)
        var reference = DoubleReference(problem, view)
        for slice in 0..<problem.shape.sliceCount {
            for row in 0..<problem.shape.queryLength {
                reference.compute(slice: slice, row: row)
                reference.weights.map { Float($0) }.withUnsafeBufferPointer {
                    verifier.take(slice: slice, row: row, keys: nil, weights: $0)
                }
            }
        }
        return verifier.report()
    }

    @Test(arguments: blunt.prefix(5))
    func `a bound that wrong weights pass is mistrusted`(blunt: Blunt) throws {
        let report = weightsReport(try blunt.inputs())
        #expect(report.status == .mistrusted, "\(report.reasons)")
        #expect(report.passingSubstitutes.map(\.substitute) == blunt.passing)
    }

    @Test func `weights that are equal are no reason for doubt`() throws {
        let problem = makeProblem(queryLength: 20, headDimension: 6, scoreScale: 0)
        let report = weightsReport(try AttentionInputs(InputGenerator(problem, seed: 5)))
        #expect(report.status == .agrees, "\(report.reasons)")
    }
}
