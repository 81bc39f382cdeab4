import Attention
import Platform
import Testing

/// A layer as the stages that a cluster shares.
@Suite struct LayerStagesTests {
    private static let operations: [Operation] = [
        .multiHead(.fused, .itself), .multiHead(.fused, .memory), .multiHead(.shared, .itself),
        .multiHead(.shared, .memory), .multiHead(.fused, .separate),
    ]

    private func problem(_ operation: Operation) -> AttentionProblem {
        var isItself = false
        if case .multiHead(_, .itself) = operation { isItself = true }
        var problem = makeProblem(
            batch: 2,
            heads: 3,
            queryLength: 70,
            keyLength: isItself ? 70 : 90,
            headDimension: 12,
            mask: Mask(lengths: .perBatch, visibility: .perHead, bias: .shared)
        )
        problem.operation = operation
        problem.sinks = [0.5, 0, -1]
        return problem
    }

    @Test(arguments: InstructionSet.available, operations)
    func `stages have the bits of the layer, however they are cut`(
        instructionSet: InstructionSet,
        operation: Operation
    ) throws {
        let kernel = try requireKernel(instructionSet)
        let problem = problem(operation)
        try problem.validate()
        let layer = try #require(problem.layer)
        try layer.validate()
        // Large values have biases that are not zero.
        let inputs = try AttentionInputs(InputGenerator(problem, kind: .large, seed: 3))
        let team = ThreadTeam(threadCount: 2)
        let count = layer.tokenCount * layer.embedding
        let scratch = try LayerScratch(layer, slices: 6, threadCount: 2)
        var heads = [Float](repeating: .pi, count: count)
        var output = [Float](repeating: .pi, count: count)
        heads.withUnsafeMutableBufferPointer { heads in
            output.withUnsafeMutableBufferPointer { output in
                _ = team.computeLayer(
                    kernel,
                    layer,
                    inputs.view.layer,
                    heads: heads.start,
                    output: output.start,
                    scratch: scratch
                )
            }
        }
        var whole = [Float](repeating: .pi, count: count)
        whole.withUnsafeMutableBufferPointer {
            _ = team.forwardWhole(kernel, problem, inputs.view, output: $0.start)
        }
        #expect(bits(whole) == bits(output))
        #expect(bits(Array(inputs.floats(of: .heads))) == bits(heads))
        let (first, last) = (problem.stages[0], problem.stages[1])
        var part = [Float](repeating: .pi, count: count)
        part.withUnsafeMutableBufferPointer { part in
            for slices in [4..<6, 0..<1, 1..<4] {
                _ = team.compute(
                    first,
                    kernel,
                    problem,
                    inputs.view,
                    slices: slices,
                    rows: 0..<70,
                    output: part.start + first.offset(slice: slices.lowerBound, row: 0),
                    outputSliceStride: 70 * 12
                )
            }
        }
        #expect(bits(part) == bits(heads))
        part.withUnsafeMutableBufferPointer { part in
            for (slice, rows) in [(1, 0..<33), (0, 0..<70), (1, 33..<70)] {
                _ = team.compute(
                    last,
                    kernel,
                    problem,
                    inputs.view,
                    slices: slice..<slice + 1,
                    rows: rows,
                    output: part.start + last.offset(slice: slice, row: rows.lowerBound),
                    outputSliceStride: 70 * layer.embedding
                )
            }
        }
        #expect(bits(part) == bits(output))
    }

    @Test(arguments: operations)
    func `verification notices a layer without one of its parameters`(
        operation: Operation
    ) throws {
        let problem = problem(operation)
        let inputs = try AttentionInputs(InputGenerator(problem, kind: .large, seed: 3))
        let team = ThreadTeam(threadCount: 1)
        func output() -> [Float] {
            var output = [Float](repeating: .pi, count: problem.byteCount(of: .output) / 4)
            output.withUnsafeMutableBufferPointer {
                _ = team.forwardWhole(.best, problem, inputs.view, output: $0.start)
            }
            return output
        }
        func status(
            _ output: [Float],
            _ cancellation: Cancellation? = nil
        ) throws -> VerificationStatus {
            try output.withUnsafeBufferPointer {
                try Verifier(
                    problem,
                    inputs.view,
                    valueKind: .large,
                    seed: 3,
                    mode: .full,
                    queryBlock: 32,
                    cancellation: cancellation
                ).verify(output: $0.start, singleProcessOutput: nil).status
            }
        }
        #expect(try status(output()) == .agrees)
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(try status(output(), cancellation) == .unchecked)
        let tensors = TensorName.floats.filter {
            problem.partCount(of: $0) > 0 && $0 != .query
        }
        for tensor in tensors {
            let right = Array(inputs.floats(of: tensor))
            inputs.set(tensor, right.map { _ in 0 })
            let wrong = output()
            inputs.set(tensor, right)
            #expect(try status(wrong) == .disagrees, "without \(tensor)")
        }
    }

    @Test func `what a layer cannot be is refused`() {
        var problem = problem(.multiHead(.fused, .itself))
        problem.shape.keyLength = 80
        #expect(thrownError { try problem.validate() } == .layerOfLengths)
        problem.operation = .multiHead(.fused, .memory)
        #expect(thrownError { try problem.validate() } == nil)
        problem.shape.valueDimension = 13
        #expect(thrownError { try problem.validate() } == .layerOfSizes)
    }
}
