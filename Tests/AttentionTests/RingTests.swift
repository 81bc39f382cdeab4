import Attention
import TestSupport
import Testing
import Work

/// Attention in a ring: blocks of rows visit arcs of keys one after the other.
@Suite struct RingTests {
    private static let span = AttentionKernel.spanKeys

    private static func problem(
        batch: Int = 1,
        heads: Int = 2,
        keyValueHeads: Int? = nil,
        rows: Int,
        keys: Int,
        arcs: Int,
        _ change: (inout AttentionProblem) -> Void = { _ in }
    ) -> AttentionProblem {
        var problem = makeProblem(
            batch: batch,
            heads: heads,
            keyValueHeads: keyValueHeads,
            queryLength: rows,
            keyLength: keys,
            headDimension: 6,
            valueDimension: 19
        )
        change(&problem)
        (problem.spanKeys, problem.arcs) = (span, arcs)
        return problem
    }

    private static let problems: [AttentionProblem] = [
        problem(rows: 1, keys: 1, arcs: 1),
        problem(heads: 4, keyValueHeads: 2, rows: 1, keys: 2049, arcs: 2),
        problem(batch: 2, heads: 6, keyValueHeads: 2, rows: 3, keys: 4096, arcs: 2),
        problem(heads: 32, keyValueHeads: 1, rows: 2, keys: 6200, arcs: 3) { $0.softCap = 2 },
        problem(heads: 3, rows: 16, keys: 6200, arcs: 2) { $0.score = Score(.cosine, scale: 3) },
        problem(heads: 4, keyValueHeads: 2, rows: 12, keys: 4100, arcs: 2) {
            $0.score = Score(.additive(hidden: 5), scale: 1)
        },
        problem(rows: 20, keys: 4100, arcs: 3) { $0.score = Score(.gaussianColumns, scale: 0.5) },
        problem(rows: 17, keys: 6200, arcs: 4) { $0.mask.bias = .perHead },
        // Rows see one arc to all of them.
        problem(heads: 1, rows: 6200, keys: 6200, arcs: 4) { $0.mask.band = .causal },
        problem(heads: 4, keyValueHeads: 2, rows: 70, keys: 4200, arcs: 3) {
            $0.mask.band = .causal
            $0.offset = 4090
            $0.alibi = [0.5, 0.1, 0.01, 0]
        },
        // The first rows see no key.
        problem(rows: 2100, keys: 2090, arcs: 2) { $0.mask.band = .causalBottomRight },
        problem(batch: 2, rows: 40, keys: 4200, arcs: 2) {
            $0.mask.lengths = .perRow
            $0.maskedRows = .uniform
        },
        problem(batch: 3, rows: 50, keys: 4200, arcs: 3) {
            $0.mask.lengths = .perBatch
            $0.mask.band = .causalByLength
            $0.mask.pattern = .window(back: 30, ahead: 0)
        },
        problem(batch: 3, heads: 4, keyValueHeads: 1, rows: 2, keys: 4200, arcs: 2) {
            $0.mask.lengths = .perBatch
            $0.mask.visibility = .perSlice
            $0.alibi = [0.5, 0.1, 0.01, 0]
            $0.sinks = [1, -2, 0, 3]
        },
        problem(rows: 80, keys: 4200, arcs: 3) {
            $0.mask.pattern = .longformer(LongformerPattern(window: 40, globals: [3, 4000]))
            $0.offset = 2030
        },
        // Rows leave the first arc, and the last ones all keys behind.
        problem(rows: 300, keys: 6200, arcs: 4) {
            $0.mask.pattern = .window(back: 40, ahead: 20)
            $0.offset = 1950
        },
        problem(rows: 300, keys: 6200, arcs: 4) {
            $0.mask.pattern = .window(back: 40, ahead: 20)
            $0.offset = 6000
            $0.sinks = [0.5, -1]
        },
    ]

