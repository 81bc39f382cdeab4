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

    @Test(arguments: InstructionSet.available)
    func `windows of any width have the bits that they have as visibility bytes`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        var patterns: [KeyPattern] = []
        for window in [0, 2, 34, 130, 258] {
            for globals in [[], [0, 1], [127, 128, 300]] where window > 0 || !globals.isEmpty {
                patterns.append(.longformer(LongformerPattern(window: window, globals: globals)))
            }
        }
        for (back, ahead) in [(1, 0), (17, 3), (129, 128), (256, 0), (40, 200)] {
            patterns.append(.window(back: back, ahead: ahead))
        }
        for block in [5, 16, 64] {
            let pattern = BigBirdPattern(window: 3, random: 2, global: 1, block: block, seed: 3)
            patterns.append(.bigBird(pattern))
        }
        for (number, pattern) in patterns.enumerated() {
            let columns = [16, 9, 3][number % 3]
            var test = KernelCase(
                rows: 333,
                keys: 411,
                dimension: columns,
                valueDimension: columns + 4,
                mask: Mask(pattern: pattern, lengths: number % 2 == 0 ? .none : .perRow),
                seed: UInt64(number)
            )
            // Hidden from most rows.
            test.value[150 * (columns + 4)] = .nan
            test.key[270 * columns] = .infinity
            let expected = bits(Self.withBytes(test).output(kernel))
            #expect(bits(test.output(kernel)) == expected, "\(pattern)")
        }
    }
}
