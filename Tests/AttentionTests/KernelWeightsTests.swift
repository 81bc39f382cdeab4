import Attention
import Testing

/// The attention weights, against the float64 reference and against the output.
@Suite struct KernelWeightsTests {
    private static let masks: [Mask] = [
        .none, Mask(band: .causal), Mask(band: .causalBottomRight),
        Mask(lengths: .perRow), Mask(visibility: .perBatch),
        Mask(band: .causal, pattern: .window(back: 40, ahead: 0)),
        Mask(pattern: .longformer(LongformerPattern(window: 34, globals: [0, 60]))),
        Mask(pattern: .window(back: 30, ahead: 9), lengths: .perBatch, visibility: .perSlice),
        Mask(bias: .perHead), Mask(visibility: .shared, bias: .perSlice),
    ]
    private static let sizes = [(1, 70), (16, 300), (40, 70), (66, 131), (130, 2_300)]

    /// The weights of some rows, `[rows, S]`, in memory that was zero.
    private func weights(
        _ test: KernelCase,
        _ kernel: AttentionKernel,
        slice: Int,
        rows: Range<Int>
    ) -> [Float] {
        var weights = [Float](repeating: 0, count: rows.count * test.shape.keyLength)
        guard let workspace = KernelWorkspace() else { fatalError("no memory") }
        test.withView { view in
            weights.withUnsafeMutableBufferPointer {
                kernel.weights(
                    test.problem,
                    view,
                    slice: slice,
                    rows: rows,
                    into: $0.start,
                    workspace: workspace
                )
            }
        }
        return weights
    }

    private func report(
        _ test: KernelCase,
        _ kernel: AttentionKernel,
        change: (inout [Float]) -> Void = { _ in }
    ) -> WeightsReport {
        test.withView { view in
            var verifier = WeightsVerifier(
                test.problem,
                view,
                mode: .full,
                seed: 1,
                queryBlock: kernel.queryBlock
            )
            for slice in 0..<test.shape.sliceCount {
                var all = weights(test, kernel, slice: slice, rows: 0..<test.shape.queryLength)
                change(&all)
                for row in 0..<test.shape.queryLength {
                    let first = row * test.shape.keyLength
                    all[first..<first + test.shape.keyLength].withUnsafeBufferPointer {
                        verifier.take(slice: slice, row: row, keys: nil, weights: $0)
                    }
                }
            }
            return verifier.report()
        }
    }

    private func cases(_ mask: Mask) -> [KernelCase] {
        Self.sizes.map { rows, keys in
            KernelCase(
                batch: 2,
                heads: 2,
                keyValueHeads: 1,
                rows: rows,
                keys: keys,
                dimension: 20,
                valueDimension: 9,
                mask: mask,
                seed: 3
            )
        }
    }

    @Test(arguments: InstructionSet.available, masks)
    func `weights are those of the reference`(set: InstructionSet, mask: Mask) throws {
        let kernel = try requireKernel(set)
        for test in cases(mask) {
            let report = report(test, kernel)
            #expect(report.status == .agrees, "\(test.shape): \(report.reasons)")
            #expect(report.maxRelativeError < 4e-6)
            #expect(report.rowsChecked == report.rowsTotal)
        }
    }

