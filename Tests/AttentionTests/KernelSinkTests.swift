import Attention
import Testing

/// Sinks: scores without keys.
@Suite struct KernelSinkTests {
    static let sinks: [Float] = [0.5, -3, 4, 0]

    /// Rows and keys for each kernel, and for more than one span.
    static let sizes = [(1, 300), (3, 4100), (40, 70), (70, 40), (130, 2300)]

    private func makeCase(_ size: (Int, Int), _ mask: Mask, alibi: [Float] = []) -> KernelCase {
        KernelCase(
            batch: 2,
            heads: 4,
            keyValueHeads: 2,
            rows: size.0,
            keys: size.1,
            dimension: 12,
            valueDimension: 9,
            mask: mask,
            alibi: alibi,
            sinks: Self.sinks,
            seed: 11
        )
    }

    @Test(arguments: InstructionSet.available)
    func `sinks agree with the definition`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let masks = [
            Mask.none, Mask(band: .causal), Mask(lengths: .perRow),
            Mask(visibility: .perHead, bias: .shared),
        ]
        for size in Self.sizes {
            for mask in masks {
                for alibi in [[], [0.5, 0.25, 0, 0.01] as [Float]] {
                    let test = makeCase(size, mask, alibi: alibi)
                    let error = test.maximumError(test.output(kernel))
                    #expect(error <= 2e-6, "\(size) \(mask) \(alibi)")
                }
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `spans merge to the bits of the whole`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        for rows in [2, 70] {
            let test = KernelCase(
                rows: rows,
                keys: 4500,
                dimension: 8,
                mask: Mask(lengths: .perRow),
                alibi: [0.01],
                sinks: [2],
                seed: 5
            )
            #expect(bits(test.mergedOutput(kernel)) == bits(test.output(kernel)))
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a sink far below every score changes no bit, and one far above leaves nothing`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for rows in [2, 70] {
            var test = KernelCase(rows: rows, keys: 90, dimension: 16, seed: 6)
            let without = bits(test.output(kernel))
            test.problem.sinks = [-1e30]
            #expect(bits(test.output(kernel)) == without)
            test.problem.sinks = [1e30]
            #expect(test.output(kernel).allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: InstructionSet.available)
    func `a row without keys is zeros`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        for rows in [2, 70] {
            var test = KernelCase(
                rows: rows,
                keys: 90,
                dimension: 16,
                mask: Mask(lengths: .perRow),
                sinks: [1],
                seed: 6
            )
            test.lengths = test.lengths.indices.map { $0 % 2 == 0 ? 0 : 50 }
            let output = test.output(kernel)
            for row in 0..<rows {
                let isZero = output[row * 16..<(row + 1) * 16].allSatisfy { $0.bitPattern == 0 }
                #expect(isZero == (row % 2 == 0))
            }
        }
    }

    @Test(arguments: InstructionSet.available)
    func `only infinite scores leave all weight to the sink`(
        instructionSet: InstructionSet
    ) throws {
        let kernel = try requireKernel(instructionSet)
        for rows in [2, 70] {
            var test = KernelCase(rows: rows, keys: 30, dimension: 1, sinks: [0], seed: 6)
            test.query = test.query.map { _ in 1 }
            test.key = test.key.map { _ in -.infinity }
            #expect(test.output(kernel).allSatisfy { $0.bitPattern == 0 })
        }
    }

    @Test(arguments: InstructionSet.available)
    func `weights and the sink's weight sum to one`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let test = makeCase((40, 70), .none)
        guard let workspace = KernelWorkspace() else { fatalError("no memory") }
        for slice in 0..<test.shape.sliceCount {
            var weights = [Float](repeating: 0, count: 40 * 70)
            test.withView { view in
                weights.withUnsafeMutableBufferPointer {
                    kernel.weights(
                        test.problem,
                        view,
                        slice: slice,
                        rows: 0..<40,
                        into: $0.start,
                        workspace: workspace
                    )
                    var reference = DoubleReference(test.problem, view)
                    for row in 0..<40 {
                        reference.compute(slice: slice, row: row)
                        let exact = reference.weights.reduce(0, +)
                        let own = $0[row * 70..<(row + 1) * 70]
                        let sum = own.reduce(0.0) { $0 + Double($1) }
                        #expect(abs(sum - exact) < 1e-6)
                        #expect(sum < 1)
                    }
                }
            }
        }
    }
}