    /// Inputs of a ring; some rows see no key, and some none of the first span.
    private func inputs(_ problem: AttentionProblem) throws -> AttentionInputs {
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 7))
        let keys = problem.shape.keyLength
        let edges = [0, 1, 2047, 2048, 2049, keys].map { Int32(min($0, keys)) }
        let count = problem.byteCount(of: .lengths) / 4
        inputs.setLengths((0..<count).map { edges[$0 % edges.count] })
        if problem.mask.visibility != .none {
            let bytes = inputs.bytes(of: .visibility)
            for key in 0..<min(keys, Self.span) { bytes[key] = 0 }
            for key in keys..<min(2 * keys, bytes.count) { bytes[key] = 0 }
        }
        return inputs
    }

    /// The bits without arcs and spans.
    private func rightBits(
        _ inputs: borrowing AttentionInputs,
        _ kernel: AttentionKernel
    ) -> [UInt32] {
        var plain = inputs.problem
        (plain.spanKeys, plain.arcs) = (nil, nil)
        return bits(wholeOutput(inputs, of: plain, kernel))
    }

    /// The first place where bits differ; to show whole outputs that differ would take minutes.
    private static func difference(_ found: [Float], _ right: [UInt32]) -> Int? {
        found.count != right.count
            ? -1 : found.indices.first { found[$0].bitPattern != right[$0] }
    }

    @Test(arguments: InstructionSet.available, problems)
    func `a ring has the bits of the whole, with any number of threads`(
        instructionSet: InstructionSet,
        problem: AttentionProblem
    ) throws {
        let kernel = try requireKernel(instructionSet)
        try problem.validate()
        let inputs = try inputs(problem)
        let right = rightBits(inputs, kernel)
        #expect(Self.difference(wholeOutput(inputs, of: problem, kernel), right) == nil)
        guard problem.partCount(of: .carried) > 0 else { return }
        let carried = bits(Array(inputs.floats(of: .carried)))
        let again = wholeOutput(inputs, of: problem, kernel, threads: 3)
        #expect(Self.difference(again, right) == nil)
        #expect(Self.difference(Array(inputs.floats(of: .carried)), carried) == nil)
    }

    @Test(arguments: InstructionSet.available, problems)
    func `any block of rows has the same bits at every arc`(
        instructionSet: InstructionSet,
        problem: AttentionProblem
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let inputs = try inputs(problem)
        let right = wholeOutput(inputs, of: problem, kernel)
        var random = SplitMix(seed: 5)
        for stage in problem.stages {
            let known =
                stage.output == .output
                ? right
                : Array(inputs.floats(of: .carried).dropFirst(problem.firstElement(of: stage)))
            for part in problem.rowParts(of: stage) {
                let slices = Self.part(of: 0..<stage.sliceCount, &random)
                let rows = Self.part(of: part, &random)
                let found = Self.compute(stage, kernel, problem, inputs, slices, rows, threads: 2)
                let expected = slices.flatMap { slice in
                    let first = slice * stage.rowCount
                    let columns = stage.columnCount
                    return known[
                        (first + rows.lowerBound) * columns..<(first + rows.upperBound) * columns
                    ]
                }
                let difference = Self.difference(found, bits(expected))
                #expect(difference == nil, "\(stage.work) \(slices) \(rows)")
            }
        }
    }

    private static func part(of all: Range<Int>, _ random: inout SplitMix) -> Range<Int> {
        let lower = Int.random(in: all, using: &random)
        return lower..<Int.random(in: lower + 1...all.upperBound, using: &random)
    }

    private static func compute(
        _ stage: Stage,
        _ kernel: AttentionKernel,
        _ problem: AttentionProblem,
        _ inputs: borrowing AttentionInputs,
        _ slices: Range<Int>,
        _ rows: Range<Int>,
        threads: Int = 1
    ) -> [Float] {
        let count = slices.count * rows.count * stage.columnCount
        var found = [Float](repeating: .pi, count: count)
        let team = ThreadTeam(threadCount: threads)
        found.withUnsafeMutableBufferPointer {
            _ = team.compute(
                stage,
                kernel,
                problem,
                inputs.view,
                slices: slices,
                rows: rows,
                output: $0.start,
                outputSliceStride: rows.count * stage.columnCount
            )
        }
        return found
    }

    /// With three arcs of values near each other, every order of additions rounds otherwise somewhere.
    @Test(arguments: InstructionSet.available, [1, 40])
    func `an arc that is dropped or doubled, and a carried number that is wrong, are noticed`(
        instructionSet: InstructionSet,
        rows: Int
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let problem = Self.problem(heads: 1, rows: rows, keys: 6000, arcs: 3)
        let inputs = try inputs(problem)
        let right = bits(wholeOutput(inputs, of: problem, kernel))
        let stages = problem.stages
        func output() -> [UInt32] {
            bits(Self.compute(stages[2], kernel, problem, inputs, 0..<1, 0..<rows))
        }
        #expect(output() == right)
        let carried = inputs.floats(of: .carried)
        let known = Array(carried)
        // What stage 0 and stage 1 wrote; a row has 21 numbers.
        let (first, second) = (0..<rows * 21, rows * 21..<2 * rows * 21)
        func put(_ numbers: [Float]) {
            for (place, number) in zip(second, numbers) { carried[place] = number }
        }
        // The last stage reads the second, which stage 1 makes of the first where it computes again.
        let faults: [(name: String, computesAgain: Bool, spoil: () -> Void)] = [
            ("the second arc dropped", false, { put(Array(known[first])) }),
            (
                "the first arc dropped", true,
                {
                    for row in 0..<rows {
                        for column in 0..<21 { carried[row * 21 + column] = 0 }
                        carried[row * 21] = -.infinity
                        carried[row * 21 + 1] = -0.0
                    }
                }
            ),
            (
                "the second arc doubled", true,
                { for (place, number) in zip(first, known[second]) { carried[place] = number } }
            ),
            ("another maximum", false, { carried[second.lowerBound] += 1 }),
            ("another sum", false, { carried[second.lowerBound + 1] *= 1.0001 }),
            ("another value", false, { carried[second.lowerBound + 2] *= 1.0001 }),
        ]
        for (name, computesAgain, spoil) in faults {
            spoil()
            if computesAgain {
                put(Self.compute(stages[1], kernel, problem, inputs, 0..<1, 0..<rows))
            }
            #expect(output() != right, "\(name)")
            inputs.set(.carried, known)
        }
        #expect(output() == right)
    }

    /// Without a mask, keys in another order are the same attention, folded in another order.
    @Test(arguments: InstructionSet.available, [1, 40])
    func `arcs in another order have other bits`(
        instructionSet: InstructionSet,
        rows: Int
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let problem = Self.problem(heads: 1, rows: rows, keys: 3 * Self.span, arcs: 3)
        let inputs = try inputs(problem)
        let right = wholeOutput(inputs, of: problem, kernel)
        for (tensor, columns) in [(TensorName.key, 6), (.value, 19)] {
            let numbers = inputs.floats(of: tensor)
            for place in 0..<Self.span * columns {
                numbers.swapAt(place, 2 * Self.span * columns + place)
            }
        }
        let other = wholeOutput(inputs, of: problem, kernel)
        #expect(bits(other) != bits(right))
        #expect(zip(other, right).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test(arguments: problems)
    func `arcs hold whole spans, and every key that a row sees is in an arc that it visits`(
        problem: AttentionProblem
    ) throws {
        let (arcs, keys) = (try #require(problem.arcs), problem.shape.keyLength)
        var next = 0
        for arc in 0..<arcs {
            let own = problem.keys(ofArc: arc)
            #expect(own.lowerBound == next && !own.isEmpty)
            #expect(own.upperBound == keys || own.upperBound.isMultiple(of: Self.span))
            next = own.upperBound
        }
        #expect(next == keys)
        let parts = problem.rowsByArcs
        #expect(parts.flatMap { Array($0.rows) } == Array(0..<problem.shape.queryLength))
        for (part, following) in zip(parts, parts.dropFirst()) {
            #expect(part.arcs != following.arcs)
        }
        let inputs = try inputs(problem)
        let visibility = RowVisibility(problem, inputs.view)
        for (rows, visited) in parts {
            let shown =
                problem.keys(ofArc: visited.lowerBound)
                .lowerBound..<problem.keys(ofArc: visited.upperBound - 1).upperBound
            for row in rows where row % 7 == 0 || row == rows.lowerBound || row == rows.last {
                #expect(problem.arcs(ofRow: row) == visited)
                for slice in stride(from: 0, to: problem.shape.sliceCount, by: problem.shape.heads)
                {
                    let seen = visibility.visibleKeys(slice: slice, row: row)
                    #expect(seen.allSatisfy(shown.contains), "row \(row)")
                }
            }
        }
    }

    @Test func `rows visit no arc that band and window hide`() {
        let causal = Self.problem(rows: 8192, keys: 8192, arcs: 4) { $0.mask.band = .causal }
        #expect(
            causal.rowsByArcs.map { $0.rows } == [0..<2048, 2048..<4096, 4096..<6144, 6144..<8192]
        )
        #expect(causal.rowsByArcs.map { $0.arcs } == [0..<1, 0..<2, 0..<3, 0..<4])
        let last = causal.stages.map { causal.rowParts(of: $0).count }
        #expect(last == [1, 2, 3, 4])
        let window = Self.problem(rows: 8192, keys: 8192, arcs: 4) {
            $0.mask.band = .causal
            $0.mask.pattern = .window(back: 100, ahead: 0)
        }
        #expect(Set(window.rowsByArcs.map { $0.arcs.count }) == [1, 2])
        #expect(window.stages.map { window.rowParts(of: $0).count } == [0, 0, 3, 7])
    }

    @Test(arguments: [
        // rows, keys, causal, workers, arcs
        (16384, 16384, true, 2, 4), (16384, 16384, false, 2, 2), (16384, 16384, true, 1, 1),
        (16384, 16384, true, 8, 8), (4096, 4096, true, 3, 2), (1, 65536, true, 4, 4),
        (100, 2000, false, 9, 1),
    ])
    func `a ring has an arc for each worker, or two where rows see few keys`(
        rows: Int,
        keys: Int,
        isCausal: Bool,
        workers: Int,
        arcs: Int
    ) {
        var problem = Self.problem(rows: rows, keys: keys, arcs: 1) {
            if isCausal { $0.mask.band = .causalBottomRight }
        }
        let cut = problem.cut(by: .ring, workerCount: workers)
        #expect(cut.arcs == arcs)
        #expect(cut.spanKeys == Self.span)
        #expect(arcs <= cut.mostArcs(workerCount: workers))
        problem.mask.lengths = .perBatch
        let uneven = problem.cut(by: .ring, workerCount: workers)
        #expect(uneven.arcs == uneven.mostArcs(workerCount: workers))
        for split in Split.allCases where split != .ring {
            #expect(problem.cut(by: split, workerCount: workers).arcs == nil)
        }
        problem.operation = .linformer(keys: keys)
        problem.mask = .none
        #expect(problem.cut(by: .ring, workerCount: workers).arcs == nil)
    }

    @Test func `arcs without spans, or more of them, are refused`() {
        var problem = Self.problem(rows: 4, keys: 4100, arcs: 3)
        #expect(thrownError { try problem.validate() } == nil)
        problem.arcs = 4
        #expect(thrownError { try problem.validate() }?.field == .arcs)
        problem.arcs = 0
        #expect(thrownError { try problem.validate() }?.field == .arcs)
        problem.arcs = 2
        problem.operation = .linformer(keys: 4100)
        #expect(thrownError { try problem.validate() }?.field == .arcs)
        problem.operation = .attention
        problem.spanKeys = nil
        #expect(thrownError { try problem.validate() }?.field == .arcs)
    }

    @Test(arguments: problems)
    func `the pairs of all visits are those of the whole`(problem: AttentionProblem) throws {
        let inputs = try inputs(problem)
        var pairs = VisiblePairs(problem, inputs.view)
        var sum = 0
        for stage in problem.stages {
            for rows in problem.rowParts(of: stage) {
                for slice in 0..<stage.sliceCount {
                    let count = pairs.count(stage, slice, rows)
                    sum += try #require(count)
                }
            }
        }
        let (lengths, bytes) = (inputs.view.lengths, inputs.view.visibility)
        #expect(sum == problem.visiblePairs(lengths: lengths, visibility: bytes))
    }
}
