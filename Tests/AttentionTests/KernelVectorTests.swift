import Attention
import Testing

/// Rows are computed in vectors, which look at keys together: what one vector sees must not depend on
/// what its neighbours see.
@Suite struct KernelVectorTests {
    /// The same problem with every row's keys as bytes.
    private static func withBytes(_ test: KernelCase) -> KernelCase {
        var other = test
        other.problem.mask = Mask(visibility: .shared)
        other.lengths = []
        other.visibility = (0..<test.shape.queryLength).flatMap { row in
            (0..<test.shape.keyLength).map { key in
                test.isVisible(slice: 0, row: row, key: key) ? 1 : 0
            }
        }
        return other
    }

    /// Rows before them leave other bits in the scratch memory.
    @Test(arguments: InstructionSet.available, [4, 8, 16])
    func `vectors that end between longer neighbours see no key of theirs`(
        instructionSet: InstructionSet,
        vectorRows: Int
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let patterns: [KeyPattern] = [
            .none, .longformer(LongformerPattern(window: 1200, globals: [0])),
        ]
        for pattern in patterns {
            for short in [0, 10, 140] {
                var test = KernelCase(
                    rows: 384,
                    keys: 300,
                    dimension: 16,
                    mask: Mask(pattern: pattern, lengths: .perRow),
                    seed: 4
                )
                for row in 0..<384 {
                    let isShort = row / vectorRows % 3 == 1
                    test.lengths[row] = row < 192 ? Int32(row + 1) : isShort ? Int32(short) : 300
                }
                let expected = bits(Self.withBytes(test).output(kernel))
                #expect(bits(test.output(kernel)) == expected, "\(pattern), \(short) keys")
            }
        }
    }
}