    @Test(arguments: InstructionSet.available)
    func `weights times values are the output`(set: InstructionSet) throws {
        let kernel = try requireKernel(set)
        for test in Self.masks.flatMap(cases) {
            let shape = test.shape
            for slice in [0, shape.sliceCount - 1] {
                let output = test.output(kernel, slices: slice..<slice + 1)
                let weights = weights(test, kernel, slice: slice, rows: 0..<shape.queryLength)
                let values = shape.keyValueSlice(of: slice) * shape.keyLength
                for row in 0..<shape.queryLength {
                    for column in 0..<shape.valueDimension {
                        var sum = 0.0
                        for key in 0..<shape.keyLength {
                            let place = (values + key) * shape.valueDimension + column
                            sum +=
                                Double(weights[row * shape.keyLength + key])
                                * Double(test.value[place])
                        }
                        let found = Double(output[row * shape.valueDimension + column])
                        #expect(abs(found - sum) <= 2e-6)
                    }
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `soft cap and slopes are in the weights`(set: InstructionSet) throws {
        let kernel = try requireKernel(set)
        let test = KernelCase(
            heads: 2,
            rows: 70,
            keys: 150,
            dimension: 16,
            mask: Mask(band: .causalBottomRight),
            softCap: 2,
            alibi: [0.5, 0.03]
        )
        let report = report(test, kernel)
        #expect(report.status == .agrees, "\(report.reasons)")
    }

    @Test(arguments: InstructionSet.available)
    func `a row that sees nothing has no weights, or equal weights`(set: InstructionSet) throws {
        let kernel = try requireKernel(set)
        for maskedRows in MaskedRows.allCases {
            // The first 30 rows see nothing.
            let test = KernelCase(
                rows: 80,
                keys: 50,
                dimension: 8,
                mask: Mask(band: .causalBottomRight),
                maskedRows: maskedRows
            )
            let found = weights(test, kernel, slice: 0, rows: 0..<80)
            let expected: Float = maskedRows == .zeros ? 0 : 1 / 50
            #expect(found[0..<30 * 50].allSatisfy { $0 == expected })
            #expect(report(test, kernel).status == .agrees)
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a row's weights do not depend on the rows beside it`(set: InstructionSet) throws {
        let kernel = try requireKernel(set)
        for mask in Self.masks {
            let test = KernelCase(rows: 130, keys: 2_300, dimension: 12, mask: mask)
            let whole = weights(test, kernel, slice: 0, rows: 0..<130)
            for row in [0, 7, 64, 129] {
                let alone = weights(test, kernel, slice: 0, rows: row..<row + 1)
                let part = whole[row * 2_300..<(row + 1) * 2_300]
                #expect(alone.map(\.bitPattern) == part.map(\.bitPattern), "\(mask), row \(row)")
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `hidden inputs reach no weight`(set: InstructionSet) throws {
        let kernel = try requireKernel(set)
        var test = KernelCase(
            rows: 70,
            keys: 70,
            dimension: 8,
            mask: Mask(band: .causal, pattern: .window(back: 9, ahead: 0))
        )
        let clean = weights(test, kernel, slice: 0, rows: 0..<60)
        // No row below 60 sees the keys from 60 on.
        for index in 60 * 8..<70 * 8 { test.key[index] = index % 2 == 0 ? .nan : .infinity }
        let poisoned = weights(test, kernel, slice: 0, rows: 0..<60)
        #expect(clean.map(\.bitPattern) == poisoned.map(\.bitPattern))
    }

    @Test func `wrong weights are found`() throws {
        let kernel = try requireKernel(.baseline)
        let test = KernelCase(rows: 40, keys: 70, dimension: 12, mask: Mask(band: .causal))
        let mutants: [(inout [Float]) -> Void] = [
            { $0[39 * 70 + 5] *= 1.0001 },
            { $0[3 * 70 + 60] = 1e-30 },
            { $0 = Array(repeating: 0, count: $0.count) },
            { $0.swapAt(39 * 70 + 1, 39 * 70 + 2) },
            { $0[20 * 70] = .nan },
            { weights in for index in weights.indices { weights[index] *= 0.9999 } },
        ]
        #expect(report(test, kernel).status == .agrees)
        for (index, mutant) in mutants.enumerated() {
            let report = report(test, kernel, change: mutant)
            #expect(report.status == .disagrees, "mutant \(index)")
            #expect(!report.reasons.isEmpty)
        }
    }

    @Test func `keys that a row does not see are found`() throws {
        let test = KernelCase(rows: 2, keys: 4, dimension: 4, mask: Mask(band: .causal))
        let found = test.withView { view in
            var verifier = WeightsVerifier(
                test.problem,
                view,
                mode: .full,
                seed: 1,
                queryBlock: 8
            )
            for row in 0..<2 {
                let keys: [Int32] = [0, 2]
                keys.withUnsafeBufferPointer { keys in
                    let weights: [Float] = [1, 0]
                    weights.withUnsafeBufferPointer {
                        verifier.take(slice: 0, row: row, keys: keys, weights: $0)
                    }
                }
            }
            return verifier.report()
        }
        #expect(found.status == .disagrees)
        // The weights of wrong keys are not compared at all.
        #expect(found.maxRelativeError == 0)
        #expect(found.reasons.count == 1)
        #expect(found.reasons.first?.contains("slice 0, row 0") == true)
    }
}
