import Attention
import Scheduling
import TestSupport
import Testing
import Wire
import Work

@testable import Cluster

/// Where a worker writes the attempts of a shard, and how they are taken.
@Suite struct SharedOutputTests {
    private static let problem = AttentionProblem(shape: .sample())
    private static let byteCount = problem.byteCount(of: .output)

    private func task(_ attempt: Int, shard: Int = 0, trial: Int = 1) -> TaskIdentity {
        TaskIdentity(trial: trial, shard: shard, attempt: attempt)
    }

    /// The worker's end of the memory, which is open for `problem` from now on, and the gathered
    /// output.
    private func open(
        _ output: SharedOutput,
        _ gathered: GatheredOutputs
    ) throws -> (tensors: WorkerTensors, place: UnsafeMutableRawPointer) {
        var message = Workload(problem: Self.problem, instructionSet: .baseline)
        try output.load(Self.problem, &message)
        let places = try gathered.load(Self.problem, &message)
        let memory = WorkerMemory(
            output: output.memory?.descriptor,
            gathered: gathered.memory.descriptor
        )
        let end = try WorkerOutput(message, memory: memory)
        try output.open()
        gathered.prepareTrial()
        return (try WorkerTensors(Self.problem, output: end), places[0])
    }

    /// The elements that are the sentinel where a task writes.
    private func filled(_ tensors: WorkerTensors, _ task: TaskIdentity) -> [Int] {
        let bytes = tensors.outputBytes(task, 0..<Self.byteCount)
        let elements = bytes.bindMemory(to: UInt32.self)
        return elements.indices.filter { elements[$0] == OutputSentinel.bits }
    }

    private func write(_ tensors: WorkerTensors, _ task: TaskIdentity, _ byte: UInt8) {
        tensors.putOutput(task, [UInt8](repeating: byte, count: Self.byteCount), at: 0)
    }

    private func assembly(_ place: UnsafeMutableRawPointer) -> OutputAssembly {
        OutputAssembly(
            StageLayout(Self.problem),
            shards: [Self.shard.shard],
            outputs: [place]
        )
    }

    /// A shard of two slices and the rows from the second on: two pieces with a gap between them.
    private static let shard = PackedShard(
        Shard(slices: 1..<3, rows: 1..<6),
        in: StageLayout(problem)
    )
    private static var shardElements: [Int] {
        let shape = problem.shape
        return (1..<3).flatMap { slice in
            (1..<6).flatMap { row in
                (0..<2).map { (slice * shape.queryLength + row) * 2 + $0 }
            }
        }
    }

    @Test func `a first attempt is written where output is gathered, and nothing is copied`() throws
    {
        let (output, gathered) = (try SharedOutput(), try GatheredOutputs())
        let (tensors, place) = try open(output, gathered)
        var assembly = assembly(place)
        output.expect(task(1), Self.shard)
        #expect(filled(tensors, task(1)) == Array(0..<Self.byteCount / 4))
        #expect(output.isLate)
        write(tensors, task(1), 7)
        #expect(output.complete(task(1), in: &assembly) == 0)
        output.noteAnswer(to: task(1))
        #expect(!output.isLate && assembly.isComplete(0))
        #expect(place.load(as: UInt32.self) == 0x0707_0707)
    }

    @Test func `a later attempt is copied from the worker's own memory`() throws {
        let (output, gathered) = (try SharedOutput(), try GatheredOutputs())
        let (tensors, place) = try open(output, gathered)
        var assembly = assembly(place)
        output.expect(task(2), Self.shard)
        // Only the shard is filled: the rest belongs to nobody.
        #expect(filled(tensors, task(2)) == Self.shardElements)
        #expect(!output.isLate)
        write(tensors, task(2), 9)
        #expect(filled(tensors, task(1)).count == Self.byteCount / 4)
        #expect(output.complete(task(2), in: &assembly) == Self.shard.byteCount)
        let first = Self.shardElements[0]
        #expect(
            filled(tensors, task(1))
                == (0..<Self.byteCount / 4).filter { !Self.shardElements.contains($0) }
        )
        #expect(place.load(fromByteOffset: 4 * first, as: UInt32.self) == 0x0909_0909)
        #expect(assembly.contradictionCount == 0)
    }

    @Test(arguments: [7, 9] as [UInt8])
    func `a later attempt is compared with the first`(byte: UInt8) throws {
        let (output, gathered) = (try SharedOutput(), try GatheredOutputs())
        let (tensors, place) = try open(output, gathered)
        var assembly = assembly(place)
        for attempt in [1, 2] {
            output.expect(task(attempt), Self.shard)
            write(tensors, task(attempt), attempt == 1 ? 7 : byte)
            #expect(output.mayWrite(task(2)) == (attempt == 1))
            #expect(output.complete(task(attempt), in: &assembly) != nil)
            output.noteAnswer(to: task(attempt))
        }
        #expect(assembly.contradictionCount == (byte == 7 ? 0 : 1))
        #expect(!output.mayWrite(task(3)))
    }

    /// Arithmetic keeps the payload of a NaN, makes it quiet, and may change its sign.
    @Test func `no input gives the sentinel`() {
        let bits: [UInt32] = [
            OutputSentinel.bits, 0xFFC5_E271, 0x7F85_E271, 0x7FC0_0000, 0x7FC5_E270, 0x0005_E271,
            0x3F80_0000, 0x7F80_0000,
        ]
        var values = bits.map { Float(bitPattern: $0) }
        values.withUnsafeMutableBufferPointer { OutputSentinel.remove(from: $0) }
        #expect(values[..<3].allSatisfy { $0.isNaN && $0.bitPattern == 0x7FC0_0000 })
        #expect(values[3...].map(\.bitPattern) == Array(bits[3...]))
    }

    @Test func `another workload knows nothing of former tasks`() throws {
        let (output, gathered) = (try SharedOutput(), try GatheredOutputs())
        _ = try open(output, gathered)
        output.expect(task(1), Self.shard)
        _ = try open(output, gathered)
        #expect(!output.isLate)
        output.noteAnswer(to: task(1))
    }
}
