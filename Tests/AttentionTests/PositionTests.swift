import Attention
import TestSupport
import Testing

/// Where rows stand among the keys: offsets, and causal masks by length.
struct PositionTests {
    private func problem(_ mask: Mask, offset: Int = 0) -> AttentionProblem {
        var problem = makeProblem(
            batch: 3,
            heads: 2,
            queryLength: 4,
            keyLength: 10,
            headDimension: 8
        )
        problem.mask = mask
        problem.offset = offset
        return problem
    }

    @Test func `an offset moves rows along the keys`() throws {
        let causal = RowVisibility(problem(Mask(band: .causal), offset: 5))
        #expect(causal.visibleKeys(slice: 0, row: 0) == [0, 1, 2, 3, 4, 5])
        #expect(causal.visibleKeys(slice: 3, row: 3) == Array(0...8))
        let window = RowVisibility(problem(Mask(pattern: .window(back: 2, ahead: 1)), offset: 5))
        #expect(window.visibleKeys(slice: 0, row: 0) == [4, 5, 6])
        #expect(window.visibleKeys(slice: 0, row: 3) == [7, 8, 9])
        #expect(
            RowVisibility(problem(Mask(band: .causal), offset: 1 << 30))
                .visibleKeys(slice: 0, row: 0) == Array(0..<10)
        )
    }

    @Test func `rows are the last ones of their batch element`() throws {
        let inputs = try AttentionInputs(
            InputGenerator(problem(Mask(band: .causalByLength, lengths: .perBatch)), seed: 1),
            lengths: [10, 4, 2]
        )
        let visible = RowVisibility(inputs.problem, inputs.view)
        func keys(_ batch: Int, _ row: Int) -> [Int] {
            visible.visibleKeys(slice: 2 * batch + 1, row: row)
        }
        #expect((0..<4).map { keys(0, $0).count } == [7, 8, 9, 10])
        #expect((0..<4).map { keys(1, $0).count } == [1, 2, 3, 4])
        #expect((0..<4).map { keys(2, $0).count } == [0, 0, 1, 2])
    }

    /// A chunk of rows at an offset is the same rows of the whole sequence, bit for bit.
    @Test(arguments: InstructionSet.available)
    func `chunks of a prefill are the whole prefill`(set: InstructionSet) throws {
        let kernel = try #require(AttentionKernel(set))
        var whole = KernelCase(
            heads: 2,
            rows: 96,
            keys: 96,
            dimension: 16,
            mask: Mask(band: .causal),
            alibi: [0.5, 0.25]
        )
        let expected = whole.output(kernel)
        let (query, columns) = (whole.query, 16)
        for rows in [0..<40, 40..<96] {
            whole.problem.shape.queryLength = rows.count
            whole.problem.offset = rows.lowerBound
            whole.query = (0..<2).flatMap { head in
                let start = head * 96 * columns
                return query[
                    start + rows.lowerBound * columns..<start + rows.upperBound * columns
                ]
            }
            let part = whole.output(kernel)
            for head in 0..<2 {
                let from = (head * 96 + rows.lowerBound) * columns
                let right = expected[from..<from + rows.count * columns]
                let found = part[head * rows.count * columns..<(head + 1) * rows.count * columns]
                #expect(found.map(\.bitPattern) == right.map(\.bitPattern))
            }
        }
    }

    @Test func `positions that contradict each other are refused`() {
        #expect(throws: AttentionError.bandWithoutLengths) {
            try problem(Mask(band: .causalByLength)).validate()
        }
        #expect(throws: AttentionError.bandWithoutLengths) {
            try problem(Mask(band: .causalByLength, lengths: .perRow)).validate()
        }
        for offset in [-1, 1 << 31] {
            #expect(throws: AttentionError.self) {
                try problem(Mask(band: .causal), offset: offset).validate()
            }
        }
        #expect(throws: AttentionError.self) {
            try problem(Mask(band: .causalBottomRight), offset: 1).validate()
        }
    }
}
