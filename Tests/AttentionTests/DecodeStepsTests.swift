import Attention
import TestSupport
import Testing
import Work

/// Rows that are computed one after the other, over a cache that grows.
@Suite struct DecodeStepsTests {
    private static func problem(
        batch: Int = 1,
        heads: Int = 4,
        keyValueHeads: Int? = nil,
        steps: Int,
        cache: Int,
        headDimension: Int = 6,
        _ change: (inout AttentionProblem) -> Void = { _ in }
    ) -> AttentionProblem {
        var problem = makeProblem(
            batch: batch,
            heads: heads,
            keyValueHeads: keyValueHeads,
            queryLength: steps,
            keyLength: cache + steps,
            headDimension: headDimension,
            valueDimension: 19
        )
        problem.mask.band = .causalBottomRight
        problem.operation = .decodeSteps
        change(&problem)
        return problem
    }

    private static let problems: [AttentionProblem] = [
        problem(steps: 1, cache: 1),
        problem(batch: 2, heads: 6, keyValueHeads: 2, steps: 3, cache: 130),
        problem(heads: 5, steps: 40, cache: 9, headDimension: 64),
        problem(heads: 70, keyValueHeads: 1, steps: 2, cache: 40),
        problem(keyValueHeads: 2, steps: 4, cache: 2046),
        problem(heads: 2, keyValueHeads: 1, steps: 3, cache: 4100) { $0.softCap = 2 },
        problem(batch: 2, keyValueHeads: 2, steps: 20, cache: 300) {
            $0.alibi = [0.5, 0.1, 0.01, 0]
            $0.sinks = [1, -2, 0, 3]
            $0.mask.pattern = .window(back: 200, ahead: 0)
        },
        problem(keyValueHeads: 1, steps: 18, cache: 2300) {
            $0.mask.pattern = .longformer(LongformerPattern(window: 40, globals: [3, 2100]))
        },
    ]

    @Test(arguments: InstructionSet.available, problems)
    func `steps have the bits of all rows at once, whole and with cut keys`(
        instructionSet: InstructionSet,
        problem: AttentionProblem
    ) throws {
        let kernel = try requireKernel(instructionSet)
        try problem.validate()
        var together = problem
        together.operation = .attention
        var cut = problem
        cut.spanKeys = AttentionKernel.spanKeys
        try cut.validate()
        let inputs = try AttentionInputs(InputGenerator(cut, seed: 7))
        let right = bits(wholeOutput(inputs, of: together, kernel))
        for threads in [1, 3] {
            for steps in [problem, cut] {
                let output = wholeOutput(inputs, of: steps, kernel, threads: threads)
                #expect(bits(output) == right, "\(threads) threads, cut: \(steps == cut)")
            }
        }
    }

