import Attention
import Testing

/// One test an instruction set, skipped where the processor lacks it: the other kernel tests run on
/// those it has.
@Suite struct KernelTableTests {
    @Test func `the baseline kernel is in the table`() throws {
        try expectRow(.baseline)
    }

    @Test(
        .enabled(
            if: InstructionSet.avx2.isAvailable,
            "this processor has no AVX2: its kernel is not tested"
        )
    )
    func `the AVX2 kernel is in the table`() throws {
        try expectRow(.avx2)
    }

    @Test(
        .enabled(
            if: InstructionSet.avx512.isAvailable,
            "this processor has no AVX-512: its kernel is not tested"
        )
    )
    func `the AVX-512 kernel is in the table`() throws {
        try expectRow(.avx512)
    }

    private func expectRow(_ instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        #expect(kernel.instructionSet == instructionSet)
        #expect(kernel.queryBlock >= 1)
        #expect(AttentionKernel.spanKeys % kernel.keyBlock == 0)
        // A plan must not depend on the processor.
        let baseline = try requireKernel(.baseline).table
        #expect(kernel.table.spanKeys == baseline.spanKeys)
        #expect(kernel.table.decodeRows == baseline.decodeRows)
        #expect(kernel.table.maximumDimension == baseline.maximumDimension)
    }

    @Test func `the kernels are those that the processor runs, the best one last`() {
        for instructionSet in InstructionSet.allCases {
            #expect((AttentionKernel(instructionSet) != nil) == instructionSet.isAvailable)
        }
        #expect(AttentionKernel.best.instructionSet == InstructionSet.available.last)
    }

    @Test func `spans cover the keys`() {
        let span = AttentionKernel.spanKeys
        #expect(AttentionKernel.spanCount(keyLength: 1) == 1)
        #expect(AttentionKernel.spanCount(keyLength: span) == 1)
        #expect(AttentionKernel.spanCount(keyLength: span + 1) == 2)
    }
}
