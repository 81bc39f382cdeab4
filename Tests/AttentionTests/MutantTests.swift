import Attention
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Tests of the verifier itself: wrong outputs that it must catch.
struct MutantTests {
    @Test(arguments: Mutants.all)
    func `a wrong output of the cluster alone disagrees`(mutant: Mutant) throws {
        let inputs = try mutant.setting.makeInputs()
        let right = inputs.roundedReference()
        let wrong = try mutant.make(inputs, right)
        let report = try inputs.verify(seed: Setting.seed, output: wrong, singleProcess: right)
        #expect(report.status == .disagrees)
        #expect(report.bitwiseEqual == false)
        let differing = right.indices.filter { right[$0].bitPattern != wrong[$0].bitPattern }
        #expect(report.mismatchedElements == differing.count)
        #expect(
            report.firstMismatch
                == differing.first.map { ElementIndex(flatIndex: $0, shape: inputs.problem.shape) }
        )
        // The first reason counts the elements and names the first.
        let first = try #require(report.firstMismatch)
        for part in ["\(differing.count)", "\(first)"] {
            #expect(report.reasons.first?.contains(part) == true, "\(report.reasons)")
        }
    }

    @Test(arguments: Mutants.all.filter { !$0.isOnlyInBits })
    func `a fault that every process shares disagrees with float64`(mutant: Mutant) throws {
        let inputs = try mutant.setting.makeInputs()
        let wrong = try mutant.make(inputs, inputs.roundedReference())
        let report = try inputs.verify(seed: Setting.seed, output: wrong, singleProcess: wrong)
        #expect(report.status == .disagrees)
        #expect(report.bitwiseEqual == true)
        #expect(report.mismatchedElements == 0)
        #expect(report.worstElement != nil)
        #expect(!report.reasons.isEmpty)
    }

    @Test(arguments: Mutants.all.filter(\.isOnlyInBits))
    func `a low bit that every process shares is within the bound`(mutant: Mutant) throws {
        let inputs = try mutant.setting.makeInputs()
        let wrong = try mutant.make(inputs, inputs.roundedReference())
        let report = try inputs.verify(seed: Setting.seed, output: wrong, singleProcess: wrong)
        #expect(report.status == .agrees)
        #expect(report.maxUnitsInLastPlace <= 1)
    }

    @Test func `there are more than 40 mutants, each with its own name`() {
        #expect(Mutants.all.count > 40)
        #expect(Set(Mutants.all.map(\.name)).count == Mutants.all.count)
    }

    @Test(arguments: [ValueKind.exactPermutation, .exactMean], [true, false])
    func `a low bit flipped on exact values disagrees`(kind: ValueKind, isShared: Bool) throws {
        let problem = makeProblem(heads: 2, queryLength: 16, headDimension: 8)
        let inputs = try AttentionInputs(InputGenerator(problem, kind: kind, seed: 5))
        let right = inputs.roundedReference()
        for index in [0, 100, right.count - 1] {
            var wrong = right
            wrong[index] = Float(bitPattern: wrong[index].bitPattern ^ 1)
            let report = try inputs.verify(
                kind: kind,
                seed: 5,
                output: wrong,
                singleProcess: isShared ? wrong : right
            )
            #expect(report.status == .disagrees)
            #expect(report.bitwiseEqual == isShared)
            #expect(report.inexactElements == 1)
            // One reason for the exact answer, and one for the single process if that was right.
            let place = ElementIndex(flatIndex: index, shape: problem.shape)
            let naming = report.reasons.filter { $0.contains("\(place)") }
            #expect(naming.count == (isShared ? 1 : 2), "\(report.reasons)")
        }
    }

    @Test func `exact inputs of another seed are noticed although the errors are 0`() throws {
        let problem = makeProblem(heads: 2, queryLength: 16, headDimension: 8)
        let stale = try AttentionInputs(InputGenerator(problem, kind: .exactPermutation, seed: 6))
        let output = stale.roundedReference()
        let report = try stale.verify(
            kind: .exactPermutation,
            seed: 5,
            output: output,
            singleProcess: output
        )
        #expect(report.status == .disagrees)
        #expect(report.maxAbsoluteError == 0)
        #expect(report.inexactElements.map { $0 > 200 } == true)
    }

    @Test func `elements that were never written are counted`() throws {
        let inputs = try Setting.plain.makeInputs()
        let right = inputs.roundedReference()
        var output = right
        output.withUnsafeMutableBufferPointer { buffer in
            if let start = buffer.baseAddress { OutputSentinel.fill(start + 24, count: 36) }
        }
        let report = try inputs.verify(seed: Setting.seed, output: output, singleProcess: output)
        #expect(report.status == .disagrees)
        #expect(report.unwrittenElements == 36)
        #expect(report.worstElement == ElementIndex(slice: 0, row: 2, column: 0))
        #expect(report.containsNonFinite)
    }

    @Test func `wrong zeros disagree, and have a reason more than other wrong outputs`() throws {
        let inputs = try Setting.plain.makeInputs()
        let zeros = [Float](repeating: 0, count: 8 * 24 * 12)
        var others = zeros
        others[0] = 1e-30
        let reports = try [zeros, others].map {
            try inputs.verify(seed: Setting.seed, output: $0, singleProcess: $0)
        }
        #expect(reports.allSatisfy { $0.status == .disagrees })
        #expect(reports[0].reasons.count == reports[1].reasons.count + 1, "\(reports[0].reasons)")
    }

    @Test func `NaN of another payload is another bit`() throws {
        let inputs = try Setting.plain.makeInputs()
        inputs.floats(of: .query)[0] = .nan
        let right = inputs.roundedReference()
        var wrong = right
        wrong[3] = Float(bitPattern: right[3].bitPattern ^ 2)
        let same = try inputs.verify(seed: Setting.seed, output: right, singleProcess: right)
        #expect(same.status == .mistrusted)
        let other = try inputs.verify(seed: Setting.seed, output: wrong, singleProcess: right)
        #expect(other.status == .disagrees)
        #expect(other.firstMismatch == ElementIndex(slice: 0, row: 0, column: 3))
    }

    @Test(arguments: seeds)
    func `a wrong element is found at its place`(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let inputs = try Setting.causal.makeInputs(seed: seed)
        let right = inputs.roundedReference()
        for _ in 0..<20 {
            let index = right.indices.randomElement(using: &random) ?? 0
            let place = ElementIndex(flatIndex: index, shape: inputs.problem.shape)
            var wrong = right
            let bit = UInt32(1) << UInt32.random(in: 0..<32, using: &random)
            wrong[index] = Float(bitPattern: right[index].bitPattern ^ bit)
            let alone = try inputs.verify(seed: seed, output: wrong, singleProcess: right)
            #expect(alone.status == .disagrees, "seed \(seed), bit \(bit) of \(place)")
            #expect(alone.firstMismatch == place && alone.mismatchedElements == 1)
            wrong[index] = right[index] + Float.random(in: 1...2, using: &random) * 0x1p-17
            let shared = try inputs.verify(seed: seed, output: wrong, singleProcess: wrong)
            #expect(shared.status == .disagrees, "seed \(seed), \(place)")
            #expect(shared.worstElement == place)
        }
    }

    static var seeds: ClosedRange<UInt64> {
        isThorough ? 1...500 : 1...3
    }
}

/// `e` to the power of `value`.
func exponential(_ value: Float) -> Float { expf(value) }
