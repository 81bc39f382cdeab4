import Attention
import Scheduling
import TestSupport
import Testing
import Work

@testable import Cluster

/// The places of the pieces of a shard's output, and how they make a trial's output.
@Suite struct OutputAssemblyTests {
    /// One output tensor under assembly, and what it is to become.
    private struct Fixture {
        let problem: AttentionProblem
        let shards: [Shard]
        let expected: [UInt8]
        let output: UnsafeMutableRawBufferPointer
        var assembly: OutputAssembly

        init(_ shape: AttentionShape, _ shards: [Shard]) {
            problem = AttentionProblem(shape: shape)
            self.shards = shards
            expected = pattern(problem.byteCount(of: .output))
            output = .allocate(byteCount: problem.byteCount(of: .output), alignment: 4)
            output.initializeMemory(as: UInt8.self, repeating: 0xEE)
            assembly = OutputAssembly(
                StageLayout(problem),
                shards: shards,
                outputs: [output.baseAddress.unsafelyUnwrapped]
            )
        }

        func free() { output.deallocate() }

        /// The shard's part of the tensor as `[slices][rows][Dv]`, cut out element by element.
        func packed(_ index: Int) -> [UInt8] {
            let shape = problem.shape
            let rowBytes = shape.valueDimension * 4
            return shards[index].slices.flatMap { slice in
                shards[index].rows.flatMap { row in
                    let offset = (slice * shape.queryLength + row) * rowBytes
                    return expected[offset..<offset + rowBytes]
                }
            }
        }

        /// Every chunk of every shard: its bytes and where it begins.
        var chunks: [(shard: Int, offset: Int, bytes: [UInt8])] {
            shards.indices.flatMap { index in
                let bytes = packed(index)
                return stride(from: 0, to: bytes.count, by: PackedShard.chunkBytes).map {
                    (index, $0, Array(bytes[$0..<min($0 + PackedShard.chunkBytes, bytes.count)]))
                }
            }
        }
    }

    private static let small = AttentionShape.sample(batch: 1, heads: 3)
    /// Three slices of 600 KB: chunks end inside rows and across slices.
    private static let large = AttentionShape.sample(
        batch: 1,
        heads: 3,
        queryLength: 1000,
        valueDimension: 150
    )

    /// Splits by slices, by rows, and by both.
    private static func shards(_ shape: AttentionShape, _ cut: Int) -> [Shard] {
        let rows = shape.queryLength
        let ranges: [(Range<Int>, Range<Int>)] =
            switch cut {
            case 0: [(0..<3, 0..<rows)]
            case 1: [(0..<1, 0..<rows), (1..<3, 0..<rows)]
            case 2: [(0..<3, 0..<rows / 3), (0..<3, rows / 3..<rows)]
            default: [(0..<2, 0..<2), (2..<3, 0..<2), (0..<1, 2..<rows), (1..<3, 2..<rows)]
            }
        return ranges.map { Shard(slices: $0.0, rows: $0.1) }
    }

    @Test(arguments: [small, large], 0..<4)
    func `chunks in any order make the output`(shape: AttentionShape, cut: Int) {
        var generator = SplitMix(seed: 0x5EED)
        for _ in 0..<3 {
            var fixture = Fixture(shape, Self.shards(shape, cut))
            defer { fixture.free() }
            let chunks = fixture.chunks.shuffled(using: &generator)
            for chunk in chunks {
                #expect(!fixture.assembly.isComplete(chunk.shard))
                let placement = fixture.assembly.place(
                    chunk.bytes,
                    shard: chunk.shard,
                    byteOffset: chunk.offset
                )
                #expect(placement == .placed)
            }
            #expect(fixture.shards.indices.allSatisfy { fixture.assembly.isComplete($0) })
            #expect([UInt8](fixture.output) == fixture.expected)
        }
    }

    @Test(arguments: [small, large], 0..<4)
    func `a shard from shared memory is placed once and compared afterwards`(
        shape: AttentionShape,
        cut: Int
    ) {
        var fixture = Fixture(shape, Self.shards(shape, cut))
        defer { fixture.free() }
        let shards = fixture.shards
        var tensor = fixture.expected
        for shard in shards.indices.reversed() {
            #expect(!fixture.assembly.isComplete(shard))
            #expect(fixture.assembly.place(shard, from: &tensor) == .placed)
            #expect(fixture.assembly.isComplete(shard))
            #expect(fixture.assembly.place(shard, from: &tensor) == .repeated)
            // Its last element.
            let row = (shards[shard].slices.upperBound - 1) * shape.queryLength
            let end = (row + shards[shard].rows.upperBound) * shape.valueDimension * 4
            tensor[end - 1] ^= 1
            for other in shards.indices where other >= shard {
                let placement = fixture.assembly.place(other, from: &tensor)
                #expect(placement == (other == shard ? .contradicted : .repeated))
            }
            tensor[end - 1] ^= 1
        }
        #expect([UInt8](fixture.output) == fixture.expected)
        #expect(fixture.assembly.place(shards.count, from: &tensor) == .misfit)
        #expect(fixture.assembly.place(-1, from: &tensor) == .misfit)
    }

