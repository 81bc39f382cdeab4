import Attention
import TestSupport
import Testing

@testable import Files
@testable import Tensors

/// The inputs of a layer: query, and perhaps key and value.
struct LayerRowsTests {
    private func read(
        _ tensors: [(String, [Int])],
        heads: Int = 4,
        in folder: borrowing TemporaryFolder
    ) throws -> ExternalTensors {
        var fixture = TensorFixture()
        for (name, sizes) in tensors { fixture.setFloats(name, sizes) }
        return try ExternalTensors(
            reading: fixture.write(.npz, in: folder),
            as: .layer(heads: heads)
        )
    }

    @Test(
        arguments: [
            ([("query", [2, 5, 12])], .itself),
            ([("q", [2, 5, 12]), ("k", [2, 7, 12])], .memory),
            ([("query", [2, 5, 12]), ("key", [2, 5, 12])], .memory),
            ([("q", [5, 12]), ("k", [7, 12]), ("v", [7, 12])], .separate),
        ] as [([(String, [Int])], LayerSource)]
    )
    func `tensors say where keys and values come from`(
        given: [(String, [Int])],
        source: LayerSource
    ) throws {
        let folder = try TemporaryFolder()
        let tensors = try read(given, in: folder)
        let (query, key) = (given[0].1, (given.count > 1 ? given[1] : given[0]).1)
        let batch = query.count == 2 ? 1 : 2
        #expect(tensors.source == source)
        #expect(
            tensors.shape
                == AttentionShape(
                    batch: batch,
                    heads: 4,
                    keyValueHeads: 4,
                    queryLength: 5,
                    keyLength: key[key.count - 2],
                    headDimension: 3,
                    valueDimension: 3
                )
        )
        #expect(tensors.outputShape == query)
        #expect(tensors.otherShape != tensors.shape)
        for (tensor, (_, sizes)) in zip([TensorName.query, .key, .value], given) {
            #expect(try tensors.floats(tensor) == ramp(sizes))
        }
    }

    @Test(
        arguments: [
            ([("k", [2, 5, 12])], ["q or query"]),
            ([("q", [2, 5, 12]), ("v", [2, 5, 12])], ["tensor v"]),
            ([("q", [2, 5, 12]), ("k", [3, 5, 12])], ["tensor k", "batch 2"]),
            ([("q", [2, 5, 12]), ("k", [2, 5, 16])], ["tensor k", "12"]),
            ([("q", [2, 5, 12]), ("k", [5, 12])], ["tensor k", "rank 3"]),
            (
                [("q", [2, 5, 12]), ("k", [2, 7, 12]), ("v", [2, 6, 12])],
                ["tensor v", "[2, 7, 12]"]
            ),
            ([("q", [2, 4, 5, 3])], ["tensor q", "[B,L,E]"]), ([("q", [12])], ["tensor q"]),
            ([("q", [2, 5, 14])], ["tensor q", "--heads 4", "1, 2, 7, 14"]),
            ([("q", [1, 1, 4 * 513])], ["tensor q", "512"]),
            ([("q", [2, 5, 12]), ("mask", [5])], ["tensor mask"]),
            ([("in_proj_weight", [36, 12])], ["--layer"]),
        ] as [([(String, [Int])], [String])]
    )
    func `tensors that are no input of a layer are refused`(
        given: [(String, [Int])],
        parts: [String]
    ) throws {
        let folder = try TemporaryFolder()
        expectRefusal(.usage, naming: parts) { _ = try read(given, in: folder) }
    }

    @Test func `rows that stand before the batch are doubted, or named where only they fit`()
        throws
    {
        let folder = try TemporaryFolder()
        #expect(try read([("q", [2, 5, 12])], in: folder).layoutDoubt == nil)
        #expect(try read([("q", [5, 5, 12])], in: folder).layoutDoubt == nil)
        let doubt = try #require(try read([("q", [5, 2, 12])], in: folder).layoutDoubt)
        #expect(doubt.kind == .doubtfulInput && doubt.remedy.contains("swapaxes(0, 1)"))
        #expect(try read([("q", [5, 12])], in: folder).layoutDoubt == nil)
        var fixture = TensorFixture()
        fixture.setFloats("q", [5, 2, 12])
        fixture.set("lengths", "I32", [2], littleEndian([3, 4] as [Int32]))
        expectRefusal(.usage, naming: "tensor lengths", "swapaxes(0, 1)") {
            _ = try ExternalTensors(
                reading: fixture.write(.npz, in: folder),
                as: .layer(heads: 4)
            )
        }
    }

    @Test func `a bias of −∞ hides keys of the heads`() throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture()
        fixture.setFloats("q", [2, 3, 12])
        var bias = ramp([4, 3, 3])
        bias[5] = -.infinity
        fixture.set("bias", "F32", [4, 3, 3], littleEndian(bias))
        fixture.set("sinks", "F32", [4], littleEndian(ramp([4])))
        let tensors = try ExternalTensors(
            reading: fixture.write(.npz, in: folder),
            as: .layer(heads: 4)
        )
        #expect(tensors.mask == Mask(visibility: .perHead, bias: .perHead))
        #expect(try tensors.sinks() == ramp([4]))
        let shown = try tensors.loaded(.visibility, as: UInt8.self, zero: 9).elements
        #expect(shown == bias.map { $0.isFinite ? 1 : 0 })
    }
}
