import Attention
import Scheduling
import TestSupport
import Testing
import Wire
import Work

@testable import Cluster

/// The memory of a worker's output, and when its parts are filled with the sentinel.
@Suite struct SharedOutputTests {
    private static let problem = AttentionProblem(shape: .sample())
    private static let byteCount = problem.byteCount(of: .output)

    private func task(_ trial: Int, _ shard: Int) -> TaskIdentity {
        TaskIdentity(trial: trial, shard: shard, attempt: 1)
    }

    /// The worker's end of the memory, which is open for `problem` from now on.
    private func open(
        _ output: SharedOutput,
        for problem: AttentionProblem = problem
    ) throws -> WorkerTensors {
        var message = Workload(problem: problem, instructionSet: .baseline)
        try output.load(problem, &message)
        let end = try WorkerOutput(message, memory: output.memory?.descriptor)
        try output.open()
        return try WorkerTensors(problem, output: end)
    }

    private func filled(_ tensors: WorkerTensors) -> [Int] {
        let bytes = tensors.outputBytes(0..<tensors.problem.byteCount(of: .output))
        let elements = bytes.bindMemory(to: UInt32.self)
        return elements.indices.filter { elements[$0] == OutputSentinel.bits }
    }

    private func write(_ tensors: WorkerTensors) {
        tensors.putOutput([UInt8](repeating: 7, count: Self.byteCount), at: 0)
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

    @Test func `the whole output is filled at first`() throws {
        let output = try SharedOutput()
        let tensors = try open(output)
        output.prepareTrial()
        #expect(filled(tensors) == Array(0..<Self.byteCount / 4))
    }

    @Test func `then the shards of the worker are filled until it has answered`() throws {
        let output = try SharedOutput()
        let tensors = try open(output)
        output.prepareTrial()
        output.expect(task(1, 0), Self.shard)
        for _ in 0..<2 {
            write(tensors)
            output.prepareTrial()
            #expect(filled(tensors) == Self.shardElements)
        }
        // A late write is overwritten before the next trial.
        output.noteAnswer(to: task(1, 0))
        write(tensors)
        output.prepareTrial()
        #expect(filled(tensors) == Self.shardElements)
        write(tensors)
        output.prepareTrial()
        #expect(filled(tensors).isEmpty)
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

    @Test func `another workload fills the whole output again`() throws {
        let output = try SharedOutput()
        _ = try open(output)
        output.prepareTrial()
        output.expect(task(1, 0), Self.shard)
        let tiny = AttentionProblem(
            shape: .sample(batch: 1, heads: 1, queryLength: 1, valueDimension: 1)
        )
        let tensors = try open(output, for: tiny)
        output.prepareTrial()
        #expect(filled(tensors) == [0])
        output.noteAnswer(to: task(1, 0))
        output.prepareTrial()
    }
}