    @Test(arguments: 0..<4)
    func `the large shards are of several chunks, the last one shorter`(cut: Int) {
        let problem = AttentionProblem(shape: Self.large)
        for shard in Self.shards(Self.large, cut) where shard.rows.count > 2 {
            let packed = PackedShard(shard, in: StageLayout(problem))
            let chunks = (0..<packed.chunkCount).map(packed.chunk)
            #expect(chunks.count > 1)
            #expect(chunks.dropLast().allSatisfy { $0.count == PackedShard.chunkBytes })
            #expect((1..<PackedShard.chunkBytes).contains(chunks[chunks.count - 1].count))
            #expect(zip(chunks, chunks.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(chunks.last?.upperBound == packed.byteCount)
        }
    }

    @Test(arguments: [-4, 0, 4])
    func `a shard of a whole chunk, or nearly, has no empty chunk`(difference: Int) {
        let columns = (PackedShard.chunkBytes + difference) / 4
        let shape = AttentionShape.sample(
            batch: 1,
            heads: 1,
            queryLength: 1,
            valueDimension: columns
        )
        let packed = PackedShard(
            Shard(slices: 0..<1, rows: 0..<1),
            in: StageLayout(AttentionProblem(shape: shape))
        )
        #expect(packed.byteCount == PackedShard.chunkBytes + difference)
        #expect(packed.chunkCount == (difference > 0 ? 2 : 1))
        #expect(!packed.chunk(packed.chunkCount - 1).isEmpty)
    }

    @Test(arguments: 0..<4)
    func `a second result is compared and not written`(cut: Int) {
        var fixture = Fixture(Self.large, Self.shards(Self.large, cut))
        defer { fixture.free() }
        let chunks = fixture.chunks
        for chunk in chunks {
            var wrong = chunk.bytes
            wrong[wrong.count - 1] ^= 1
            let placements = [chunk.bytes, chunk.bytes, wrong, chunk.bytes].map {
                fixture.assembly.place($0, shard: chunk.shard, byteOffset: chunk.offset)
            }
            #expect(placements == [.placed, .repeated, .contradicted, .repeated])
        }
        #expect([UInt8](fixture.output) == fixture.expected)
    }

    /// Workers with different instruction sets may make different bits of the same piece.
    @Test(arguments: 0..<4)
    func `a second result is compared with one of the same instruction set`(cut: Int) {
        var fixture = Fixture(Self.large, Self.shards(Self.large, cut))
        defer { fixture.free() }
        for chunk in fixture.chunks {
            var other = chunk.bytes
            other[0] ^= 1
            for (set, bytes, expected) in [
                (.avx2, chunk.bytes, .placed), (.avx512, other, .repeated),
                (.avx512, chunk.bytes, .repeated), (.avx2, other, .contradicted),
                (.avx2, chunk.bytes, .repeated),
            ] as [(InstructionSet, [UInt8], OutputAssembly.Placement)] {
                fixture.assembly.instructionSet = set
                let placement = fixture.assembly.place(
                    bytes,
                    shard: chunk.shard,
                    byteOffset: chunk.offset
                )
                #expect(placement == expected)
            }
        }
        #expect([UInt8](fixture.output) == fixture.expected)
        #expect(fixture.assembly.contradictionCount == fixture.chunks.count)
    }

    @Test func `a difference in the first of several pieces is seen`() {
        var fixture = Fixture(Self.small, Self.shards(Self.small, 2))
        defer { fixture.free() }
        let right = fixture.packed(0)
        var wrong = right
        wrong[0] ^= 0x80
        #expect(fixture.assembly.place(right, shard: 0, byteOffset: 0) == .placed)
        #expect(fixture.assembly.place(wrong, shard: 0, byteOffset: 0) == .contradicted)
    }

    @Test func `a piece that fits no place changes nothing`() {
        let chunk = PackedShard.chunkBytes
        var fixture = Fixture(Self.large, Self.shards(Self.large, 1))
        defer { fixture.free() }
        let last = fixture.assembly.byteCount(ofShard: 1) % chunk
        let lastOffset = fixture.assembly.byteCount(ofShard: 1) - last
        let misfits: [(shard: Int, offset: Int, count: Int)] = [
            (-1, 0, chunk), (2, 0, chunk), (.max, 0, chunk),
            (0, -chunk, chunk), (0, 4, chunk), (0, chunk - 4, chunk), (0, chunk * 3, chunk),
            (0, .max, chunk), (0, .max / chunk * chunk, chunk), (0, .min, chunk),
            (0, 0, chunk - 4), (0, 0, chunk + 4), (0, 0, 0), (0, 0, 1),
            (1, lastOffset, last - 4), (1, lastOffset, last + 4), (1, lastOffset, chunk),
        ]
        for misfit in misfits {
            let bytes = [UInt8](repeating: 0x11, count: misfit.count)
            let placement = fixture.assembly.place(
                bytes,
                shard: misfit.shard,
                byteOffset: misfit.offset
            )
            #expect(placement == .misfit, "\(misfit)")
        }
        #expect(fixture.output.allSatisfy { $0 == 0xEE })
        #expect(!fixture.assembly.isComplete(0))
        #expect(!fixture.assembly.isComplete(-1))
        #expect(!fixture.assembly.isComplete(2))
    }
}

extension OutputAssembly {
    /// As with a span, which an expectation cannot take.
    fileprivate mutating func place(
        _ bytes: [UInt8],
        shard: Int,
        byteOffset: Int
    ) -> Placement {
        place(bytes.span, shard: shard, byteOffset: byteOffset)
    }
}
