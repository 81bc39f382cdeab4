import Attention
import Testing

struct ExactValuesTests {
    /// The gap between the best and the second best score of a row, in log2 units, and the best.
    func gap(_ inputs: borrowing AttentionInputs, slice: Int, row: Int) -> (Double, Int)? {
        let (problem, view) = (inputs.problem, inputs.view)
        let shape = problem.shape
        let rows = RowVisibility(problem, view)
        let scores: [(Double, Int)] = rows.visibleKeys(slice: slice, row: row).map { key in
            var dot = 0.0
            for column in 0..<shape.headDimension {
                let q = view.query[(slice * shape.queryLength + row) * shape.headDimension + column]
                let keyRow = shape.keyValueSlice(of: slice) * shape.keyLength + key
                dot += Double(q) * Double(view.key[keyRow * shape.headDimension + column])
            }
            return (dot * Double(problem.score.scale) * 1.4426950408889634, key)
        }
        let sorted = scores.sorted { $0.0 > $1.0 }
        guard let best = sorted.first else { return nil }
        return (sorted.count > 1 ? best.0 - sorted[1].0 : .infinity, best.1)
    }

    @Test(
        arguments: [
            Mask.none, Mask(band: .causal), Mask(band: .causalBottomRight),
            Mask(lengths: .perBatch), Mask(lengths: .perRow), Mask(visibility: .shared),
            Mask(visibility: .perBatch), Mask(visibility: .perSlice),
            Mask(band: .causal, lengths: .perRow, visibility: .perSlice),
        ],
        [nil, 1, -0.001, 30] as [Float?]
    )
    func `every query attends one visible key by a gap of 127`(mask: Mask, scale: Float?) throws {
        let problem = makeProblem(
            batch: 2,
            heads: 4,
            keyValueHeads: 2,
            queryLength: 19,
            keyLength: 17,
            headDimension: 11,
            valueDimension: 3,
            mask: mask,
            scoreScale: scale
        )
        let inputs = try AttentionInputs(
            InputGenerator(problem, kind: .exactPermutation, seed: 77)
        )
        var exact = try ExactAnswer(problem, inputs.view, kind: .exactPermutation, seed: 77)
        var targets: Set<Int> = []
        for slice in 0..<problem.shape.sliceCount {
            for row in 0..<problem.shape.queryLength {
                let hasAnswer = exact.compute(slice: slice, row: row)
                #expect(hasAnswer)
                guard let (gap, key) = gap(inputs, slice: slice, row: row) else {
                    #expect(exact.output == [0, 0, 0])
                    continue
                }
                targets.insert(key)
                #expect(gap >= 159)
                let start = (problem.shape.keyValueSlice(of: slice) * 17 + key) * 3
                #expect(exact.output == (0..<3).map { inputs.view.value[start + $0] })
            }
        }
        #expect(targets.count > 2)
    }

    @Test(arguments: [ValueKind.exactPermutation, .exactMean])
    func `both references give the exact answer without any error`(kind: ValueKind) throws {
        let problem = makeProblem(
            batch: 4,
            heads: 2,
            queryLength: 9,
            keyLength: 16,
            headDimension: 8,
            mask: Mask(lengths: .perBatch)
        )
        let inputs = try AttentionInputs(
            InputGenerator(problem, kind: kind, seed: 4),
            lengths: [1, 0, 16, 8]
        )
        var exact = try ExactAnswer(problem, inputs.view, kind: kind, seed: 4)
        var expected: [Float] = []
        for slice in 0..<8 {
            for row in 0..<9 {
                let hasAnswer = exact.compute(slice: slice, row: row)
                #expect(hasAnswer)
                expected += exact.output
            }
        }
        #expect(inputs.roundedReference() == expected)
        #expect(inputs.eagerOutput() == expected)
        #expect(Set(expected).count > 30)
    }

    @Test func `a hidden row's mean over an odd number of keys has no exact answer`() throws {
        let problem = makeProblem(
            queryLength: 2,
            keyLength: 3,
            headDimension: 4,
            mask: Mask(lengths: .perRow),
            maskedRows: .uniform
        )
        let inputs = try AttentionInputs(
            InputGenerator(problem, kind: .exactPermutation, seed: 4),
            lengths: [0, 3]
        )
        var exact = try ExactAnswer(problem, inputs.view, kind: .exactPermutation, seed: 4)
        let answers = [0, 1].map { exact.compute(slice: 0, row: $0) }
        #expect(answers == [false, true])
    }

    @Test(arguments: [
        (
            makeProblem(queryLength: 1, keyLength: 9, headDimension: 3),
            AttentionError.Field.headDimension
        ),
        (makeProblem(queryLength: 8, headDimension: 3, scoreScale: 0), .scoreScale),
        (makeProblem(queryLength: 8, headDimension: 3, scoreScale: 1e-38), .scoreScale),
        (makeProblem(queryLength: 8, headDimension: 3, scoreScale: -1e38), .scoreScale),
    ])
    func `an impossible permutation is refused`(
        problem: AttentionProblem,
        field: AttentionError.Field
    ) throws {
        let error = thrownError {
            _ = try InputGenerator(problem, kind: .exactPermutation, seed: 1)
        }
        #expect(error?.field == field)
        #expect(error?.description.contains("exact-permutation") == true)
    }

    @Test func `the narrowest permutation is possible`() throws {
        _ = try InputGenerator(
            makeProblem(queryLength: 1, keyLength: 8, headDimension: 3),
            kind: .exactPermutation,
            seed: 1
        )
        _ = try InputGenerator(makeProblem(), kind: .exactPermutation, seed: 1)
    }

    @Test func `a mean over a count that is no power of two is refused`() throws {
        let causal = Mask(band: .causal)
        for (problem, row, keys) in [
            (makeProblem(queryLength: 4, keyLength: 12), "row 0", "12 keys"),
            (makeProblem(queryLength: 3, keyLength: 4, mask: causal), "row 2", "3 keys"),
        ] {
            let error = thrownError { _ = try InputGenerator(problem, kind: .exactMean, seed: 1) }
            #expect(error?.field == .mask)
            for part in ["exact-mean", row, keys, "exact-permutation"] {
                #expect(error?.description.contains(part) == true)
            }
        }
        _ = try InputGenerator(
            makeProblem(queryLength: 2, keyLength: 4, mask: Mask(band: .causal)),
            kind: .exactMean,
            seed: 1
        )
        let ragged = makeProblem(batch: 2, queryLength: 4, mask: Mask(lengths: .perBatch))
        let generator = try InputGenerator(ragged, kind: .exactMean, seed: 1)
        #expect(
            thrownError { _ = try AttentionInputs(generator, lengths: [2, 3]) }?.field == .mask
        )
        #expect(thrownError { _ = try AttentionInputs(generator, lengths: [2, 0]) } == nil)
    }

    @Test func `a mean over more keys than f32 sums exactly is refused`() throws {
        let most = makeProblem(queryLength: 1, keyLength: 1 << 22)
        #expect(thrownError { _ = try InputGenerator(most, kind: .exactMean, seed: 1) } == nil)
        let more = makeProblem(queryLength: 1, keyLength: 1 << 23)
        let error = thrownError { _ = try InputGenerator(more, kind: .exactMean, seed: 1) }
        #expect(error?.field == .keyLength)
    }
}
