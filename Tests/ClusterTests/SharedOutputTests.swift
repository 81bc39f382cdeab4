import Attention
import Scheduling
import Testing
import Work

@testable import Cluster

/// The memory in which a worker's output stands, and what is filled with the sentinel when.
@Suite struct SharedOutputTests {
    private static let problem = AttentionProblem(shape: .sample())
    private static let byteCount = problem.byteCount(of: .output)

    private func task(_ trial: Int, _ shard: Int) -> TaskIdentity {
        TaskIdentity(trial: trial, shard: shard, attempt: 1)
    }

    private func opened() throws -> SharedOutput {
        let output = try SharedOutput()
        _ = try output.makeRoom(byteCount: Self.byteCount)
        try output.open()
        return output
    }

    private func elements(_ output: SharedOutput) throws -> UnsafeMutableBufferPointer<UInt32> {
        let base = try #require(output.base)
        return UnsafeMutableBufferPointer(
            start: base.assumingMemoryBound(to: UInt32.self),
            count: Self.byteCount / 4
        )
    }

    /// A shard of two slices and the rows from the second on: two pieces with a gap between them.
    private static let shard = PackedShard(
        shard: Shard(slices: 1..<3, rows: 1..<6),
        problem: problem
    )
    private static var shardElements: [Int] {
        let shape = problem.shape
        return (1..<3).flatMap { slice in
            (1..<6).flatMap { row in
                (0..<2).map { (slice * shape.queryLength + row) * 2 + $0 }
            }
        }
    }

    @Test func `all of it is filled at first`() throws {
        let output = try opened()
        output.fillWritten()
        #expect(try elements(output).allSatisfy { $0 == OutputSentinel.bits })
    }

    @Test func `then what was given to the worker, until it has answered`() throws {
        let output = try opened()
        output.fillWritten()
        let elements = try elements(output)
        func filled() -> [Int] {
            elements.indices.filter { elements[$0] == OutputSentinel.bits }
        }
        output.expect(task(1, 0), Self.shard)
        for _ in 0..<2 {
            elements.update(repeating: 7)
            output.fillWritten()
            #expect(filled() == Self.shardElements)
        }
        // A late write stands no longer than to the next trial.
        output.noteAnswer(to: task(1, 0))
        elements.update(repeating: 7)
        output.fillWritten()
        #expect(filled() == Self.shardElements)
        elements.update(repeating: 7)
        output.fillWritten()
        #expect(filled().isEmpty)
    }

    /// Arithmetic passes a NaN on with its payload, with either sign, and made quiet.
    @Test func `no input passes for the sentinel`() {
        let bits: [UInt32] = [
            OutputSentinel.bits, 0xFFC5_E271, 0x7F85_E271, 0x7FC0_0000, 0x7FC5_E270, 0x0005_E271,
            0x3F80_0000, 0x7F80_0000,
        ]
        var values = bits.map { Float(bitPattern: $0) }
        values.withUnsafeMutableBufferPointer { OutputSentinel.remove(from: $0) }
        #expect(values[..<3].allSatisfy { $0.isNaN && $0.bitPattern == 0x7FC0_0000 })
        #expect(values[3...].map(\.bitPattern) == Array(bits[3...]))
    }

    @Test func `another workload begins anew`() throws {
        let output = try opened()
        output.fillWritten()
        output.expect(task(1, 0), Self.shard)
        _ = try output.makeRoom(byteCount: 4)
        try output.open()
        output.fillWritten()
        let base = try #require(output.base)
        #expect(base.load(as: UInt32.self) == OutputSentinel.bits)
        output.noteAnswer(to: task(1, 0))
        output.fillWritten()
    }
}
