import Attention
import Testing

/// Rows far from every key that they see: a slope must not cost them digits.
@Suite struct KernelDistanceTests {
    /// A case whose rows see keys in the distance only, and the rows to look at.
    struct FarCase: CustomTestStringConvertible {
        let testDescription: String
        let test: KernelCase
        let rows: Range<Int>

        init(
            _ name: String,
            rows: Int,
            keys: Int,
            mask: Mask = .none,
            checked: Range<Int>? = nil,
            change: (inout KernelCase) -> Void = { _ in }
        ) {
            var test = KernelCase(
                heads: 2,
                keyValueHeads: 1,
                rows: rows,
                keys: keys,
                dimension: 6,
                mask: mask,
                alibi: [0.5, 0.17],
                seed: 21
            )
            change(&test)
            testDescription = name
            self.test = test
            self.rows = checked ?? 0..<rows
        }
    }

    /// Shows keys from 6400 on, or below 300, to half of the rows each; not all of them.
    private static func showFarKeys(_ test: inout KernelCase) {
        let keys = test.shape.keyLength
        for index in test.visibility.indices {
            let (row, key) = (index / keys, index % keys)
            let isFar = row % 2 == 0 ? key >= 6400 : key < 300
            if !isFar || (key + row) % 3 == 0 { test.visibility[index] = 0 }
        }
    }

    private static let lastBlock = BlockLayout(
        block: 512,
        heads: 1,
        rowBlocks: 1,
        keyBlocks: 20,
        isVisible: (0..<20).map { $0 >= 18 }
    )

    static let cases = [
        FarCase("more rows than keys", rows: 20_000, keys: 64, checked: 19_980..<20_000),
        FarCase(
            "causal",
            rows: 20_000,
            keys: 64,
            mask: Mask(band: .causal),
            checked: 19_980..<20_000
        ),
        FarCase(
            "lengths",
            rows: 9000,
            keys: 9000,
            mask: Mask(lengths: .perBatch),
            checked: 8990..<9000
        ) { $0.lengths = [70] },
        FarCase(
            "a boolean mask",
            rows: 70,
            keys: 6700,
            mask: Mask(visibility: .shared),
            checked: 60..<70,
            change: showFarKeys
        ),
        FarCase(
            "few rows, bottom-right",
            rows: 3,
            keys: 9000,
            mask: Mask(band: .causalBottomRight, lengths: .perBatch)
        ) { $0.lengths = [400] },
        FarCase(
            "few rows, a boolean mask",
            rows: 4,
            keys: 6700,
            mask: Mask(visibility: .perSlice),
            change: showFarKeys
        ),
        FarCase("few rows, blocks", rows: 4, keys: 10_240, mask: Mask(pattern: .blocks(lastBlock))),
        FarCase(
            "blocks and a boolean mask",
            rows: 40,
            keys: 10_240,
            mask: Mask(pattern: .blocks(lastBlock), visibility: .perBatch),
            checked: 36..<40
        ),
    ]

    @Test(arguments: InstructionSet.available, cases)
    func `far rows are as exact as near ones`(set: InstructionSet, far: FarCase) throws {
        let kernel = try requireKernel(set)
        let (test, columns) = (far.test, far.test.shape.valueDimension)
        let output = test.output(kernel, rows: far.rows)
        for slice in 0..<2 {
            for (index, row) in far.rows.enumerated() {
                let place = (slice * far.rows.count + index) * columns
                let error = zip(output[place...], test.expected(slice: slice, row: row)).map {
                    abs(Double($0) - $1)
                }.max()
                #expect(try #require(error) <= 2e-6, "slice \(slice), row \(row)")
            }
        }
    }

    @Test(arguments: cases)
    func `the plain program is as exact, so its bound is tight`(far: FarCase) {
        let test = far.test
        test.withView { view in
            var eager = EagerReference(test.problem, view)
            for row in [far.rows.lowerBound, far.rows.upperBound - 1] {
                eager.compute(slice: 0, row: row)
                for (found, exact) in zip(eager.output, test.expected(slice: 0, row: row)) {
                    #expect(abs(Double(found) - exact) <= 2e-6, "row \(row)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available, cases)
    func `their bits depend on no cut of rows, keys or threads`(
        set: InstructionSet,
        far: FarCase
    ) throws {
        let kernel = try requireKernel(set)
        let (test, columns) = (far.test, far.test.shape.valueDimension)
        let rows = test.shape.queryLength
        let whole = bits(test.output(kernel))
        #expect(bits(test.mergedOutput(kernel)) == Array(whole[..<(rows * columns)]))
        let part = far.rows.lowerBound + far.rows.count / 3..<far.rows.upperBound
        let cut = bits(test.output(kernel, slices: 1..<2, rows: part))
        #expect(
            cut
                == Array(
                    whole[(rows + part.lowerBound) * columns..<(rows + part.upperBound) * columns]
                )
        )
        let team = ThreadTeam(threadCount: 3)
        var output = [Float](repeating: .pi, count: whole.count)
        test.withView { view in
            output.withUnsafeMutableBufferPointer {
                _ = team.forward(
                    kernel,
                    test.problem,
                    view,
                    slices: 0..<2,
                    rows: 0..<rows,
                    output: $0.start,
                    outputSliceStride: rows * columns
                )
            }
        }
        #expect(bits(output) == whole)
    }

    @Test(arguments: InstructionSet.available, cases)
    func `their weights are exact`(set: InstructionSet, far: FarCase) throws {
        let kernel = try requireKernel(set)
        let (test, keys) = (far.test, far.test.shape.keyLength)
        guard let workspace = KernelWorkspace() else { fatalError("no memory") }
        var weights = [Float](repeating: 0, count: far.rows.count * keys)
        test.withView { view in
            weights.withUnsafeMutableBufferPointer {
                kernel.weights(
                    test.problem,
                    view,
                    slice: 0,
                    rows: far.rows,
                    into: $0.start,
                    workspace: workspace
                )
            }
            var reference = DoubleReference(test.problem, view)
            for (index, row) in far.rows.enumerated() {
                reference.compute(slice: 0, row: row)
                let wrong = (0..<keys).filter { key in
                    let exact = reference.weights[key]
                    // A weight e^-70 of the largest has lost a unit of its exponent's 70.
                    return abs(Double(weights[index * keys + key]) - exact) > 1e-5 * exact
                        + 0x1p-100
                }
                #expect(wrong == [], "row \(row)")
            }
        }
    }
}
