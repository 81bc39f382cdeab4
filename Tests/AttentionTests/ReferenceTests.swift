import Attention
import Testing

/// The references on cases whose answer is known by other means.
struct ReferenceTests {
    /// A tutorial's printed numbers, four decimals each.
    @Test func `the worked example of scaled dot-product attention comes out`() throws {
        let inputs = try AttentionInputs(makeProblem(queryLength: 3, headDimension: 2))
        inputs.set(.query, [0.3367, 0.1288, 0.2345, 0.2303, -1.1229, -0.1863])
        inputs.set(.key, [2.2082, -0.6380, 0.4617, 0.2674, 0.5349, 0.8094])
        inputs.set(.value, [1.1103, -1.6898, -0.9890, 0.9580, 1.3221, 0.8172])
        let output: [[Double]] = [[0.5698, -0.1520], [0.5379, -0.0265], [0.2246, 0.5556]]
        let weights: [[Double]] = [
            [0.4028, 0.2886, 0.3086], [0.3538, 0.3069, 0.3393], [0.1303, 0.4630, 0.4067],
        ]
        var reference = DoubleReference(inputs.problem, inputs.view)
        var eager = EagerReference(inputs.problem, inputs.view)
        for row in 0..<3 {
            reference.compute(slice: 0, row: row)
            eager.compute(slice: 0, row: row)
            #expect(isClose(reference.output, output[row], 2e-4))
            #expect(isClose(reference.weights, weights[row], 2e-4))
            #expect(isClose(eager.output.map(Double.init), output[row], 2e-4))
        }
    }

