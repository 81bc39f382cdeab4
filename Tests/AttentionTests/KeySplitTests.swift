import Attention
import TestSupport
import Testing
import Work

/// Attention whose keys are cut: the states of spans, and their fold.
@Suite struct KeySplitTests {
    private static func problem(
        batch: Int = 1,
        heads: Int = 2,
        keyValueHeads: Int? = nil,
        rows: Int,
        keys: Int,
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
        problem.spanKeys = AttentionKernel.spanKeys
        return problem
    }

    private static let problems: [AttentionProblem] = [
        problem(rows: 1, keys: 1),
        problem(heads: 4, keyValueHeads: 2, rows: 1, keys: 2047),
        problem(batch: 2, heads: 6, keyValueHeads: 2, rows: 3, keys: 2048),
        problem(heads: 32, keyValueHeads: 1, rows: 2, keys: 2049) { $0.softCap = 2 },
        problem(heads: 3, rows: 16, keys: 4100) { $0.score = Score(.cosine, scale: 3) },
        problem(heads: 4, keyValueHeads: 2, rows: 2, keys: 4100) {
            $0.score = Score(.additive(hidden: 5), scale: 1)
        },
        problem(rows: 20, keys: 4100) { $0.score = Score(.gaussianColumns, scale: 0.5) },
        problem(rows: 17, keys: 6200) { $0.mask.bias = .perHead },
        problem(heads: 4, keyValueHeads: 2, rows: 70, keys: 4200) {
            $0.mask.band = .causal
            $0.offset = 4090
            $0.alibi = [0.5, 0.1, 0.01, 0]
        },
        problem(rows: 70, keys: 4200) { $0.mask.band = .causalBottomRight },
        problem(batch: 2, rows: 40, keys: 4200) {
            $0.mask.lengths = .perRow
            $0.maskedRows = .uniform
        },
        problem(batch: 3, heads: 4, keyValueHeads: 1, rows: 2, keys: 4200) {
            $0.mask.lengths = .perBatch
            $0.mask.visibility = .perSlice
            $0.alibi = [0.5, 0.1, 0.01, 0]
            $0.sinks = [1, -2, 0, 3]
        },
        problem(rows: 80, keys: 4200) {
            $0.mask.pattern = .longformer(LongformerPattern(window: 40, globals: [3, 4000]))
            $0.offset = 2030
        },
        problem(heads: 4, keyValueHeads: 2, rows: 5, keys: 2200) {
            $0.operation = .linformer(keys: 2100)
        },
    ]

