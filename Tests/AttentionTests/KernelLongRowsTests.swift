import Attention
import TestSupport
import Testing

/// Rows that see far more keys than their neighbours are computed another way, with the same bits.
@Suite struct KernelLongRowsTests {
    /// Global tokens alone, side by side, at the edges of vectors and blocks, and too many of them.
    static let globals = [
        [0], [0, 1], [15, 16, 63, 64], [700, 701, 702, 703], Array(128..<144), [5, 130, 1099],
    ]

    /// The same problem with every row's keys as bytes, which are never called long.
    private static func withBytes(_ test: KernelCase, _ bytes: [UInt8]? = nil) -> KernelCase {
        var other = test
        other.problem.mask = Mask(visibility: .shared, bias: test.problem.mask.bias)
        other.visibility = bytes ?? Self.bytes(test)
        return other
    }

    private static func bytes(_ test: KernelCase) -> [UInt8] {
        (0..<test.shape.queryLength).flatMap { row in
            (0..<test.shape.keyLength).map { key in
                test.isVisible(slice: 0, row: row, key: key) ? 1 : 0
            }
        }
    }

    @Test(arguments: InstructionSet.available, globals)
    func `global tokens have the bits that they have as visibility bytes`(
        instructionSet: InstructionSet,
        globals: [Int]
    ) throws {
        let kernel = try requireKernel(instructionSet)
        var bytes: [UInt8]?
        for (cap, slope, columns) in [(nil, 0, 64), (7, 0.02, 33), (nil, 0.3, 3)]
            as [(
                Float?, Float, Int
            )]
        {
            var test = KernelCase(
                rows: 1100,
                keys: 1100,
                dimension: columns,
                valueDimension: columns + 1,
                mask: Mask(
                    pattern: .longformer(LongformerPattern(window: 34, globals: globals)),
                    bias: columns == 3 ? .shared : .none
                ),
                softCap: cap,
                alibi: slope == 0 ? [] : [slope],
                sinks: columns == 33 ? [2] : [],
                seed: UInt64(columns)
            )
            // Hidden from most rows.
            test.value[400 * (columns + 1)] = .nan
            test.key[900 * columns] = .infinity
            bytes = bytes ?? Self.bytes(test)
            let expected = bits(Self.withBytes(test, bytes).output(kernel))
            #expect(bits(test.output(kernel)) == expected, "\(columns) columns")
        }
    }

    @Test(arguments: InstructionSet.available)
    func `global tokens have the same bits span by span`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let test = KernelCase(
            rows: 2100,
            keys: 2100,
            dimension: 16,
            mask: Mask(
                pattern: .longformer(LongformerPattern(window: 10, globals: [0, 1, 2090]))
            ),
            seed: 3
        )
        let expected = bits(Self.withBytes(test).output(kernel))
        #expect(bits(test.output(kernel)) == expected)
        #expect(bits(test.mergedOutput(kernel)) == expected)
    }
}
