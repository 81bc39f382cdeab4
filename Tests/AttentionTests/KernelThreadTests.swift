import Attention
import Testing

@Suite struct KernelThreadTests {
    private func output(
        _ test: KernelCase,
        _ kernel: AttentionKernel,
        _ team: ThreadTeam,
        slices: Range<Int>,
        rows: Range<Int>
    ) -> [Float] {
        let stride = rows.count * test.shape.valueDimension
        var output = [Float](repeating: .pi, count: slices.count * stride)
        test.withView { view in
            output.withUnsafeMutableBufferPointer {
                _ = team.forward(
                    kernel,
                    test.problem,
                    view,
                    slices: slices,
                    rows: rows,
                    output: $0.start,
                    outputSliceStride: stride
                )
            }
        }
        return output
    }

    @Test(arguments: InstructionSet.available, [1, 2, 3, 7])
    func `any number of threads gives the same bits, call after call`(
        instructionSet: InstructionSet,
        threadCount: Int
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let team = ThreadTeam(threadCount: threadCount)
        #expect(team.threadCount == threadCount)
        for mask in [Mask.none, Mask(band: .causal), Mask(lengths: .perRow)] {
            let test = KernelCase(
                batch: 3,
                heads: 4,
                keyValueHeads: 2,
                rows: 200,
                keys: 77,
                dimension: 9,
                mask: mask,
                maskedRows: .uniform
            )
            for (slices, rows) in [(0..<12, 0..<200), (5..<6, 192..<200), (2..<9, 0..<63)] {
                let expected = test.output(kernel, slices: slices, rows: rows)
                let got = output(test, kernel, team, slices: slices, rows: rows)
                #expect(bits(got) == bits(expected), "\(mask) \(slices) \(rows)")
            }
        }
        let nothing = KernelCase(rows: 5, keys: 5, dimension: 2)
        #expect(output(nothing, kernel, team, slices: 0..<0, rows: 0..<5).isEmpty)
        #expect(output(nothing, kernel, team, slices: 0..<1, rows: 3..<3).isEmpty)
    }

    @Test(arguments: InstructionSet.available)
    func `progress counts every query block once`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let test = KernelCase(batch: 2, heads: 3, rows: 500, keys: 3, dimension: 4)
        let team = ThreadTeam(threadCount: 3)
        let counter = team.progressCounter
        #expect(counter.value == 0)
        _ = output(test, kernel, team, slices: 0..<6, rows: 0..<500)
        let blocks = 6 * ((500 + kernel.queryBlock - 1) / kernel.queryBlock)
        #expect(counter.value == UInt64(blocks))
        _ = output(test, kernel, team, slices: 0..<6, rows: 0..<500)
        #expect(counter.value == UInt64(2 * blocks))
    }

    @Test func `many short thread teams and calls end`() {
        let test = KernelCase(rows: 130, keys: 3, dimension: 1)
        let expected = bits(test.output(.best))
        for _ in 0..<50 {
            let team = ThreadTeam(threadCount: 4)
            for _ in 0..<20 {
                let got = output(test, .best, team, slices: 0..<1, rows: 0..<130)
                #expect(bits(got) == expected)
            }
        }
    }
}
