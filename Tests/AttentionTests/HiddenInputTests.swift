import Attention
import Testing

/// What no row sees may be anything: it is no reason to doubt an output.
struct HiddenInputTests {
    static let columns = 6

    /// Inputs, and what of them is hidden: rows of query, and rows of key and value.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let problem: AttentionProblem
        var lengths: [Int32] = []
        /// What the boolean mask shows.
        var shows: @Sendable (_ row: Int, _ key: Int) -> Bool = { _, _ in true }
        var queries: [Int] = []
        var keys: [Int] = []

        func inputs() throws -> AttentionInputs {
            let inputs = try AttentionInputs(
                InputGenerator(problem, seed: 1),
                lengths: lengths.isEmpty ? nil : lengths
            )
            if problem.mask.visibility != .none {
                let (rows, keys) = (problem.shape.queryLength, problem.shape.keyLength)
                let count = problem.byteCount(of: .visibility)
                inputs.setVisibility(
                    (0..<count).map { shows($0 / keys % rows, $0 % keys) ? 1 : 0 }
                )
            }
            return inputs
        }
    }

    private static func problem(
        queries: Int = 20,
        keys: Int = 20,
        _ mask: Mask,
        maskedRows: MaskedRows = .zeros
    ) -> AttentionProblem {
        makeProblem(
            batch: 2,
            heads: 4,
            keyValueHeads: 2,
            queryLength: queries,
            keyLength: keys,
            headDimension: columns,
            mask: mask,
            maskedRows: maskedRows
        )
    }

    static let cases = [
        Case(
            testDescription: "padding behind the lengths",
            problem: problem(Mask(lengths: .perBatch)),
            lengths: [17, 20],
            keys: Array(17..<20) + Array(37..<40)
        ),
        Case(
            testDescription: "an empty batch element",
            problem: problem(Mask(lengths: .perBatch)),
            lengths: [0, 20],
            queries: Array(0..<80),
            keys: Array(0..<40)
        ),
        Case(
            testDescription: "masked-out keys and rows",
            problem: problem(Mask(visibility: .perBatch)),
            shows: { $0 != 4 && $1 % 5 != 2 },
            queries: [4, 24, 144],
            keys: [2, 7, 22, 77]
        ),
        Case(
            testDescription: "keys after the last causal row",
            problem: problem(queries: 12, Mask(band: .causal)),
            keys: [12, 19, 33]
        ),
        Case(
            testDescription: "rows before the first key",
            problem: problem(queries: 30, keys: 20, Mask(band: .causalBottomRight)),
            queries: [0, 9, 30, 38]
        ),
        Case(
            testDescription: "keys beyond the window",
            problem: problem(queries: 12, Mask(pattern: .window(back: 3, ahead: 2))),
            keys: [14, 19]
        ),
        Case(
            testDescription: "unused blocks",
            problem: problem(
                Mask(
                    pattern: .blocks(
                        BlockLayout(
                            block: 10,
                            heads: 4,
                            rowBlocks: 2,
                            keyBlocks: 2,
                            // Only heads 2 and 3, which share key head 1, see keys from 10 on.
                            isVisible: (0..<16).map { $0 % 2 == 0 || $0 >= 8 }
                        )
                    )
                )
            ),
            keys: [10, 19, 50]
        ),
    ]

    private func poison(
        _ inputs: borrowing AttentionInputs,
        _ tensor: TensorName,
        rows: [Int],
        _ poison: Float
    ) {
        let floats = inputs.floats(of: tensor)
        for row in rows {
            for column in 0..<Self.columns { floats[row * Self.columns + column] = poison }
        }
    }

    @Test(arguments: cases, [Float.nan, .infinity])
    func `hidden inputs are no reason for doubt`(hidden: Case, value: Float) throws {
        let inputs = try hidden.inputs()
        let output = inputs.roundedReference()
        poison(inputs, .query, rows: hidden.queries, value)
        poison(inputs, .key, rows: hidden.keys, value)
        poison(inputs, .value, rows: hidden.keys, value)
        #expect(bits(inputs.roundedReference()) == bits(output))
        #expect(inputs.nonFiniteCount() == 0)
        let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(report.status == .agrees, "\(report.reasons)")
        #expect(!report.containsNonFinite)
        // A row that it reaches disagrees still.
        var wrong = output
        wrong[wrong.count - 1] = .nan
        let found = try inputs.verify(seed: 1, output: wrong, singleProcess: wrong)
        #expect(found.status == .disagrees)
        #expect(found.containsNonFinite)
    }

    @Test(arguments: cases, [TensorName.query, .key, .value])
    func `inputs that are hidden in part are counted where they are seen`(
        hidden: Case,
        tensor: TensorName
    ) throws {
        let inputs = try hidden.inputs()
        let hiddenRows = tensor == .query ? hidden.queries : hidden.keys
        poison(inputs, tensor, rows: hiddenRows, .nan)
        // Every case shows the last batch element's last row its first key.
        let shape = hidden.problem.shape
        let seen =
            tensor == .query
            ? shape.sliceCount * shape.queryLength - 1
            : (shape.keyValueSliceCount - 1) * shape.keyLength
        let window = hidden.problem.mask.pattern == .window(back: 3, ahead: 2)
        let row = window && tensor != .query ? seen + 11 : seen
        inputs.floats(of: tensor)[row * Self.columns + 2] = .infinity
        #expect(inputs.nonFiniteCount() == 1)
        let output = inputs.roundedReference()
        let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
        #expect(report.status == .mistrusted, "\(report.reasons)")
        #expect(report.containsNonFinite)
    }

    @Test func `values matter where a row that sees nothing is their mean`() throws {
        for maskedRows in MaskedRows.allCases {
            let problem = Self.problem(
                queries: 30,
                Mask(band: .causalBottomRight, lengths: .perBatch),
                maskedRows: maskedRows
            )
            let inputs = try AttentionInputs(InputGenerator(problem, seed: 1), lengths: [18, 20])
            for tensor in [TensorName.key, .value] { poison(inputs, tensor, rows: [19], .nan) }
            let counted = maskedRows == .uniform ? Self.columns : 0
            #expect(inputs.nonFiniteCount() == counted)
            let output = inputs.roundedReference()
            let report = try inputs.verify(seed: 1, output: output, singleProcess: output)
            #expect(report.status == (counted > 0 ? .mistrusted : .agrees))
        }
    }

    @Test func `values that differ only where they are hidden may give one output`() throws {
        let problem = Self.problem(Mask(lengths: .perBatch))
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 1), lengths: [17, 17])
        let values = inputs.floats(of: .value)
        for index in values.indices where index / Self.columns % 20 < 17 { values[index] = 0.5 }
        let output = [Float](repeating: 0.5, count: problem.byteCount(of: .output) / 4)
        let report = try inputs.verify(kind: nil, seed: 1, output: output, singleProcess: output)
        #expect(report.status == .agrees, "\(report.reasons)")
    }
}
