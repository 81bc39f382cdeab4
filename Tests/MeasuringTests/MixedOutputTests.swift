import Attention
import TestSupport
import Testing
import Work

@testable import Measuring
@testable import Platform

/// What workers with different instruction sets must have computed.
@Suite struct MixedOutputTests {
    private static let problem = AttentionProblem(
        shape: .sample(queryLength: 4, keyLength: 4, headDimension: 2)
    )
    private static var count: Int { problem.byteCount(of: .output) / 4 }

    /// The whole output of an instruction set: one number everywhere.
    private static func number(_ set: InstructionSet) -> Float { set == .avx2 ? 2 : 1 }

    private func right(_ parts: [OutputPart], found: [Float]?) throws -> [Float] {
        let outputs = try MixedOutput(Self.problem)
        func whole(_ set: InstructionSet) throws(RunError) -> UnsafePointer<Float> {
            try outputs.whole(set) { _, output in
                output.update(repeating: Self.number(set), count: Self.count)
            }
        }
        let right =
            try found.map { found in
                try found.withUnsafeBufferPointer {
                    try outputs.right(parts, found: $0.baseAddress, whole: whole)
                }
            } ?? outputs.right(parts, found: nil, whole: whole)
        return Array(UnsafeBufferPointer(start: right, count: Self.count))
    }

    private func part(_ rows: Range<Int>, _ sets: [InstructionSet]) -> OutputPart {
        OutputPart(
            slices: 0..<Self.problem.shape.sliceCount,
            rows: rows,
            instructionSets: sets
        )
    }

    /// Of each slice, rows 0 and 1, and rows 2 and 3.
    private func halves(_ first: Float, _ second: Float) -> [Float] {
        let half = Self.count / Self.problem.shape.sliceCount / 2
        return (0..<Self.count).map { $0 / half % 2 == 0 ? first : second }
    }

    @Test(.enabled(if: InstructionSet.avx2.isAvailable, "the processor lacks avx2"))
    func `each part is that of its instruction set`() throws {
        let parts = [part(0..<2, [.baseline]), part(2..<4, [.avx2])]
        #expect(try right(parts, found: nil) == halves(1, 2))
        // Whatever was found.
        #expect(try right(parts, found: halves(2, 1)) == halves(1, 2))
    }

    @Test(.enabled(if: InstructionSet.avx2.isAvailable, "the processor lacks avx2"))
    func `a part that was given out again may have elements of both`() throws {
        let parts = [part(0..<2, [.baseline, .avx2]), part(2..<4, [.avx2])]
        var found = halves(1, 2)
        found[0] = 2
        #expect(try right(parts, found: found) == found)
        found[1] = 3
        var expected = found
        expected[1] = 1
        #expect(try right(parts, found: found) == expected)
        #expect(try right(parts, found: nil) == halves(1, 2))
    }
}