    @Test(arguments: [
        (3, 8, 5, Mask.Lengths.perBatch, [2, 2, 2] as [Int32]),
        (3, 8, 5, .perBatch, [1, 2, 3]),
        (2, 2, 5, .perRow, [1, 3, 2, 4]),
    ])
    func `masked softmax sums to 1 over the valid prefix and is 0 beyond`(
        batch: Int,
        queryLength: Int,
        keyLength: Int,
        kind: Mask.Lengths,
        lengths: [Int32]
    ) throws {
        let problem = makeProblem(
            batch: batch,
            queryLength: queryLength,
            keyLength: keyLength,
            headDimension: 4,
            mask: Mask(lengths: kind)
        )
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 1), lengths: lengths)
        var reference = DoubleReference(problem, inputs.view)
        for slice in 0..<batch {
            for row in 0..<queryLength {
                reference.compute(slice: slice, row: row)
                let length = Int(kind == .perBatch ? lengths[slice] : lengths[slice * 2 + row])
                #expect(abs(reference.weights[..<length].reduce(0, +) - 1) < 1e-14)
                #expect(reference.weights[..<length].allSatisfy { $0 > 0 })
                #expect(reference.weights[length...].allSatisfy { $0 == 0 })
            }
        }
    }

    /// Which keys each row of a 3 × 4 or 4 × 3 problem sees, written out by hand.
    @Test(arguments: [
        (3, 4, Mask.none, ["1111", "1111", "1111"]),
        (3, 4, Mask(band: .causal), ["1000", "1100", "1110"]),
        (3, 4, Mask(band: .causalBottomRight), ["1100", "1110", "1111"]),
        (4, 3, Mask(band: .causal), ["100", "110", "111", "111"]),
        (4, 3, Mask(band: .causalBottomRight), ["000", "100", "110", "111"]),
        (3, 4, Mask(lengths: .perBatch), ["1110", "1110", "1110"]),
        (3, 4, Mask(lengths: .perRow), ["1110", "0000", "1000"]),
        (3, 4, Mask(visibility: .shared), ["0110", "1001", "0000"]),
        (
            3, 4, Mask(band: .causal, lengths: .perBatch, visibility: .shared),
            ["0000", "1000", "0000"]
        ),
    ])
    func `every mask shows its keys`(
        queryLength: Int,
        keyLength: Int,
        mask: Mask,
        expected: [String]
    ) throws {
        let problem = makeProblem(queryLength: queryLength, keyLength: keyLength, mask: mask)
        let inputs = try AttentionInputs(problem)
        if mask.lengths != .none {
            inputs.setLengths(mask.lengths == .perBatch ? [3] : [3, 0, 1])
        }
        if mask.visibility != .none {
            inputs.setVisibility([0, 1, 1, 0, 255, 0, 0, 7, 0, 0, 0, 0])
        }
        var reference = DoubleReference(problem, inputs.view)
        for row in 0..<queryLength {
            reference.compute(slice: 0, row: row)
            let seen = (0..<keyLength).map { reference.attendedKeys.contains($0) ? "1" : "0" }
            #expect(seen.joined() == expected[row])
            let rows = RowVisibility(problem, inputs.view)
            let asked = rows.visibleKeys(slice: 0, row: row)
            #expect(asked == reference.attendedKeys)
            #expect(rows.visibleKeyCount(slice: 0, row: row) == asked.count)
        }
    }

    @Test func `masks broadcast over the slices they do not name`() throws {
        // [part][row 0][2 keys]: every part shows another key.
        let cases: [(Mask.Pairs, [UInt8], [Int])] = [
            (.shared, [0, 1], [1, 1, 1, 1]),
            (.perBatch, [0, 1, 1, 0], [1, 1, 0, 0]),
            (.perSlice, [0, 1, 1, 0, 1, 0, 0, 1], [1, 0, 0, 1]),
        ]
        for (visibility, flags, expected) in cases {
            let problem = makeProblem(
                batch: 2,
                heads: 2,
                queryLength: 1,
                keyLength: 2,
                mask: Mask(visibility: visibility)
            )
            let inputs = try AttentionInputs(problem)
            inputs.setVisibility(flags)
            inputs.set(.value, [0, 1, 0, 1, 0, 1, 0, 1])
            #expect(inputs.roundedReference() == expected.map { Float($0) })
            #expect(inputs.eagerOutput() == expected.map { Float($0) })
        }
    }

    @Test func `a query head attends the key and value head of its group`() throws {
        let problem = makeProblem(
            batch: 2,
            heads: 6,
            keyValueHeads: 2,
            queryLength: 1
        )
        let inputs = try AttentionInputs(problem)
        inputs.set(.value, [10, 20, 30, 40])
        let expected: [Float] = [10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40]
        #expect(inputs.roundedReference() == expected)
        #expect(inputs.eagerOutput() == expected)
    }

    @Test func `a row that sees nothing is zeros or the mean of all values`() throws {
        for (rows, expected) in [(MaskedRows.zeros, 0), (.uniform, 3)] as [(MaskedRows, Float)] {
            let problem = makeProblem(
                queryLength: 1,
                keyLength: 4,
                mask: Mask(lengths: .perBatch),
                maskedRows: rows
            )
            let inputs = try AttentionInputs(problem)
            inputs.set(.value, [1, 2, 3, 6])
            #expect(inputs.roundedReference() == [expected])
            #expect(inputs.eagerOutput() == [expected])
        }
    }

    @Test func `nothing hidden changes a visible row`() throws {
        let problem = makeProblem(
            queryLength: 2,
            keyLength: 6,
            headDimension: 3,
            mask: Mask(lengths: .perBatch)
        )
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 2), lengths: [4])
        let (clean, cleanEager) = (inputs.roundedReference(), inputs.eagerOutput())
        for index in 12..<18 {
            inputs.floats(of: .key)[index] = .nan
            inputs.floats(of: .value)[index] = .infinity
        }
        #expect(inputs.roundedReference() == clean)
        #expect(inputs.eagerOutput() == cleanEager)
    }

    @Test func `visible numbers that are not finite do what the formula does with them`() throws {
        let problem = makeProblem(queryLength: 1, keyLength: 2, headDimension: 1, scoreScale: 1)
        let inputs = try AttentionInputs(problem)
        func output(_ keys: [Float]) -> Float {
            inputs.set(.query, [1])
            inputs.set(.key, keys)
            inputs.set(.value, [5, 7])
            return inputs.roundedReference()[0]
        }
        #expect(output([-.infinity, 3]) == 7)
        #expect(output([.infinity, 3]).isNaN)
        #expect(output([-.infinity, -.infinity]).isNaN)
        #expect(output([.nan, 3]).isNaN)
    }

    @Test func `the plain f32 program is close to the reference, and not the same`() throws {
        let problem = makeProblem(heads: 2, queryLength: 100, headDimension: 64)
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 9))
        let pairs = zip(inputs.roundedReference(), inputs.eagerOutput())
        let largest = pairs.reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(largest > 0 && largest < 2e-6)
    }

    func isClose(_ one: [Double], _ other: [Double], _ tolerance: Double) -> Bool {
        one.count == other.count && zip(one, other).allSatisfy { abs($0 - $1) <= tolerance }
    }
}
