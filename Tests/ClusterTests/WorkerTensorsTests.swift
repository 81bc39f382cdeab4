import Attention
import Scheduling
import TestSupport
import Testing

@testable import Cluster

/// The tensors of a worker; no number of a message may reach beyond them.
@Suite struct WorkerTensorsTests {
    private static let problem = AttentionProblem(
        shape: .sample(),
        mask: Mask(lengths: .perBatch, visibility: .shared)
    )
    private static let inputs: [TensorName] = [.query, .key, .value, .lengths, .visibility]

    @Test(arguments: inputs)
    func `a piece at the very end fits, one byte later it does not`(tensor: TensorName) throws {
        let tensors = try WorkerTensors(Self.problem)
        let count = Self.problem.byteCount(of: tensor)
        let piece = [UInt8](repeating: 1, count: 4)
        #expect(tensors.place(piece, tensor: tensor, byteOffset: count - 4))
        #expect(!tensors.place(piece, tensor: tensor, byteOffset: count - 3))
        #expect(!tensors.place(piece, tensor: tensor, byteOffset: count))
    }

    @Test(arguments: [-1, .min, .max, .max - 3, 1 << 47])
    func `an impossible offset is refused`(offset: Int) throws {
        let tensors = try WorkerTensors(Self.problem)
        let piece = [UInt8](repeating: 1, count: 4)
        for tensor in Self.inputs {
            #expect(!tensors.place(piece, tensor: tensor, byteOffset: offset))
        }
    }

    @Test func `a piece larger than its tensor is refused`() throws {
        let tensors = try WorkerTensors(Self.problem)
        let piece = [UInt8](repeating: 1, count: Self.problem.byteCount(of: .key) + 1)
        #expect(!tensors.place(piece, tensor: .key, byteOffset: 0))
        #expect(tensors.place(Array(piece.dropFirst()), tensor: .key, byteOffset: 0))
    }

    @Test func `the output and a tensor that the mask lacks are refused`() throws {
        let tensors = try WorkerTensors(AttentionProblem(shape: .sample()))
        let piece: [UInt8] = [1]
        #expect(!tensors.place(piece, tensor: .output, byteOffset: 0))
        #expect(!tensors.place(piece, tensor: .lengths, byteOffset: 0))
        #expect(!tensors.place(piece, tensor: .visibility, byteOffset: 0))
    }

    @Test func `pieces make the inputs the coordinator has`() throws {
        let problem = Self.problem
        let source = try AttentionInputs(InputGenerator(problem, seed: 3))
        let tensors = try WorkerTensors(problem)
        for tensor in Self.inputs {
            let bytes = [UInt8](source.bytes(of: tensor))
            for offset in stride(from: 0, to: bytes.count, by: 7).reversed() {
                let piece = Array(bytes[offset..<min(offset + 7, bytes.count)])
                #expect(tensors.place(piece, tensor: tensor, byteOffset: offset))
            }
        }
        let view = tensors.view
        let count = problem.byteCount(of: .query) / 4
        let placed = UnsafeBufferPointer(start: view.query, count: count)
        let wanted = source.bytes(of: .query).bindMemory(to: Float.self)
        #expect(placed.elementsEqual(wanted))
        #expect(view.lengths?[1] == source.view.lengths?[1])
    }

    @Test func `a worker generates what the coordinator does`() throws {
        let problem = AttentionProblem(shape: .sample(), mask: Mask(band: .causal))
        for kind in ValueKind.allCases where kind != .exactMean {
            let source = try AttentionInputs(InputGenerator(problem, kind: kind, seed: 11))
            let tensors = try WorkerTensors(problem)
            try tensors.generate(kind: kind, seed: 11)
            let made = [tensors.view.query, tensors.view.key, tensors.view.value]
            for (index, tensor) in [TensorName.query, .key, .value].enumerated() {
                let wanted = source.bytes(of: tensor).bindMemory(to: Float.self)
                let placed = UnsafeBufferPointer(start: made[index], count: wanted.count)
                #expect(placed.elementsEqual(wanted), "\(kind) \(tensor)")
            }
        }
    }
}

extension WorkerTensors {
    /// As with a span, which an expectation cannot take.
    fileprivate func place(_ bytes: [UInt8], tensor: TensorName, byteOffset: Int) -> Bool {
        place(bytes.span, tensor: tensor, byteOffset: byteOffset)
    }
}