    /// Inputs of a problem whose keys are cut; some rows see no key, and some none of the first span.
    private func inputs(_ problem: AttentionProblem) throws -> AttentionInputs {
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 7))
        let keys = problem.shape.keyLength
        let edges = [0, 1, 2047, 2048, 2049, keys].map { Int32(min($0, keys)) }
        let count = problem.byteCount(of: .lengths) / 4
        inputs.setLengths((0..<count).map { edges[$0 % edges.count] })
        if problem.mask.visibility != .none {
            let bytes = inputs.bytes(of: .visibility)
            for key in 0..<min(keys, AttentionKernel.spanKeys) { bytes[key] = 0 }
            for key in keys..<min(2 * keys, bytes.count) { bytes[key] = 0 }
        }
        return inputs
    }

    /// The output of the last stage from the states that `inputs` holds.
    private func folded(
        _ inputs: borrowing AttentionInputs,
        _ kernel: AttentionKernel
    ) throws -> [Float] {
        let problem = inputs.problem
        let fold = try #require(problem.stages.last)
        var output = [Float](repeating: .pi, count: problem.byteCount(of: .output) / 4)
        let team = ThreadTeam(threadCount: 1)
        output.withUnsafeMutableBufferPointer {
            _ = team.compute(
                fold,
                kernel,
                problem,
                inputs.view,
                slices: 0..<fold.sliceCount,
                rows: 0..<fold.rowCount,
                output: $0.start,
                outputSliceStride: fold.rowCount * fold.columnCount
            )
        }
        return output
    }

    @Test(arguments: InstructionSet.available, problems)
    func `states and fold have the bits of the whole, with any number of threads`(
        instructionSet: InstructionSet,
        problem: AttentionProblem
    ) throws {
        let kernel = try requireKernel(instructionSet)
        try problem.validate()
        let inputs = try inputs(problem)
        var plain = problem
        plain.spanKeys = nil
        let right = bits(wholeOutput(inputs, of: plain, kernel))
        #expect(bits(wholeOutput(inputs, of: problem, kernel)) == right)
        let states = bits(Array(inputs.floats(of: .states)))
        #expect(bits(wholeOutput(inputs, of: problem, kernel, threads: 3)) == right)
        #expect(bits(Array(inputs.floats(of: .states))) == states)
    }

    @Test(arguments: InstructionSet.available, problems)
    func `any cut of states and fold has the same bits`(
        instructionSet: InstructionSet,
        problem: AttentionProblem
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let inputs = try inputs(problem)
        let right = wholeOutput(inputs, of: problem, kernel)
        let team = ThreadTeam(threadCount: 2)
        var random = SplitMix(seed: 5)
        for stage in problem.stages.suffix(2) {
            let known = stage.work == .fold ? right : Array(inputs.floats(of: .states))
            let columns = stage.columnCount
            for _ in 0..<4 {
                func part(of count: Int, multiple: Int = 1) -> Range<Int> {
                    let lower = Int.random(in: 0..<count, using: &random) / multiple * multiple
                    return lower..<Int.random(in: lower + 1...count, using: &random)
                }
                let slices = part(of: stage.sliceCount)
                let rows = part(of: stage.rowCount)
                var found = [Float](repeating: .pi, count: slices.count * rows.count * columns)
                found.withUnsafeMutableBufferPointer {
                    _ = team.compute(
                        stage,
                        kernel,
                        problem,
                        inputs.view,
                        slices: slices,
                        rows: rows,
                        output: $0.start,
                        outputSliceStride: rows.count * columns
                    )
                }
                let expected = slices.flatMap { slice in
                    let first = slice * stage.rowCount
                    return known[
                        (first + rows.lowerBound) * columns..<(first + rows.upperBound) * columns
                    ]
                }
                #expect(bits(found) == bits(expected), "\(stage.work) \(slices) \(rows)")
            }
        }
    }

    /// 12 rows are two query blocks of the baseline.
    @Test(arguments: InstructionSet.available)
    func `slices that share their keys are computed once`(instructionSet: InstructionSet) throws {
        let kernel = try requireKernel(instructionSet)
        let problem = Self.problem(heads: 4, keyValueHeads: 2, rows: 12, keys: 4100)
        let inputs = try inputs(problem)
        let team = ThreadTeam(threadCount: 2)
        let stage = problem.stages[0]
        var states = [Float](repeating: 0, count: problem.byteCount(of: .states) / 4)
        states.withUnsafeMutableBufferPointer {
            _ = team.compute(
                stage,
                kernel,
                problem,
                inputs.view,
                slices: 0..<4,
                rows: 0..<3,
                output: $0.start,
                outputSliceStride: stage.rowCount * stage.columnCount
            )
        }
        // 2 groups over 3 spans.
        #expect(team.progressCounter.value == 6)
    }

    /// With three spans of values near each other, every order of additions rounds otherwise somewhere.
    @Test(arguments: InstructionSet.available, [1, 40])
    func `a state that is dropped, doubled, stale or folded in another order is noticed`(
        instructionSet: InstructionSet,
        rows: Int
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let problem = Self.problem(rows: rows, keys: 6000)
        let inputs = try inputs(problem)
        let right = bits(wholeOutput(inputs, of: problem, kernel))
        #expect(try bits(folded(inputs, kernel)) == right)
        let states = inputs.floats(of: .states)
        let known = Array(states)
        let count = problem.stateNumbers
        func span(_ index: Int) -> Range<Int> { index * count..<(index + 1) * count }
        func copy(_ from: Int, to target: Int) {
            for (old, new) in zip(span(from), span(target)) { states[new] = known[old] }
        }
        func drop(_ index: Int) {
            for place in span(index) { states[place] = 0 }
            for row in span(index).prefix(rows) { states[row] = -.infinity }
            for row in span(index).dropFirst(rows).prefix(rows) { states[row] = -0.0 }
        }
        let exchange = (
            "the first two exchanged",
            {
                copy(0, to: 1); copy(1, to: 0)
            }
        )
        let faults: [(String, () -> Void)] = [
            ("the first dropped", { drop(0) }), ("the last dropped", { drop(2) }),
            ("one in the place of another", { copy(1, to: 2) }),
            (
                "the last two exchanged",
                {
                    copy(1, to: 2); copy(2, to: 1)
                }
            ),
            (
                "right to left",
                {
                    copy(0, to: 2); copy(2, to: 0)
                }
            ),
            ("another maximum", { states[0] += 1 }), ("another sum", { states[rows] *= 1.0001 }),
            ("another value", { states[2 * rows] *= 1.0001 }),
        ]
        // Without fused multiply-adds, the sum of the first two is the same either way.
        let order = instructionSet == .baseline ? [] : [exchange]
        for (name, spoil) in faults + order {
            spoil()
            #expect(try bits(folded(inputs, kernel)) != right, "\(name)")
            inputs.set(.states, known)
        }
        #expect(try bits(folded(inputs, kernel)) == right)
    }

    @Test func `keys are cut where slices and rows are too few for the workers`() {
        func isCut(
            _ split: Split,
            heads: Int = 8,
            keyValueHeads: Int = 8,
            rows: Int = 1,
            keys: Int = 65536,
            workers: Int
        ) -> Bool {
            var problem = Self.problem(
                heads: heads,
                keyValueHeads: keyValueHeads,
                rows: rows,
                keys: keys
            )
            problem.spanKeys = nil
            return problem.cut(by: split, workerCount: workers).spanKeys != nil
        }
        #expect(isCut(.keys, workers: 1))
        #expect(isCut(.keys, keys: 5, workers: 9))
        for split in [Split.batch, .head, .rows] { #expect(!isCut(split, workers: 64)) }
        #expect(!isCut(.auto, workers: 8))
        #expect(isCut(.auto, workers: 9))
        // Heads of a group read the same keys.
        #expect(isCut(.auto, heads: 32, workers: 9))
        #expect(!isCut(.auto, heads: 32, rows: 17, workers: 32))
        // Blocks of rows are enough.
        #expect(!isCut(.auto, rows: 128, workers: 16))
        #expect(isCut(.auto, rows: 128, workers: 17))
        // Spans are too few, too.
        #expect(!isCut(.auto, keys: 2048, workers: 9))
        #expect(isCut(.auto, keys: 4096, workers: 16))
        #expect(!isCut(.auto, keys: 4096, workers: 17))
    }

    @Test func `what has no keys to cut is refused`() {
        var problem = Self.problem(heads: 2, rows: 4, keys: 4) { $0.operation = .maskedSoftmax }
        #expect(thrownError { try problem.validate() }?.field == .spanKeys)
        problem.operation = .attention
        #expect(thrownError { try problem.validate() } == nil)
        problem.spanKeys = 0
        #expect(thrownError { try problem.validate() }?.field == .spanKeys)
        #expect(problem.cut(by: .auto, workerCount: 1).spanKeys == nil)
        problem.operation = .kernelRegression(.average)
        #expect(problem.cut(by: .keys, workerCount: 1).spanKeys == nil)
    }

    @Test(arguments: problems)
    func `the pairs of all spans are those of the whole`(problem: AttentionProblem) throws {
        let inputs = try inputs(problem)
        let (lengths, bytes) = (inputs.view.lengths, inputs.view.visibility)
        var cut = problem
        cut.spanKeys = AttentionKernel.spanKeys
        // Linformer projects the keys that the rows would see one by one.
        let rows =
            problem.operation.projectedKeys == nil ? RowVisibility(problem, inputs.view) : nil
        var sum = 0
        for slice in 0..<problem.shape.sliceCount {
            let pairs = cut.visiblePairsOfSpans(slice: slice, lengths: lengths, visibility: bytes)
            sum += pairs.reduce(0, +)
            guard let rows else { continue }
            var expected = [Int](repeating: 0, count: cut.spanCount)
            for row in 0..<problem.shape.queryLength {
                for key in rows.visibleKeys(slice: slice, row: row) {
                    expected[key / AttentionKernel.spanKeys] += 1
                }
            }
            #expect(pairs == expected)
        }
        #expect(sum == problem.visiblePairs(lengths: lengths, visibility: bytes))
    }

    @Test(arguments: problems.filter { $0.operation == .attention })
    func `a stage counts the pairs of its own rows or spans`(problem: AttentionProblem) throws {
        let inputs = try inputs(problem)
        var cut = problem
        cut.spanKeys = AttentionKernel.spanKeys
        var pairs = VisiblePairs(cut, inputs.view)
        let (states, fold) = (cut.stages[0], cut.stages[1])
        var sum = 0
        for slice in 0..<problem.shape.sliceCount {
            for span in 0..<cut.spanCount {
                let count = pairs.count(states, slice, span..<span + 1)
                sum += try #require(count)
            }
            let folded = pairs.count(fold, slice, 0..<problem.shape.queryLength)
            #expect(folded == nil)
        }
        let (lengths, bytes) = (inputs.view.lengths, inputs.view.visibility)
        #expect(sum == problem.visiblePairs(lengths: lengths, visibility: bytes))
    }

    @Test(arguments: problems.filter { $0.operation == .attention })
    func `a fold reads the states of its own rows`(problem: AttentionProblem) throws {
        var cut = problem
        cut.spanKeys = AttentionKernel.spanKeys
        let fold = cut.stages[1]
        let all = 0..<problem.shape.queryLength
        var found = [Int](repeating: 0, count: cut.partByteCount(of: .states))
        for row in all {
            let bytes = try #require(cut.bytes(ofRows: row..<row + 1, of: .states, fold))
            for index in bytes.joined() { found[index] += 1 }
        }
        #expect(found.allSatisfy { $0 == 1 })
        let whole = try #require(cut.bytes(ofRows: all, of: .states, fold))
        #expect(whole.reduce(0) { $0 + $1.count } == found.count)
    }
}
