import Attention
import TestSupport
import Testing

@testable import Files
@testable import Tensors

/// The scores of a softmax, read from files.
struct ScoresTests {
    private func read(
        _ fixture: TensorFixture,
        as format: FixtureFormat = .npz,
        in folder: borrowing TemporaryFolder
    ) throws -> ExternalTensors {
        try ExternalTensors(reading: fixture.write(format, in: folder), as: .scores)
    }

    private func fixture(_ sizes: [Int]) -> TensorFixture {
        var fixture = TensorFixture()
        fixture.setFloats("scores", sizes)
        return fixture
    }

    @Test(
        arguments: FixtureFormat.allCases,
        [([3, 8, 5], [3, 1, 8, 5]), ([3, 2, 8, 5], [3, 2, 8, 5])]
    )
    func `scores say all sizes, and three axes are one head`(
        format: FixtureFormat,
        sizes: (stored: [Int], axes: [Int])
    ) throws {
        let folder = try TemporaryFolder()
        let tensors = try read(fixture(sizes.stored), as: format, in: folder)
        let shape = tensors.shape
        #expect([shape.batch, shape.heads, shape.queryLength, shape.keyLength] == sizes.axes)
        #expect(tensors.mask == .none)
        #expect(tensors.outputShape == sizes.stored)
        #expect(tensors.otherShape == nil && tensors.layoutDoubt == nil)
        #expect(try tensors.floats(.scores) == ramp(sizes.stored))
    }

    @Test(
        arguments: [("F16", UInt16(0x3c00), 1), ("BF16", 0xc040, -3)] as [(String, UInt16, Float)]
    )
    func `scores of 16 bits are widened`(type: String, bits: UInt16, number: Float) throws {
        let folder = try TemporaryFolder()
        var fixture = TensorFixture()
        fixture.set("scores", type, [1, 2, 3], littleEndian([UInt16](repeating: bits, count: 6)))
        let tensors = try read(fixture, as: .safetensors, in: folder)
        #expect(try tensors.floats(.scores) == [Float](repeating: number, count: 6))
    }

    @Test(
        arguments: [
            ([2, 3, 7], Mask.Pairs.perBatch), ([1, 3, 7], .shared), ([2, 4, 3, 7], .perSlice),
            ([1, 4, 3, 7], .perSlice),
        ]
    )
    func `what is −∞ is hidden, with what a mask hides, and other numbers are counted`(
        sizes: [Int],
        pairs: Mask.Pairs
    ) throws {
        let folder = try TemporaryFolder()
        var scores = ramp(sizes)
        for index in scores.indices where index % 3 == 1 { scores[index] = -.infinity }
        (scores[0], scores[2]) = (.nan, .infinity)
        var fixture = TensorFixture()
        fixture.set("scores", "F32", sizes, littleEndian(scores))
        var tensors = try read(fixture, in: folder)
        #expect(tensors.scoresHide)
        #expect(tensors.mask == Mask(visibility: pairs))
        let shown = try tensors.loaded(.visibility, as: UInt8.self, zero: 9).elements
        #expect(shown == scores.map { $0 == -.infinity ? 0 : 1 })
        let loaded = try tensors.loaded(.scores, as: Float.self, zero: 9)
        #expect(loaded.nonFinite == NonFiniteCount(notANumber: 1, infinite: 1))
        #expect(loaded.elements[0].isNaN && loaded.elements[2] == .infinity)
        #expect(loaded.elements[3...] == scores.map { $0 == -.infinity ? 0 : $0 }[3...])
        // A mask [S] holds for every row.
        let flags = (0..<7).map { UInt8($0 % 2) }
        fixture.set("mask", "BOOL", [7], flags)
        tensors = try read(fixture, in: folder)
        #expect(tensors.mask == Mask(visibility: pairs))
        let both = try tensors.loaded(.visibility, as: UInt8.self, zero: 9).elements
        #expect(both == scores.indices.map { scores[$0] == -.infinity ? 0 : flags[$0 % 7] })
    }

    @Test(arguments: [[8, 5], [5], [1, 3, 2, 8, 5], [3, 0, 5]])
    func `scores of another shape are refused`(sizes: [Int]) throws {
        let folder = try TemporaryFolder()
        expectRefusal(.usage, naming: "tensor scores", "\(sizes)") {
            _ = try read(fixture(sizes), in: folder)
        }
    }

    @Test func `scores of one matrix are refused with what makes them right`() throws {
        let folder = try TemporaryFolder()
        expectRefusal(.usage, naming: "save scores[None]") {
            _ = try read(fixture([8, 5]), in: folder)
        }
    }

    @Test func `what else a softmax cannot take is refused by name`() throws {
        let folder = try TemporaryFolder()
        var bare = fixture([3, 8, 5])
        bare.tensors["scores"] = nil
        bare.setFloats("q", [3, 8, 5])
        expectRefusal(.usage, naming: "scores", "q") { _ = try read(bare, in: folder) }
        for name in ["bias", "sinks"] {
            var other = fixture([3, 8, 5])
            other.setFloats(name, [8, 5])
            expectRefusal(.usage, naming: "tensor \(name)") { _ = try read(other, in: folder) }
        }
        var whole = TensorFixture()
        whole.set("scores", "I32", [1, 1, 2], littleEndian([1, 2] as [Int32]))
        expectRefusal(.usage, naming: "tensor scores", "<i4") { _ = try read(whole, in: folder) }
        var long = fixture([3, 8, 5])
        long.set("lengths", "I32", [4], littleEndian([1, 2, 3, 4] as [Int32]))
        expectRefusal(.usage, naming: "tensor lengths", "[3]") {
            _ = try read(long, in: folder)
        }
        // Who asks for attention learns of the operation.
        expectRefusal(.usage, naming: "--operation masked-softmax") {
            _ = try ExternalTensors(reading: fixture([3, 8, 5]).write(.npz, in: folder))
        }
    }
}
