import Attention
import Glibc
import TestSupport
import Testing
import Wire

@testable import Cluster
@testable import Platform

/// The memory in which outputs of earlier stages are gathered, as the coordinator and a worker see it.
@Suite struct GatheredOutputsTests {
    private static func problem(queryLength: Int = 30) -> AttentionProblem {
        var problem = AttentionProblem(shape: .sample(queryLength: queryLength, keyLength: 40))
        problem.operation = .linformer(keys: 7)
        return problem
    }

    /// Where the coordinator gathers the outputs of `problem`, and what a worker reads.
    private func load(
        _ gathered: GatheredOutputs,
        _ problem: AttentionProblem
    ) throws -> (places: [UnsafeMutableRawPointer], tensors: WorkerTensors, message: Workload) {
        var message = Workload(problem: problem, instructionSet: .baseline)
        let places = try gathered.load(problem, &message)
        let tensors = try WorkerTensors(
            problem,
            output: WorkerOutput(message, memory: WorkerMemory()),
            earlier: TensorsToRead.earlierOutputs(message, memory: gathered.memory.descriptor)
        )
        return (places, tensors, message)
    }

    private func words(_ tensor: TensorName, _ tensors: WorkerTensors) throws -> [UInt32] {
        let count = tensors.problem.byteCount(of: tensor) / 4
        let pointer = try #require(tensors.view[tensor])
        return (0..<count).map { pointer.load(fromByteOffset: $0 * 4, as: UInt32.self) }
    }

    @Test func `a worker reads each stage's output where it is gathered`() throws {
        let problem = Self.problem()
        let gathered = try GatheredOutputs()
        defer { withExtendedLifetime(gathered) {} }
        let (places, tensors, _) = try load(gathered, problem)
        gathered.prepareTrial()
        let names: [TensorName] = [.projectedKey, .projectedValue]
        #expect(places.count == names.count + 1)
        for name in names {
            #expect(try words(name, tensors).allSatisfy { $0 == OutputSentinel.bits })
        }
        for (index, name) in names.enumerated() {
            let count = problem.byteCount(of: name) / 4
            let written = (0..<count).map { UInt32($0 + 1000 * index) }
            places[index].copyMemory(from: written, byteCount: count * 4)
        }
        for (index, name) in names.enumerated() {
            let read = try words(name, tensors)
            #expect(read == read.indices.map { UInt32($0 + 1000 * index) })
        }
        // Tensors that are no output of a stage are the worker's own.
        let bytes: [UInt8] = [1, 2, 3, 4]
        let isPlaced = tensors.place(bytes.span, tensor: .key, byteOffset: 0)
        #expect(isPlaced)
        #expect(try words(.key, tensors).first == 0x0403_0201)
    }

    /// A write into it would end this process, so the system is asked to write there.
    @Test func `a worker cannot write there`() throws {
        let gathered = try GatheredOutputs()
        defer { withExtendedLifetime(gathered) {} }
        let (places, tensors, _) = try load(gathered, Self.problem())
        let read = try #require(tensors.view[.projectedKey])
        let zeros = open("/dev/zero", O_RDONLY)
        defer { close(zeros) }
        try #require(zeros >= 0)
        #expect(Glibc.read(zeros, places[0], 4) == 4)
        #expect(Glibc.read(zeros, UnsafeMutableRawPointer(mutating: read), 4) == -1)
        #expect(errno == EFAULT)
    }

    @Test func `another workload has memory of its own, and the former is freed`() throws {
        let gathered = try GatheredOutputs()
        let former = try load(gathered, Self.problem())
        former.places[0].storeBytes(of: 7, as: UInt32.self)
        let next = try load(gathered, Self.problem(queryLength: 31))
        let offsets = try [former, next].map { try #require($0.message.gatheredOffset) }
        #expect(offsets[1] >= offsets[0] + former.tensors.layout.byteCount)
        let pages = (next.tensors.layout.byteCount + 4095) / 4096
        var status = stat()
        try #require(fstat(gathered.memory.descriptor, &status) == 0)
        #expect(status.st_blocks <= pages * 8)
        // A former worker may still read there, without harm.
        #expect(try words(.projectedKey, former.tensors)[0] == 0)
    }
}
