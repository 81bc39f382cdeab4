import Attention
import Scheduling
import TestSupport
import Testing
import Work

@testable import Measuring
@testable import Platform

/// The inputs by which a kept output is found out.
@Suite struct OtherInputsTests {
    /// How many rows have another output, of how many.
    private func otherRows(
        _ problem: AttentionProblem,
        _ kind: ValueKind
    ) throws -> (Int, of: Int, tensors: Int) {
        let inputs = try AttentionInputs(InputGenerator(problem, kind: kind, seed: 3))
        let former = singleProcessOutput(inputs).map { Float(bitPattern: $0) }
        let others = try former.withUnsafeBufferPointer {
            try OtherInputs(
                of: inputs,
                .best,
                former: $0.baseAddress.unsafelyUnwrapped,
                cancellation: Cancellation()
            )
        }
        let columns = problem.shape.valueDimension
        let rows = problem.shape.sliceCount * problem.shape.queryLength
        let different = (0..<rows).count { row in
            (0..<columns).contains {
                others.expected[row * columns + $0].bitPattern
                    != former[row * columns + $0].bitPattern
            }
        }
        return (different, rows, others.tensors.count)
    }

    @Test(arguments: ValueKind.allCases, [Mask.none, Mask(band: .causal)])
    func `every row has another output, whatever the values`(
        _ kind: ValueKind,
        _ mask: Mask
    ) throws {
        // Equal weights are exact over powers of two of keys alone.
        let isMean = kind == .exactMean
        let problem = AttentionProblem(
            shape: .sample(queryLength: 9, keyLength: 8, headDimension: 8),
            mask: isMean ? .none : mask
        )
        let found = try otherRows(problem, kind)
        #expect(found.0 == found.of)
        // Values travel only where queries are not enough.
        if kind == .uniform, mask == .none { #expect(found.tensors == 1) }
        if isMean || mask != .none { #expect(found.tensors == 2) }
    }

    @Test func `one key leaves the values to tell`() throws {
        let found = try otherRows(AttentionProblem(shape: .sample(keyLength: 1)), .uniform)
        #expect(found.0 == found.of)
        #expect(found.tensors == 2)
    }
}
