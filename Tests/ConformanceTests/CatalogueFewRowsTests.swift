import Attention
import Measuring
import TestSupport
import Testing

@testable import Conformance

struct CatalogueFewRowsTests {
    private static let specifications = [
        "heads=4 kv-heads=2 length=40 key-length=300 head-dimension=24 mask=causal-bottom-right",
        "heads=2 length=20 key-length=150 head-dimension=16 visibility=shared soft-cap=5",
    ]

    @Test(arguments: InstructionSet.available, specifications)
    func `few rows have the bits of all rows`(
        instructionSet: InstructionSet,
        specification: String
    ) throws {
        let kernel = try #require(AttentionKernel(instructionSet))
        #expect(try fault(specification, all: kernel, few: kernel) == nil)
    }

    /// Another instruction set adds in another order: so does a kernel for few rows that is wrong.
    @Test(arguments: InstructionSet.available.filter { $0 != .baseline }, specifications)
    func `few rows whose sums have another order are found`(
        instructionSet: InstructionSet,
        specification: String
    ) throws {
        let kernel = try #require(AttentionKernel(instructionSet))
        let other = try #require(AttentionKernel(.baseline))
        #expect(try fault(specification, all: kernel, few: other) != nil)
        #expect(try fault(specification, all: other, few: kernel) != nil)
    }

    private func fault(
        _ specification: String,
        all: AttentionKernel,
        few: AttentionKernel
    ) throws -> String? {
        let inputs = try CatalogueInputs(CatalogueSpecification(specification).entry)
        let reference = try TrialOutput(inputs.problem)
        let output = try TrialOutput(inputs.problem)
        inputs.compute(ThreadTeam(threadCount: 1), all, into: reference)
        let check = CatalogueCheck(interruption: try TestInterruption.shared)
        return try check.fewRowsFault(inputs, few, output, reference)
    }
}