    /// What is not there yet is NaN.
    @Test(arguments: problems, [false, true])
    func `a step reads what is there, and nothing else`(
        problem: AttentionProblem,
        isCut: Bool
    ) throws {
        let kernel = try requireKernel(try #require(InstructionSet.available.last))
        var problem = problem
        problem.spanKeys = isCut ? AttentionKernel.spanKeys : nil
        let inputs = try AttentionInputs(InputGenerator(problem, seed: 7))
        let right = bits(wholeOutput(inputs, kernel))
        let shape = problem.shape
        let cache = shape.keyLength - shape.queryLength
        let numbers = [TensorName.query, .key, .value].map { inputs.floats(of: $0) }
        let columns = [shape.headDimension, shape.headDimension, shape.valueDimension]
        let known = numbers.map { Array($0) }
        let rowsOfSlice = [shape.queryLength, shape.keyLength, shape.keyLength]
        for tensor in 0..<3 {
            for place in numbers[tensor].indices {
                let row = place / columns[tensor] % rowsOfSlice[tensor]
                if tensor == 0 || row >= cache { numbers[tensor][place] = .nan }
            }
        }
        var output = [Float](repeating: .pi, count: problem.byteCount(of: .output) / 4)
        let team = ThreadTeam(threadCount: 2)
        for step in 0..<shape.queryLength {
            for tensor in 0..<3 {
                let own = tensor == 0 ? step : cache + step
                for place in numbers[tensor].indices
                where place / columns[tensor] % rowsOfSlice[tensor] == own {
                    numbers[tensor][place] = known[tensor][place]
                }
            }
            for stage in problem.stages {
                let rows = problem.rows(of: stage, inStep: step)
                let place = stage.offset(slice: 0, row: rows.lowerBound)
                func compute(_ target: UnsafeMutablePointer<Float>) {
                    _ = team.compute(
                        stage,
                        kernel,
                        problem,
                        inputs.view,
                        slices: 0..<stage.sliceCount,
                        rows: rows,
                        output: target + place,
                        outputSliceStride: stage.rowCount * stage.columnCount
                    )
                }
                if stage.output == .output {
                    output.withUnsafeMutableBufferPointer { compute($0.start) }
                } else {
                    compute(inputs.floats(of: stage.output).start)
                }
            }
        }
        #expect(bits(output) == right)
    }

    @Test func `a step counts the keys that are there`() {
        let problem = Self.problem(batch: 2, heads: 6, keyValueHeads: 3, steps: 5, cache: 10)
        let keys = 11 + 12 + 13 + 14 + 15
        #expect(problem.visiblePairs(lengths: nil, visibility: nil) == 2 * 6 * keys)
        // Three heads of keys and values of 6 and 19 columns, and six of queries and outputs.
        #expect(problem.tensorBytes == 2 * 4 * (3 * keys * (6 + 19) + 6 * 5 * (6 + 19)))
        var window = problem
        window.mask.pattern = .window(back: 4, ahead: 0)
        #expect(window.tensorBytes == 2 * 4 * (3 * 5 * 4 * (6 + 19) + 6 * 5 * (6 + 19)))
    }

    @Test func `bytes of many heads are counted at once, unless they see different keys`() {
        func bytes(_ heads: Int, _ pattern: KeyPattern) -> Int {
            Self.problem(heads: heads, steps: 40, cache: 30) { $0.mask.pattern = pattern }
                .tensorBytes
        }
        #expect(bytes(1 << 40, .none) == bytes(1, .none) << 40)
        let layout = BlockLayout(
            block: 70,
            heads: 2,
            rowBlocks: 1,
            keyBlocks: 1,
            isVisible: [true, false]
        )
        // The second head sees nothing.
        let rows = 40 * (6 + 19) * 4
        #expect(bytes(2, .blocks(layout)) == bytes(1, .none) + rows)
    }

    private static let impossible: [@Sendable (inout AttentionProblem) -> Void] = [
        { $0.shape.keyLength = 5 }, { $0.mask.band = .none }, { $0.mask.band = .causal },
        { $0.mask.lengths = .perBatch }, { $0.mask.visibility = .shared },
        { $0.mask.bias = .perHead }, { $0.score = Score(.cosine, scale: 1) },
        { $0.maskedRows = .uniform }, { $0.offset = 1 },
        {
            $0.shape.queryLength = AttentionProblem.largestSteps + 1
            $0.shape.keyLength = 5000
        },
    ]

    @Test func `what has no steps is refused`() throws {
        let problem = Self.problem(steps: 5, cache: 10)
        try problem.validate()
        for (index, change) in Self.impossible.enumerated() {
            var other = problem
            change(&other)
            #expect(thrownError { try other.validate() } != nil, "\(index)")
        }
        var most = problem
        most.shape.queryLength = AttentionProblem.largestSteps
        most.shape.keyLength = AttentionProblem.largestSteps + 1
        try most.validate()
    }

    @Test func `keys are cut where groups of heads are too few for the workers`() {
        let problem = Self.problem(heads: 8, keyValueHeads: 2, steps: 100, cache: 20_000)
        #expect(problem.cut(by: .auto, workerCount: 2).spanKeys == nil)
        #expect(problem.cut(by: .auto, workerCount: 3).spanKeys != nil)
        #expect(problem.cut(by: .keys, workerCount: 1).spanKeys != nil)
    }
}
